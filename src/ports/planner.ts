import type { PlanProblem, PlanSolution } from '../engine/plan/problem.ts'

/** Solves planning problems beside the control loop; never blocks it. */
export interface Planner {
  /**
   * A solver that fails or is too slow yields the greedy plan. Rejects when stopped, for a malformed
   * problem, and where not even the greedy plan comes back.
   */
  solve(problem: PlanProblem): Promise<PlanSolution>
  stop(): Promise<void>
}
