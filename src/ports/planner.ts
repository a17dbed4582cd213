import type { PlanProblem, PlanSolution } from '../engine/plan/problem.ts'

/** Solves planning problems beside the control loop; never blocks it. */
export interface Planner {
  /** Rejects only when stopped; a solver that fails or is too slow yields the greedy plan. */
  solve(problem: PlanProblem): Promise<PlanSolution>
  stop(): Promise<void>
}
