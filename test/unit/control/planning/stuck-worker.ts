import { parentPort } from 'node:worker_threads'
import type { SolveRequest } from '../../../../src/control/planning/plan-worker.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'

/**
 * A planner thread that is broken: with time for the real solver it never returns, or dies where the
 * problem has a step of one second; without time it makes the greedy plan, but for a step of two.
 */
parentPort?.on('message', ({ id, problem, deadlineMs }: SolveRequest) => {
  if (deadlineMs > 0 && problem.stepS === 1) throw new Error('out of memory')
  if (deadlineMs > 0 || problem.stepS === 2) for (;;);
  const solution = solvePlan(problem, { now: () => 0, deadlineMs: 0 })
  parentPort?.postMessage({ id, solution })
})
