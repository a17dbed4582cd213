import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'

/** A request between the processes of a bench: one at a time, answered in order. */
type Answer = { readonly ok: unknown } | { readonly failed: string }

export interface Child {
  readonly pid: number
  /** Rejects with what the child says, or when it ends before the answer. */
  ask<T>(request: object): Promise<T>
  /** Resolves when the process is gone. */
  stop(): Promise<void>
  kill(): Promise<void>
}

const STOP_WITHIN_MS = 30_000

/** Starts a module in a process of its own. `outputFile`: where its standard output goes. */
export const startChild = (
  module: string,
  args: readonly string[],
  outputFile: string,
  nodeOptions: readonly string[] = [],
): Child => {
  const output = openSync(outputFile, 'a')
  const child = fork(module, args, {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning', ...nodeOptions],
    stdio: ['ignore', output, 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const waiting: PromiseWithResolvers<unknown>[] = []
  child.on('message', (answer: Answer) => {
    const waiter = waiting.shift()
    if ('failed' in answer) waiter?.reject(new Error(answer.failed))
    else waiter?.resolve(answer.ok)
  })
  child.once('exit', (code, signal) => {
    const error = new Error(`${module} ended with ${signal ?? code} (see ${outputFile})`)
    for (const waiter of waiting.splice(0)) waiter.reject(error)
  })
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await ended
    clearTimeout(force)
  }
  return {
    pid: child.pid!,
    ask: <T>(request: object) => {
      const waiter = Promise.withResolvers<T>()
      waiting.push(waiter as unknown as PromiseWithResolvers<unknown>)
      child.send(request)
      return waiter.promise
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** The child's side: answers what its parent asks, one request after the other. */
export const serveParent = (handle: (request: object) => Promise<unknown>): void => {
  let last: Promise<void> = Promise.resolve()
  process.on('message', (request: object) => {
    last = last.then(async () => {
      let answer: Answer
      try {
        answer = { ok: (await handle(request)) ?? null }
      } catch (error) {
        answer = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
      }
      process.send?.(answer)
    })
  })
  process.once('disconnect', () => process.exit(0))
  process.once('SIGTERM', () => process.exit(0))
}
