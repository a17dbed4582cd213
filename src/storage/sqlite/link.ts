import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import { CLOSE, type Answer } from './serve.ts'

/** Our end of a worker thread. */
export interface Link<Request, Value> {
  /** Rejects with `storage-failed` when the thread reports a fault, or has ended. */
  request<V extends Value>(request: Request): Promise<V>
  isOpen(): boolean
  /** Lets the thread finish what was requested, then ends it; by force after `patienceMs`. */
  close(patienceMs: number): Promise<void>
}

/** Everything is copied; nothing changes its owner. */
const NO_TRANSFER: readonly [] = []

/**
 * Instead of the process's own options, some of which a thread does not take. Node 22 calls
 * `node:sqlite` experimental, in every thread.
 */
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning']

interface Waiter<Value> {
  resolve(value: Value): void
  reject(error: AppError): void
}

/**
 * The file of a worker beside the module at `moduleUrl`: source beside source, and compiled beside
 * compiled.
 */
export const workerUrl = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl)

/** Starts a thread; rejects with `storage-failed` if it cannot do its work. */
export const startWorker = async <Request, Value>(
  url: URL,
  workerData: unknown,
): Promise<Link<Request, Value>> => {
  const worker = new Worker(url, { workerData, execArgv: EXEC_ARGV })
  const ended = Promise.withResolvers<void>()
  /** Answers come in the order of requests: the oldest waiter is the one that is meant. */
  const waiters: Waiter<Value>[] = []
  let end: AppError | null = null

  const nextAnswer = (): Promise<Value> =>
    new Promise((resolve, reject) => waiters.push({ resolve, reject }))

  worker.on('message', (answer: Answer<Value>) => {
    const waiter = waiters.shift()
    if (answer.ok) waiter?.resolve(answer.value)
    else waiter?.reject(new AppError('storage-failed', answer.message))
  })
  worker.on('error', (error) => {
    end = new AppError('storage-failed', `the storage thread failed: ${error.message}`, {
      cause: error,
    })
  })
  worker.once('exit', () => {
    end ??= new AppError('storage-failed', 'the storage thread has ended')
    for (const waiter of waiters.splice(0)) waiter.reject(end)
    ended.resolve()
  })

  await nextAnswer()
  return {
    request: <V extends Value>(request: Request): Promise<V> => {
      if (end !== null) return Promise.reject(end)
      worker.postMessage(request, NO_TRANSFER)
      return nextAnswer() as Promise<V>
    },
    isOpen: () => end === null,
    close: async (patienceMs) => {
      worker.postMessage(CLOSE, NO_TRANSFER)
      const force = setTimeout(() => void worker.terminate(), patienceMs)
      await ended.promise
      clearTimeout(force)
    },
  }
}
