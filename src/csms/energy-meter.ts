/**
 * Energy delivered in a session, from a register that cannot be trusted: labelled Wh but counting
 * kWh, starting again with each session, jumping, falling back (field problem 30).
 *
 * Only a transaction delivers. It is anchored at its own start register: what the register did before
 * (a reset, a meter that was replaced, a reading that was never sent) counts for nothing.
 *
 * A reading is believed when the difference to the last one could have flowed in the time between.
 * If not, it is held back: the next reading decides whether the register jumped (both agree) or the
 * reading was wrong. A register that fits after a factor of 1000 is taken with that factor.
 */
export interface Anchor {
  /** Delivered in the session before this transaction. */
  readonly beforeWh: number
  /** Register at the start as the station labels it; `null` = not known (yet). */
  startWh: number | null
  readonly startMs: number
  /** First believed reading of the transaction and its time; `null` = none yet. */
  first: { readonly wh: number; readonly atMs: number } | null
}

export interface EnergyMeter {
  /** Last believed reading, in Wh after scaling; `null` = none yet. */
  lastWh: number | null
  lastAtMs: number
  /** Reading that did not fit and may be the start of a new count. */
  suspectWh: number | null
  /** 1, 1000 (a kWh register without its k) or 0.001. */
  scale: number
  /** Since the session began. */
  deliveredWh: number
  /** The transaction whose energy counts; `null` between transactions: nothing counts. */
  anchor: Anchor | null
  /** Measured power over time since the scale was last in doubt, watt-hours. */
  expectedWh: number
  countedWh: number
  scaleProven: boolean
  /** Readings that were not believed, since the start of the process. */
  implausible: number
}

export const newEnergyMeter = (): EnergyMeter => ({
  lastWh: null,
  lastAtMs: 0,
  suspectWh: null,
  scale: 1,
  deliveredWh: 0,
  anchor: null,
  expectedWh: 0,
  countedWh: 0,
  scaleProven: false,
  implausible: 0,
})

/** A new session counts from zero; what is known of the register stays. */
export const startCount = (meter: EnergyMeter, deliveredWh = 0): void => {
  meter.deliveredWh = deliveredWh
}

/**
 * A transaction starts: it counts from its own register. `startWh` `null`: not known; it counts from
 * its first reading then, unless the start becomes known later (`lateStart`).
 */
export const anchorMeter = (meter: EnergyMeter, startWh: number | null, startMs: number): void => {
  const wh = startWh === null ? null : scaledStart(meter, startWh)
  meter.anchor = {
    beforeWh: meter.deliveredWh,
    startWh,
    startMs,
    first: wh === null ? null : { wh, atMs: startMs },
  }
  meter.suspectWh = null
  meter.lastWh = wh
  meter.lastAtMs = startMs
}

/** The start register of the running transaction became known after its first readings. */
export const lateStart = (
  meter: EnergyMeter,
  startWh: number,
  startMs: number,
  maxPowerW: number,
): void => {
  const { anchor } = meter
  if (anchor === null || anchor.startWh !== null) return
  if (anchor.first === null) return anchorMeter(meter, startWh, startMs)
  anchor.startWh = startWh
  const wh = scaledStart(meter, startWh)
  const hours = Math.max(0, anchor.first.atMs - startMs) / 3_600_000
  if (fits(anchor.first.wh, wh, roomOf(maxPowerW, hours))) meter.deliveredWh += anchor.first.wh - wh
}

/**
 * The transaction ends. Its own two registers say what it delivered, if that can have flowed in
 * `durationMs`; otherwise what was counted stands. Nothing counts until the next anchor.
 */
export const settleMeter = (
  meter: EnergyMeter,
  stopWh: number | null,
  durationMs: number,
  maxPowerW: number,
): void => {
  const { anchor } = meter
  meter.anchor = null
  if (anchor === null || stopWh === null || anchor.startWh === null) return
  const roomWh = roomOf(maxPowerW, Math.max(0, durationMs) / 3_600_000)
  const movedWh = stopWh - anchor.startWh
  const countedWh = meter.deliveredWh - anchor.beforeWh
  const candidates = (meter.scale === 1 ? [1] : [1, meter.scale])
    .map((factor) => movedWh * factor)
    // A register that fell back has lost its count: the samples know better.
    .filter((wh) => wh >= 0 && wh <= roomWh && wh >= countedWh - SLACK_WH)
    .sort((a, b) => Math.abs(a - countedWh) - Math.abs(b - countedWh))
  if (candidates.length === 0) return
  meter.deliveredWh = anchor.beforeWh + candidates[0]
}

/** A transaction that seemed to be over goes on: what it delivered until then stands. */
export const resumeMeter = (meter: EnergyMeter, atMs: number): void => {
  const { lastWh, lastAtMs, deliveredWh } = meter
  const first = lastWh === null ? null : { wh: lastWh, atMs: lastAtMs }
  meter.anchor = { beforeWh: deliveredWh, startWh: null, startMs: atMs, first }
}

/** Stations that mislabel their samples may give the start in true Wh: what is nearer counts. */
const scaledStart = ({ scale, lastWh }: EnergyMeter, startWh: number): number =>
  lastWh !== null && Math.abs(startWh - lastWh) < Math.abs(startWh * scale - lastWh)
    ? startWh
    : startWh * scale

/** Meters round, and the first reading may be seconds older than it says. */
const SLACK_WH = 200
const SLACK_FACTOR = 1.25
/** Energy by which the scale of a register can be told. */
const PROOF_WH = 300

/**
 * Takes a reading of the register. `rawWh` as labelled; `maxPowerW` is the rating of the EVSE.
 * Returns the watt-hours that it adds to the session (>= 0; between transactions always 0).
 */
export const readRegister = (
  meter: EnergyMeter,
  rawWh: number,
  atMs: number,
  maxPowerW: number,
): number => {
  if (!Number.isFinite(rawWh) || rawWh < 0) {
    meter.implausible++
    return 0
  }
  const { lastWh } = meter
  if (lastWh === null) return accept(meter, rawWh * meter.scale, atMs, 0)
  const hours = Math.max(0, atMs - meter.lastAtMs) / 3_600_000
  const roomWh = roomOf(maxPowerW, hours)
  const readingWh = rawWh * meter.scale
  if (fits(readingWh, lastWh, roomWh)) return accept(meter, readingWh, atMs, readingWh - lastWh)
  if (!meter.scaleProven) {
    for (const factor of [1_000, 0.001]) {
      // A small register proves nothing: 3 could be anything.
      if (lastWh < 10_000 || !fits(readingWh * factor, lastWh - SLACK_WH, roomWh + SLACK_WH))
        continue
      meter.scale *= factor
      return accept(meter, readingWh * factor, atMs, Math.max(0, readingWh * factor - lastWh))
    }
  }
  return doubt(meter, readingWh, atMs, roomWh)
}

/** What can have flowed, Wh. */
const roomOf = (maxPowerW: number, hours: number): number =>
  maxPowerW * hours * SLACK_FACTOR + SLACK_WH

const fits = (wh: number, lastWh: number, roomWh: number): boolean =>
  wh >= lastWh && wh - lastWh <= roomWh

const accept = (meter: EnergyMeter, wh: number, atMs: number, addedWh: number): number => {
  meter.lastWh = wh
  meter.lastAtMs = Math.max(meter.lastAtMs, atMs)
  meter.suspectWh = null
  meter.countedWh += addedWh
  if (meter.anchor === null) return 0
  meter.anchor.first ??= { wh, atMs }
  meter.deliveredWh += addedWh
  return addedWh
}

const doubt = (meter: EnergyMeter, wh: number, atMs: number, roomWh: number): number => {
  meter.implausible++
  const { suspectWh } = meter
  if (suspectWh === null || !fits(wh, suspectWh, roomWh)) {
    meter.suspectWh = wh
    return 0
  }
  // The register started again: what it shows since then has flowed, if it can have.
  return accept(meter, wh, atMs, wh - suspectWh + (suspectWh <= roomWh ? suspectWh : 0))
}

/**
 * Compares the register with the measured power: `powerW` was drawn for `elapsedMs`. After 300 Wh
 * the two must agree within a factor of three, or a thousand times that.
 */
export const proveScale = (meter: EnergyMeter, powerW: number, elapsedMs: number): void => {
  if (meter.scaleProven || !(powerW > 0) || meter.lastWh === null) return
  meter.expectedWh += (powerW * Math.min(elapsedMs, 900_000)) / 3_600_000
  if (meter.expectedWh < PROOF_WH) return
  const ratio = meter.countedWh / meter.expectedWh
  if (ratio > 1 / 3 && ratio < 3) meter.scaleProven = true
  else if (ratio > 1 / 3_000 && ratio < 3 / 1_000) {
    meter.scale *= 1_000
    meter.lastWh *= 1_000
    if (meter.anchor !== null) {
      const countedWh = Math.min(meter.countedWh, meter.deliveredWh - meter.anchor.beforeWh)
      meter.deliveredWh += countedWh * 999
    }
    meter.scaleProven = true
  }
  meter.expectedWh = 0
  meter.countedWh = 0
}
