import { AppError } from '../../errors.ts'
import { checkProblem } from './check.ts'
import { connectionCost } from './connection.ts'
import { costOf } from './cost.ts'
import { orderByDeparture } from './departure-order.ts'
import { moveEarlier } from './earlier.ts'
import { greedySchedule } from './greedy.ts'
import { ledgerOf } from './ledger.ts'
import { compile, type Model, type Schedule } from './model.ts'
import { inCurrency, inUnits, moneyUnit, scaleWarm } from './money.ts'
import { sumOf } from './peak-level.ts'
import { peakChoices } from './peak-tiers.ts'
import { rowPrices } from './prices.ts'
import type { PlanProblem, PlanSolution, WarmStart } from './problem.ts'
import { solveProximal } from './proximal.ts'
import { asSolution } from './solution.ts'
import { warmStartOf } from './warm.ts'

export interface PlanOptions {
  /** On the scale of `now`: when an answer is wanted. */
  readonly deadlineMs?: number
  /** A monotonic clock; without one there is no deadline. */
  readonly now?: () => number
  /** From the solution of an earlier, similar problem. */
  readonly warm?: WarmStart | null
  /** Wanted part of the cost between the bounds. */
  readonly gap?: number
}

const WANTED_GAP = 1e-3
/** Beyond this gap at the deadline the greedy may well be better. */
const POOR_GAP = 0.05

/** Same cost, but earlier, and first for those that leave first; the schedule itself when that does not work out. */
const tidied = (model: Model, schedule: Schedule, cost: number): Schedule => {
  const early: Schedule = {
    ev: schedule.ev.slice(),
    charge: schedule.charge,
    discharge: schedule.discharge,
  }
  moveEarlier(model, early, ledgerOf(model, early))
  orderByDeparture(model, early)
  return costOf(model, early).total <= cost + 1e-9 * Math.abs(cost) ? early : schedule
}

const fallBack = (model: Model, reason: string, isLate: () => boolean): PlanSolution => {
  const { schedule, cost } = greedySchedule(model, isLate)
  return asSolution(model, schedule, {
    method: 'greedy',
    fallbackBecause: reason,
    upperBound: cost,
    lowerBound: -Infinity,
    prices: [],
    warm: null,
  })
}

const optimal = (model: Model, options: PlanOptions, isLate: () => boolean): PlanSolution => {
  const { gap = WANTED_GAP, warm = null } = options
  const { schedule, upperBound, lowerBound, relaxation } = solveProximal(model, {
    gap,
    warm,
    isLate,
  })
  const plan = isLate() ? schedule : tidied(model, schedule, upperBound)
  const result = asSolution(model, plan, {
    method: 'optimal',
    fallbackBecause: null,
    upperBound,
    lowerBound,
    prices: rowPrices(relaxation),
    warm: warmStartOf(relaxation),
  })
  if (!isLate() || upperBound - lowerBound <= POOR_GAP * Math.abs(lowerBound)) return result
  const greedy = fallBack(model, 'the deadline came before a better plan', isLate)
  return greedy.upperBound < upperBound ? { ...greedy, lowerBound } : result
}

/** A lower bound that nobody knows is no fault. */
const isFinite = ({ evW, batteryW, cost, upperBound, lowerBound, prices }: PlanSolution): boolean =>
  Number.isFinite(cost.total) &&
  Number.isFinite(upperBound) &&
  !Number.isNaN(lowerBound) &&
  prices.every(({ pricePerKwh }) => Number.isFinite(pricePerKwh)) &&
  [...evW, ...batteryW].every((watts) => watts.every((value) => Number.isFinite(value)))

/** What a plan costs at the demand charges of `problem`, whichever it was made for. */
const withTruePeaks = (problem: PlanProblem, solution: PlanSolution): PlanSolution => {
  const { connection, hours, steps } = compile(problem)
  const watts = sumOf(steps, [...solution.evW, ...solution.batteryW])
  const { peak } = connectionCost(
    connection,
    watts.map((value) => (value * hours) / 1000),
  )
  const total = solution.cost.total - solution.cost.peak + peak
  return { ...solution, upperBound: total, cost: { ...solution.cost, peak, total } }
}

/** Solves a problem whose demand charges are convex. */
const solveConvex = (
  problem: PlanProblem,
  options: PlanOptions,
  isLate: () => boolean,
): PlanSolution => {
  const model = compile(problem)
  if (isLate()) return fallBack(model, 'there was no time', isLate)
  try {
    const solution = optimal(model, options, isLate)
    if (isFinite(solution)) return solution
    return fallBack(model, 'the optimal plan has values that are not numbers', isLate)
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    return fallBack(model, `the optimal planner failed: ${what}`, isLate)
  }
}

/** The best of all choices for demand charges that get cheaper (peak-tiers.ts). */
const solveTiers = (
  problem: PlanProblem,
  options: PlanOptions,
  isLate: () => boolean,
): PlanSolution => {
  const { choices, isComplete } = peakChoices(problem)
  let best: PlanSolution | null = null
  let lowerBound = Infinity
  for (const { peaks, constant } of choices) {
    if (best !== null && isLate()) {
      lowerBound = -Infinity
      break
    }
    const found = solveConvex({ ...problem, peaks }, options, isLate)
    lowerBound = Math.min(lowerBound, found.lowerBound + constant)
    const solution = choices.length === 1 ? found : withTruePeaks(problem, found)
    if (best === null || solution.upperBound < best.upperBound) best = solution
  }
  return { ...best!, lowerBound: isComplete ? lowerBound : -Infinity }
}

/**
 * Solves a planning problem. There is always an answer; `method` says how it was found, and
 * `fallbackBecause` why it is not the optimal one. The money may be of any size. Throws
 * `invariant-broken` when the problem is malformed (see check.ts), or when not even the greedy's
 * plan is made of numbers: nothing but numbers is ever returned.
 */
export const solvePlan = (problem: PlanProblem, options: PlanOptions = {}): PlanSolution => {
  const { deadlineMs = Infinity, now, warm = null } = options
  const isLate = (): boolean => now !== undefined && now() >= deadlineMs
  checkProblem(problem)
  const unit = moneyUnit(problem)
  const inner = { ...options, warm: scaleWarm(warm, 1 / unit) }
  const solution = inCurrency(solveTiers(inUnits(problem, unit), inner, isLate), unit)
  if (isFinite(solution)) return solution
  throw new AppError('invariant-broken', 'plan refused: it has values that are not numbers')
}
