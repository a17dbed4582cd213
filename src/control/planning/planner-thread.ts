import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { SolveAnswer, SolveRequest } from './plan-worker.ts'

/** A thread that solves one problem at a time. */
export interface PlannerThread {
  /**
   * Rejects when the thread dies or does not answer in time; either way the thread is gone then,
   * and the next request starts another.
   */
  readonly ask: (request: SolveRequest, withinMs: number) => Promise<SolveAnswer>
  readonly stop: () => Promise<void>
}

interface Asked {
  readonly resolve: (answer: SolveAnswer) => void
  readonly reject: (error: AppError) => void
  readonly timer: NodeJS.Timeout
}

/** @param file what the thread runs; see plan-worker.ts for what it is told and answers */
export const createPlannerThread = (file: URL): PlannerThread => {
  let worker: Worker | null = null
  let asked: Asked | null = null

  const settle = (): Asked | null => {
    const one = asked
    asked = null
    if (one) clearTimeout(one.timer)
    return one
  }

  /** Leaves this thread for good; whoever waits for it is told why. */
  const abandon = async (message: string, cause?: unknown): Promise<void> => {
    const gone = worker
    worker = null
    settle()?.reject(new AppError('internal', message, { cause }))
    await gone?.terminate()
  }

  const start = (): Worker => {
    const started = new Worker(file)
    started.on('message', (answer: SolveAnswer) => settle()?.resolve(answer))
    started.on('error', (error) => {
      if (worker === started) void abandon(`the planner thread died: ${error.message}`, error)
    })
    started.on('exit', () => {
      if (worker === started) void abandon('the planner thread ended')
    })
    started.unref()
    return started
  }

  return {
    ask: (request, withinMs) =>
      new Promise((resolve, reject) => {
        const late = `the planner did not answer within ${withinMs / 1000} s`
        const timer = setTimeout(() => void abandon(late), withinMs)
        asked = { resolve, reject, timer }
        worker ??= start()
        worker.postMessage(request)
      }),
    stop: () => abandon('the planner is stopped'),
  }
}
