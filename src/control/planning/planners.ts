import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { solvePlan } from '../../engine/plan/plan.ts'
import type { PlanSolution, WarmStart } from '../../engine/plan/problem.ts'
import { AppError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { SolveAnswer, SolveRequest } from './plan-worker.ts'

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

interface Waiting {
  readonly resolve: (solution: PlanSolution) => void
  readonly reject: (error: Error) => void
}

/**
 * Solves in a thread of its own, started with the first problem. A thread that dies is started
 * again with the next one; what it was working on is rejected.
 *
 * @param deadlineMs after which the best plan found so far is taken
 */
export const createWorkerPlanner = (deadlineMs: number, log: Log): Planner => {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let lastId = 0
  let stopped = false

  const fail = (message: string, cause?: unknown): void => {
    worker = null
    for (const { reject } of waiting.values()) reject(new AppError('internal', message, { cause }))
    waiting.clear()
  }

  const start = (): Worker => {
    const file = new URL(`./plan-worker${extname(import.meta.url)}`, import.meta.url)
    const started = new Worker(file)
    started.on('message', (answer: SolveAnswer) => {
      const caller = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('solution' in answer) caller?.resolve(answer.solution)
      else caller?.reject(new AppError('internal', `the planner failed: ${answer.error}`))
    })
    started.on('error', (error) => {
      log.error({ err: error }, 'the planner thread died')
      fail('the planner thread died', error)
    })
    started.on('exit', () => {
      if (worker === started) fail('the planner thread ended')
    })
    started.unref()
    return started
  }

  return {
    solve: (problem) =>
      new Promise((resolve, reject) => {
        if (stopped) {
          reject(new AppError('internal', 'the planner is stopped'))
          return
        }
        worker ??= start()
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, problem, deadlineMs } satisfies SolveRequest)
      }),
    stop: async () => {
      stopped = true
      const running = worker
      worker = null
      await running?.terminate()
      fail('the planner is stopped')
    },
  }
}
