import type { Backtest, BacktestSettings } from '../../app/backtest.ts'
import type { PilotRule } from '../../sim/backtest/algorithms/pilots.ts'
import type { Run } from '../../sim/backtest/backtest.ts'
import type { AlgorithmName, KnowledgeName } from '../../sim/backtest/names.ts'
import { createTimes } from '../text.ts'

/** The report in words, the same in text and in HTML. */

export const NAMES: Readonly<Record<AlgorithmName, string>> = {
  uncontrolled: 'Uncontrolled',
  fcfs: 'First come, first served',
  rr: 'Round robin',
  edf: 'Earliest departure first',
  llf: 'Least laxity first',
  busbar: 'Busbar',
  optimum: 'Optimum with hindsight',
}

export const KNOWS: Readonly<Record<KnowledgeName, string>> = {
  perfect: 'energy and departure of those present are known',
  declared: 'of those present only what drivers said is known',
  forecast: 'of those present the forecasts are known',
}

export const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

/** Thousands apart. */
export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const pilotWords = (rule: PilotRule, maxChanges: number): string => {
  const changes = `at most ${maxChanges} on/off changes per session by Busbar`
  switch (rule.kind) {
    case 'continuous':
      return 'any current'
    case 'steps':
      return `0 A or the minimum in steps of ${rule.stepA} A, ${changes}`
    case 'set':
      return `0, ${rule.amps.filter((amps) => amps > 0).join(', ')} A, ${changes}`
  }
}

const goalWords = ({ revenuePerKwh }: BacktestSettings, { goal, billing }: Backtest): string => {
  if (goal === 'energy' || billing === null) return 'As much energy as possible'
  return revenuePerKwh === null
    ? 'Least cost, everybody served where possible'
    : `Highest profit, a kWh is sold for ${revenuePerKwh} ${billing.currency}`
}

/** What was replayed, and how. */
export const subtitle = (settings: BacktestSettings, result: Backtest): string[] => {
  const { replayed, timeZone, network, billing, maxChanges, runs } = result
  const { startMs, steps, stepS } = replayed.grid
  const day = (atMs: number): string => createTimes(atMs, timeZone).full(atMs).slice(0, 10)
  const { sessions, neededKwh } = runs[0].measures
  return [
    `${settings.sessions.name}: ${figure(sessions)} sessions, ${figure(neededKwh, 1)} kWh, ` +
      `${day(startMs)} to ${day(startMs + steps * stepS * 1000 - 1)} (${timeZone})`,
    `Through ${network.name}, ${figure(network.evses.length)} EVSEs, steps of ${stepS / 60} min`,
    `Pilots: ${pilotWords(settings.pilots, maxChanges)}; ${KNOWS[settings.knowledge]}`,
    goalWords(settings, result) + (billing ? `; ${billing.name}` : ''),
  ]
}

/** What a reader should know of the numbers. */
export const remarks = ({ runs }: Backtest): string[] => {
  const bills = runs.flatMap(({ money }) => money?.bill.remarks ?? [])
  const above = runs
    .filter(({ measures }) => measures.hoursAboveLimit > 0)
    .map(
      ({ algorithm, measures }) =>
        `${NAMES[algorithm]} exceeds a limit for ${figure(measures.hoursAboveLimit, 1)} h, ` +
        `up to ${percent(measures.fullest)} at ${measures.fullestAt}: it could not have been done.`,
    )
  const fallbacks = runs
    .filter(({ plans }) => plans.fallback > 0)
    .map(({ algorithm, plans }) => `${NAMES[algorithm]}: ${plans.fallback} of ${plans.made} plans by the fallback planner.`) // prettier-ignore
  return [...above, ...fallbacks, ...new Set(bills)]
}

/** Profit of the optimum, to compare with; `null` where it was not asked for or earns nothing. */
export const bestProfit = (runs: readonly Run[]): number | null => {
  const profit = runs.find(({ algorithm }) => algorithm === 'optimum')?.money?.profit ?? 0
  return profit > 0 ? profit : null
}
