import type { StepLimit } from '../drawing/plan-series.ts'
import type { Plan } from '../wire.ts'
import { valueWords } from './events.ts'
import { UNKNOWN, type Format } from './format.ts'

/** How good the plan is for certain. */
export const certificate = ({ gap, method, fallbackBecause }: Plan, format: Format): string => {
  const proof =
    gap === null
      ? 'no bound on how much better a plan could be'
      : `at most ${format.percent(gap)} above the best possible`
  if (method === 'optimal') return proof
  return `by the simple planner, because ${fallbackBecause ?? 'the other failed'}; ${proof}`
}

/** Below this an amount is not worth a word. */
const NOTHING = 0.005

/** What the bill will say: the rest of a plan's cost is counted, but nobody pays it. */
export const moneyOf = ({ costs }: Plan): number => costs.energy + costs.demand

/** `energy €2.05, demand charge €0.30; not on the bill: ...`. */
export const costWords = ({ costs }: Plan, format: Format): string => {
  const { energy, demand, baseDemand, carbon, shortfall, other } = costs
  const told = (parts: readonly (readonly [string, number])[]): string =>
    parts
      .filter(([, value]) => Math.abs(value) >= NOTHING)
      .map(([what, value]) => `${what} ${format.money(value)}`)
      .join(', ')
  const paid =
    demand >= NOTHING
      ? told([
          ['energy', energy],
          ['demand charge', demand],
        ])
      : ''
  const counted = told([
    ['carbon', carbon],
    ['penalty for undelivered energy', shortfall],
    ['other penalties', other],
  ])
  const building =
    baseDemand >= NOTHING
      ? `demand charge of the building alone ${format.money(baseDemand)}, not a charging cost`
      : ''
  return [paid, building, counted && `not on the bill: ${counted} (used for planning only)`]
    .filter(Boolean)
    .join('; ')
}

/**
 * What an event said, and not the level at which it is drawn: `15.0 kW for vehicles`,
 * `63 A per phase`. A current is always that of one phase.
 */
export const limitWords = (limit: StepLimit | null, format: Format): string => {
  if (limit === null) return UNKNOWN
  const { value, signal } = limit
  const perPhase = signal.unit === 'A' || signal.scope === 'phase' ? ' per phase' : ''
  const forWhom = signal.scope === 'controllable' ? ' for vehicles' : ''
  return `${valueWords(value, signal, format)}${perPhase}${forWhom}`
}

/** Below this nobody misses anything. */
const MISSED_WH = 200
const MAX_NAMED = 5

/** Sessions that cannot get what they want, the shortest of energy first. */
export const shortfalls = ({ sessions }: Plan, format: Format): string[] => {
  const short = sessions
    .filter(({ unservedWh }) => unservedWh > MISSED_WH)
    .toSorted((a, b) => b.unservedWh - a.unservedWh)
  const named = short
    .slice(0, MAX_NAMED)
    .map(
      ({ key, unservedWh, unservedBecause }) =>
        `${key}: ${unservedBecause ?? `${format.energy(unservedWh)} cannot be delivered in time`}`,
    )
  const rest = short.length - named.length
  return rest > 0
    ? [...named, `${rest} more sessions will not get all the energy they need`]
    : named
}
