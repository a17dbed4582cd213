import { greedySchedule } from './greedy.ts'
import { compile } from './model.ts'
import type { PlanProblem, PlanSolution, WarmStart } from './problem.ts'
import { asSolution } from './solution.ts'

export interface PlanOptions {
  /** On the scale of `now`: when an answer is wanted. */
  readonly deadlineMs?: number
  /** A monotonic clock; without one there is no deadline. */
  readonly now?: () => number
  /** From the solution of an earlier, similar problem. */
  readonly warm?: WarmStart
}

/**
 * Solves a planning problem. There is always an answer; `method` says how it was found.
 * Throws `invariant-broken` when the problem is malformed (see check.ts).
 */
export const solvePlan = (problem: PlanProblem, options: PlanOptions = {}): PlanSolution => {
  const { deadlineMs = Infinity, now = () => -Infinity } = options
  const model = compile(problem)
  const { schedule, cost } = greedySchedule(model, () => now() >= deadlineMs)
  return asSolution(model, schedule, {
    method: 'greedy',
    upperBound: cost,
    lowerBound: -Infinity,
    prices: [],
    warm: null,
  })
}
