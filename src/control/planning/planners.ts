import { extname } from 'node:path'
import { solvePlan } from '../../engine/plan/plan.ts'
import type { PlanProblem, PlanSolution, WarmStart } from '../../engine/plan/problem.ts'
import { AppError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import { createPlannerThread } from './planner-thread.ts'

/** Solves where it is called: for simulations in virtual time. */
export const createDirectPlanner = (): Planner => {
  let warm: WarmStart | undefined
  return {
    solve: (problem) => {
      const solution = solvePlan(problem, warm ? { warm } : {})
      warm = solution.warm ?? undefined
      return Promise.resolve(solution)
    },
    stop: () => Promise.resolve(),
  }
}

/** What the thread runs, from sources and from dist alike. */
const WORKER = new URL(`./plan-worker${extname(import.meta.url)}`, import.meta.url)
/** For starting the thread, repairing and tidying the plan, and handing it over. */
const GRACE_MS = 2_000

export interface WorkerPlannerOptions {
  /** What the thread runs instead of plan-worker.ts. */
  readonly file?: URL
  /** How long after twice its deadline a thread is given up. */
  readonly graceMs?: number
}

/**
 * Solves in a thread of its own, started with the first problem, one problem after the other.
 *
 * The deadline is asked for within the solver: the best plan found so far is the answer. A thread
 * that has not answered after twice that time hangs, or died; it is ended, a new one makes the
 * greedy plan of the same problem, and the plan says so. Where not even that comes, or the problem
 * is malformed, `solve` rejects.
 */
export const createWorkerPlanner = (
  deadlineMs: number,
  log: Log,
  { file = WORKER, graceMs = GRACE_MS }: WorkerPlannerOptions = {},
): Planner => {
  const thread = createPlannerThread(file)
  const withinMs = 2 * deadlineMs + graceMs
  let last: Promise<unknown> = Promise.resolve()
  let lastId = 0
  let stopped = false

  const ask = async (problem: PlanProblem, withDeadlineMs: number): Promise<PlanSolution> => {
    if (stopped) throw new AppError('internal', 'the planner is stopped')
    const request = { id: ++lastId, problem, deadlineMs: withDeadlineMs }
    const answer = await thread.ask(request, withinMs)
    if ('solution' in answer) return answer.solution
    throw new AppError('invariant-broken', `the planner failed: ${answer.error}`)
  }

  const solve = async (problem: PlanProblem): Promise<PlanSolution> => {
    try {
      return await ask(problem, deadlineMs)
    } catch (error) {
      const isThread = error instanceof AppError && error.code === 'internal'
      if (stopped || !isThread) throw error
      log.error({ err: error }, 'the planner thread failed, the simple planner takes over')
      // Without any time the solver goes straight to the greedy.
      return { ...(await ask(problem, 0)), fallbackBecause: error.message }
    }
  }

  return {
    solve: (problem) => {
      const turn = last.then(() => solve(problem))
      last = turn.catch(() => undefined)
      return turn
    },
    stop: async () => {
      stopped = true
      await thread.stop()
    },
  }
}
