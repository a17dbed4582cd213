import { perPhase, total } from '../domain/phases.ts'
import type { Outlet, Quantities } from './measurement.ts'

/**
 * What one meter says in several ways must agree: power with currents, and power with the energy
 * register. Where it does not, nobody can tell which of them is wrong, so the highest counts: a
 * station that labels kW as W, or ignores its limit and reports its offer as its draw, is counted at
 * what its other values show.
 *
 * Currents: |P| <= sum of V I (unity power factor), with slack for whole amperes and voltage.
 * Register: dE / dt over the last minutes, less one step of its resolution, against the highest
 * power of each interval. A register that rests says nothing about now: the doubt ends with it.
 * O(changes of the register in the window), at most 12.
 */
export interface PlausibilityCheck {
  /** Changes of the register, oldest first; `explainedWh`: energy that the power accounts for. */
  changes: { readonly wh: number; readonly atMs: number; readonly explainedWh: number }[]
  /** The largest power of ten that all its values are multiples of: its resolution, at most. */
  stepWh: number
  explainedWh: number
  lastAtMs: number
  lastW: number
}

export const newPlausibilityCheck = (): PlausibilityCheck => ({
  changes: [],
  stepWh: MAX_STEP_WH,
  explainedWh: 0,
  lastAtMs: Number.NaN,
  lastW: Number.NaN,
})

/** Coarser registers are rare (0.1 kWh); the slack of one step must not hide a charging vehicle. */
const MAX_STEP_WH = 100
const LEAST_STEP_WH = 1
const WINDOW_MS = 120_000
const LEAST_SPAN_MS = 15_000
/** Power and register of a message may be taken this far apart. */
const TIMING_MS = 2_000
/** Stations that sample rarely need more than the window holds. */
const LEAST_CHANGES = 4
const MOST_CHANGES = 12
/**
 * Of the rating. A charger may be larger than its configuration says; a unit that is off by a
 * thousand, or a register that jumped, is far above.
 */
const IMPOSSIBLE = 5
/** Whole amperes on three phases, voltage 10 % above nominal, a sample that is seconds older. */
const SLACK_W = 500
const SLACK_FACTOR = 1.3
const REGISTER_FACTOR = 1.5
/** Standby electronics draw reactive current. */
const REACTIVE_W = 1_000

const kw = (watts: number): string => `${(watts / 1_000).toFixed(1)} kW`

const currentW = ({ currentA }: Quantities, { perAmpW, terminals }: Outlet): number =>
  currentA ? (total(currentA) * perAmpW) / terminals.length : Number.NaN

/** Raises power and currents to what the meter shows elsewhere. */
const raise = (read: Quantities, outlet: Outlet, watts: number): void => {
  const shownW = currentW(read, outlet)
  read.powerW = Math.max(read.powerW ?? 0, watts)
  if (!read.currentA || shownW >= watts) return
  const amps = watts / outlet.perAmpW
  const factor = watts / shownW
  const { currentA } = read
  read.currentA =
    shownW > SLACK_W
      ? perPhase((phase) => currentA[phase] * factor)
      : perPhase((phase) => (outlet.terminals.includes(phase) ? amps : 0))
}

/** Power and currents of one sample. */
const compareCurrents = (read: Quantities, outlet: Outlet): string | null => {
  const { powerW } = read
  if (powerW === undefined) return null
  const mostW = IMPOSSIBLE * outlet.ratedW
  const shownW = currentW(read, outlet)
  if (powerW > mostW) {
    delete read.powerW
    // Currents that were worked out from it are no better.
    if (shownW > mostW) delete read.currentA
    return `power ${kw(powerW)} is more than this charger can draw`
  }
  if (Number.isNaN(shownW)) return null
  if (powerW > shownW * SLACK_FACTOR + SLACK_W) {
    raise(read, outlet, powerW)
    return `power ${kw(powerW)} contradicts its currents, which make ${kw(shownW)}`
  }
  if (powerW < shownW / 2 - REACTIVE_W) {
    read.powerW = shownW
    return `power ${kw(powerW)} contradicts its currents, which make ${kw(shownW)}`
  }
  return null
}

const explain = (check: PlausibilityCheck, watts: number, atMs: number): void => {
  const elapsedMs = atMs - check.lastAtMs
  if (elapsedMs > 0) {
    // The power may have changed anywhere in between: the higher of both explains more.
    const highestW = Math.max(0, watts, Number.isNaN(check.lastW) ? watts : check.lastW)
    check.explainedWh += (highestW * elapsedMs) / 3_600_000
  }
  check.lastAtMs = atMs
  check.lastW = watts
}

const isMultiple = (wh: number, stepWh: number): boolean =>
  Math.abs(wh / stepWh - Math.round(wh / stepWh)) < 1e-6

const noteRegister = (check: PlausibilityCheck, wh: number, atMs: number, ratedW: number): void => {
  const { changes, explainedWh } = check
  const last = changes.at(-1)
  const movedWh = last ? wh - last.wh : 0
  if (last && movedWh === 0) return
  while (check.stepWh > LEAST_STEP_WH && !isMultiple(wh, check.stepWh)) check.stepWh /= 10
  const roomWh = last ? (IMPOSSIBLE * ratedW * (atMs - last.atMs)) / 3_600_000 : 0
  // A register that fell back or jumped starts anew.
  if (movedWh < 0 || movedWh > roomWh + MAX_STEP_WH) changes.length = 0
  changes.push({ wh, atMs, explainedWh })
  while (
    changes.length > MOST_CHANGES ||
    (changes.length > LEAST_CHANGES && atMs - changes[0].atMs > WINDOW_MS)
  ) {
    changes.shift()
  }
}

/** The power that the register shows beyond doubt, if the reported one does not explain it. */
const unexplainedW = (check: PlausibilityCheck, atMs: number, ratedW: number): number | null => {
  const { changes, stepWh } = check
  const first = changes[0]
  const last = changes.at(-1)
  if (!first || !last || last.atMs - first.atMs < LEAST_SPAN_MS) return null
  const rests = changes.slice(1).map((change, k) => change.atMs - changes[k].atMs)
  if (atMs - last.atMs > 1.5 * Math.max(...rests) + TIMING_MS) return null
  const hours = (atMs - first.atMs) / 3_600_000
  const slackWh = stepWh + (ratedW * TIMING_MS) / 3_600_000
  const shownW = (last.wh - first.wh - slackWh) / hours
  const explainedW = (check.explainedWh - first.explainedWh) / hours
  return shownW > explainedW * REGISTER_FACTOR + SLACK_W ? shownW : null
}

/**
 * Compares a measurement with itself and with the register's past; raises what contradicts to the
 * highest, and says so in `suspect`. Energy must be in true Wh already.
 */
export const checkPlausibility = (
  check: PlausibilityCheck,
  read: Quantities,
  outlet: Outlet,
  measuredAtMs: number,
): void => {
  const doubt = compareCurrents(read, outlet)
  if (doubt !== null) read.suspect = doubt
  const shown = currentW(read, outlet)
  const reportedW = read.powerW ?? (Number.isNaN(shown) ? check.lastW : shown)
  if (Number.isNaN(reportedW)) return
  explain(check, reportedW, measuredAtMs)
  if (read.energyWh !== undefined) {
    noteRegister(check, read.energyWh, measuredAtMs, outlet.ratedW)
  }
  const shownW = unexplainedW(check, measuredAtMs, outlet.ratedW)
  if (shownW === null || (read.powerW === undefined && !read.currentA)) return
  raise(read, outlet, shownW)
  read.suspect = `power ${kw(reportedW)} contradicts its energy register, which shows ${kw(shownW)}`
}
