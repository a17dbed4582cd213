import type { DrawHistory } from '../engine/draw-history.ts'
import { createMeterDelay, LONGEST_DELAY_S, type DelayRange } from '../engine/meter-delay.ts'
import { contradictionOf, createMeterTrust, type Finding } from '../engine/meter-trust.ts'
import { createResidual, type Bounds } from '../engine/residual.ts'
import type { Reading } from '../domain/reading.ts'

/** What is assumed of what hangs below a metered node, per row (three lines, watts). */
export interface NodeBounds {
  readonly prior: readonly number[]
  /** Least uncontrolled load that counts until the meter has been seen to measure the devices. */
  readonly design: readonly number[]
  readonly sources: readonly number[]
  readonly feedIn: readonly number[]
  readonly implausible: readonly number[]
}

export interface NodeMeter {
  /** Takes the newest reading of the meter; the same one again changes nothing. */
  read(
    times: Pick<Reading, 'receivedAtMs' | 'measuredAtMs'>,
    rows: readonly (number | null)[],
  ): void
  update(nowMs: number, bounds: NodeBounds, holdMs: number): void
  /** Uncontrolled load of a row; `null` = not known by this meter. */
  estimate(row: number): number | null
  /** Why the meter is not believed; `null` = it is. */
  finding(): Finding | null
  /** How old its readings are, by what was seen. */
  delay(): DelayRange
}

const ROWS = [0, 1, 2, 3] as const
const DELAY_EVERY_MS = 10_000
/** Samples of the devices have come, and the longest delay has passed, so long after a reading. */
const SETTLED_MS = 20_000
const COMPARE_MS = 30_000
/** A reading that repeats so often while the devices move is no measurement. */
const FROZEN_READINGS = 5
const FROZEN_A = 4
/** A meter that agrees with devices which draw so much has shown that it sees them. */
const PROOF_A = 5

/**
 * A node's meter beside the draws of the devices below it: how old its readings are, what they leave
 * for the uncontrolled loads, and whether they can be true.
 */
export const createNodeMeter = (history: DrawHistory, node: number): NodeMeter => {
  const residual = createResidual(ROWS.length)
  const delays = createMeterDelay()
  const trust = createMeterTrust()
  const bounds: Bounds = {
    low: (row, fromMs, toMs) => history.low(node, row, fromMs, toMs),
    high: (row, fromMs, toMs) => history.high(node, row, fromMs, toMs),
    silent: (row, fromMs, toMs) => history.silent(node, row, fromMs, toMs),
  }
  const instant = {
    low: (row: number, atMs: number) => history.low(node, row, atMs - 1000, atMs + 1000),
    high: (row: number, atMs: number) =>
      history.high(node, row, atMs - 1000, atMs + 1000) +
      history.silent(node, row, atMs - 1000, atMs + 1000),
  }
  const exact = {
    low: (row: number, atMs: number) => history.low(node, row, atMs, atMs),
    high: (row: number, atMs: number) =>
      history.high(node, row, atMs, atMs) + history.silent(node, row, atMs, atMs),
  }
  let lastMs = -Infinity
  let lastMeasuredMs = -Infinity
  let newest: readonly (number | null)[] = []
  let statedS: number | null = null
  let learnedMs = -Infinity
  let isProven = false
  let range: DelayRange = delays.range(null)

  const learnDelay = (nowMs: number): void => {
    const untilMs = nowMs - SETTLED_MS
    if (untilMs - learnedMs < DELAY_EVERY_MS) return
    const fromMs = Math.max(learnedMs, history.sinceMs() + LONGEST_DELAY_S * 1000)
    const totals = residual.between(fromMs, untilMs)
    if (totals.length < 2) return
    const lines = [0, 1, 2].filter((row) => totals.some(({ rows }) => rows[row] !== null))
    delays.observe(totals, lines.length > 0 ? lines : [3], exact)
    // The next ones begin with the last of these.
    learnedMs = totals[totals.length - 1].atMs - 1
  }

  const compare = (nowMs: number, node: NodeBounds): Finding[] => {
    const found: Finding[] = []
    const totals = residual.between(nowMs - COMPARE_MS, nowMs)
    for (const { atMs, rows } of totals) {
      const fromMs = atMs - range.toS * 1000 - 1000
      const toMs = atMs - range.fromS * 1000 + 1000
      const low = ROWS.map((row) => bounds.low(row, fromMs, toMs))
      const finding = contradictionOf({ ...node, rows, low })
      if (!finding && low[0] + low[1] + low[2] >= PROOF_A) isProven = true
      if (finding) found.push(finding)
    }
    return found.length > 0 ? found : frozen(residual.between(-Infinity, nowMs))
  }

  /** The same digits again and again, while the devices have certainly changed. */
  const frozen = (totals: ReturnType<typeof residual.between>): Finding[] => {
    const last = totals.at(-1)
    if (!last) return []
    let first = totals.length - 1
    while (first > 0 && totals[first - 1].rows.every((value, row) => value === last.rows[row])) {
      first--
    }
    if (totals.length - first < FROZEN_READINGS) return []
    const fromS = Math.ceil(totals[first].atMs / 1000 - range.fromS + 1)
    const toS = Math.floor(last.atMs / 1000 - range.toS - 1)
    for (const row of [0, 1, 2] as const) {
      if (last.rows[row] === null && last.rows[3] === null) continue
      let low = -Infinity
      let high = Infinity
      for (let s = fromS; s <= toS; s++) {
        low = Math.max(low, instant.low(row, s * 1000))
        high = Math.min(high, instant.high(row, s * 1000))
      }
      if (low - high > FROZEN_A) {
        const finding: Finding = {
          cause: 'frozen',
          row,
          metered: last.rows[row] ?? 0,
          devices: low,
        }
        return Array.from({ length: FROZEN_READINGS }, () => finding)
      }
    }
    return []
  }

  return {
    read: ({ receivedAtMs, measuredAtMs }, rows) => {
      if (receivedAtMs <= lastMs && measuredAtMs <= lastMeasuredMs) return
      lastMs = receivedAtMs
      lastMeasuredMs = measuredAtMs
      newest = rows
      const ageMs = receivedAtMs - measuredAtMs
      statedS = ageMs >= 500 ? ageMs / 1000 : null
      residual.read({ atMs: receivedAtMs, rows })
    },
    update: (nowMs, node, holdMs) => {
      if (learnedMs === -Infinity) learnedMs = nowMs - SETTLED_MS
      learnDelay(nowMs)
      range = delays.range(statedS)
      trust.update(nowMs, compare(nowMs, node), newest)
      const least = node.sources.map((amount) => -amount)
      const floor = isProven ? least : node.design
      residual.update(nowMs, range, bounds, { prior: node.prior, least, floor, holdMs })
    },
    estimate: (row) => residual.estimate(row),
    finding: () => trust.finding(),
    delay: () => range,
  }
}
