import { costOf } from './cost.ts'
import { moveEarlier } from './earlier.ts'
import { greedySchedule } from './greedy.ts'
import { ledgerOf } from './ledger.ts'
import { compile, type Model, type Schedule } from './model.ts'
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

/** Same cost, but earlier; the schedule itself when that does not work out. */
const tidied = (model: Model, schedule: Schedule, cost: number): Schedule => {
  const early: Schedule = {
    ev: schedule.ev.slice(),
    charge: schedule.charge,
    discharge: schedule.discharge,
  }
  moveEarlier(model, early, ledgerOf(model, early))
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

/**
 * Solves a planning problem. There is always an answer; `method` says how it was found, and
 * `fallbackBecause` why it is not the optimal one. Throws `invariant-broken` when the problem is
 * malformed (see check.ts).
 */
export const solvePlan = (problem: PlanProblem, options: PlanOptions = {}): PlanSolution => {
  const { deadlineMs = Infinity, now } = options
  const isLate = (): boolean => now !== undefined && now() >= deadlineMs
  const model = compile(problem)
  if (isLate()) return fallBack(model, 'there was no time', isLate)
  try {
    return optimal(model, options, isLate)
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    return fallBack(model, `the optimal planner failed: ${what}`, isLate)
  }
}
