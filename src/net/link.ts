import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Health } from '../ports/meter-source.ts'
import type { Random } from '../ports/random.ts'
import { createHealth } from './health.ts'

export interface LinkDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/**
 * Makes one connection. `lost` may be called at any time, also before the promise settles; a call
 * after the first has no effect. Rejects when the connection cannot be made.
 *
 * @returns how to close the connection; must not reject
 */
export type Connect = (
  lost: (reason: string) => void,
  signal: AbortSignal,
) => Promise<() => Promise<void>>

/** A connection that is made again, with jittered, doubling pauses, until it is closed. */
export interface Link {
  open(): void
  close(): Promise<void>
  health(): Health
}

export interface LinkOptions {
  /** Without credentials: it is logged. */
  readonly address: string
  readonly minRetryMs?: number
  readonly maxRetryMs?: number
}

/** A connection that lasted this long was a good one: the next pause is short again. */
const STABLE_MS = 30_000

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

export const createLink = (
  connect: Connect,
  { address, minRetryMs = 1_000, maxRetryMs = 60_000 }: LinkOptions,
  { clock, random, log }: LinkDeps,
): Link => {
  const health = createHealth(clock)
  let wanted = false
  let attempts = 0
  let current: { readonly abort: AbortController; done: Promise<void> } | null = null
  let cancelRetry = (): void => {}

  const report = (ok: boolean, detail: string): void => {
    const before = health.get().detail
    const turned = health.set(ok, `${address}: ${detail}`)
    if (ok) log.info({ address }, 'connected')
    else if (turned || before !== health.get().detail) {
      log.warn({ address, detail }, 'no connection')
    }
  }

  const retryLater = (): void => {
    const ceilingMs = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(attempts, 16))
    attempts += 1
    cancelRetry = clock.after(ceilingMs * (0.5 + random.next() / 2), attempt)
  }

  /** Lives from one attempt to the end of the connection that came of it. */
  const run = async (abort: AbortController): Promise<void> => {
    const ended = Promise.withResolvers<string>()
    abort.signal.addEventListener('abort', () => ended.resolve('closed'), { once: true })
    const failed = (reason: string): void => {
      if (!abort.signal.aborted) report(false, reason)
    }
    try {
      const close = await connect(ended.resolve, abort.signal)
      const sinceMs = clock.now()
      if (!abort.signal.aborted) report(true, 'connected')
      failed(await ended.promise)
      if (clock.now() - sinceMs >= STABLE_MS) attempts = 0
      await close()
    } catch (error) {
      failed(messageOf(error))
    }
    if (!abort.signal.aborted) retryLater()
  }

  const attempt = (): void => {
    const abort = new AbortController()
    current = { abort, done: run(abort) }
  }

  return {
    open() {
      if (wanted) return
      wanted = true
      health.set(false, `${address}: connecting`)
      attempt()
    },
    async close() {
      if (!wanted) return
      wanted = false
      cancelRetry()
      current?.abort.abort()
      await current?.done
      health.set(false, `${address}: closed`)
    },
    health: () => health.get(),
  }
}
