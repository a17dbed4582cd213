import { parentPort } from 'node:worker_threads'
import { solvePlan } from '../../engine/plan/plan.ts'
import type { PlanProblem, PlanSolution, WarmStart } from '../../engine/plan/problem.ts'

export interface SolveRequest {
  readonly id: number
  readonly problem: PlanProblem
  readonly deadlineMs: number
}

export type SolveAnswer =
  | { readonly id: number; readonly solution: PlanSolution }
  | { readonly id: number; readonly error: string }

/** The solver's own thread: one problem at a time, each warm from the one before. */
let warm: WarmStart | undefined

parentPort?.on('message', ({ id, problem, deadlineMs }: SolveRequest) => {
  try {
    const now = () => performance.now()
    const solution = solvePlan(problem, {
      now,
      deadlineMs: now() + deadlineMs,
      ...(warm ? { warm } : {}),
    })
    warm = solution.warm ?? undefined
    parentPort?.postMessage({ id, solution } satisfies SolveAnswer)
  } catch (error) {
    warm = undefined
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    parentPort?.postMessage({ id, error: text } satisfies SolveAnswer)
  }
})
