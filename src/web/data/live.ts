import { signal, type ReadonlySignal } from '@preact/signals'
import { applyMessage, KINDS, type Refresh } from './changes.ts'
import { Failure } from './failure.ts'
import type { Http } from './http.ts'
import { loadAll, loadPlan, loadPrices } from './load.ts'
import { createSseParser, type SseMessage } from './sse.ts'
import type { Store } from './store.ts'

export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Lost: the next attempt is at `retryAtMs`. */
  | { readonly state: 'waiting'; readonly retryAtMs: number; readonly because: string }

export interface Live {
  readonly link: ReadonlySignal<Link>
  start(): void
  stop(): void
  /** Does not wait for the next attempt. */
  readonly retry: () => void
}

export interface LiveDeps {
  readonly http: Http
  readonly store: Store
  /** The token does not count (any more): there is no use in trying again. */
  readonly onRefused: (failure: Failure) => void
}

/** Snapshots come every other second: after this silence nobody is there. */
const SILENCE_MS = 12_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/**
 * Keeps the store up to date: opens the stream, reads everything, applies what comes, and does so
 * again when the connection is lost. A stream that resumes needs no reading, unless the server says
 * `reset`. Messages that arrive while everything is read wait until it is there.
 */
export const createLive = ({ http, store, onRefused }: LiveDeps): Live => {
  const link = signal<Link>({ state: 'connecting' })
  let lastId = ''
  let failures = 0
  let stopper: AbortController | null = null
  let wake = (): void => {}

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  /** Everything that one connection needs; ends by throwing or when the server ends it. */
  const connection = async (stop: AbortSignal): Promise<void> => {
    const abort = new AbortController()
    const signalOf = AbortSignal.any([stop, abort.signal])
    let waiting: SseMessage[] | null = null
    let watchdog: ReturnType<typeof setTimeout> | undefined

    const fail = (error: unknown): void => abort.abort(error)

    const alive = (): void => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => fail(new Failure('offline', 'Busbar fell silent')), SILENCE_MS)
    }

    const refresh = (what: Refresh): void => {
      const load = what === 'plan' ? loadPlan : loadPrices
      load(http, store, signalOf).catch(fail)
    }

    const apply = (message: SseMessage): void => {
      applyMessage(store, message, refresh)
      if (message.event !== 'snapshot') return
      failures = 0
      if (link.peek().state !== 'live') link.value = { state: 'live' }
    }

    const reload = (): void => {
      if (waiting) return
      waiting = []
      const finish = (): void => {
        const messages = waiting ?? []
        waiting = null
        for (const message of messages) apply(message)
      }
      loadAll(http, store, signalOf).then(finish).catch(fail)
    }

    const take = (message: SseMessage): void => {
      if (message.event === 'reset') reload()
      else if (waiting) waiting.push(message)
      else apply(message)
    }

    const isResumed = lastId !== ''
    const headers: Record<string, string> = isResumed ? { 'last-event-id': lastId } : {}
    alive()
    try {
      const path = `v1/stream?kinds=${KINDS.join(',')}`
      const response = await http.open(path, headers, signalOf)
      if (!isResumed) reload()
      const parser = createSseParser(take)
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        alive()
        parser.push(value)
        lastId = parser.lastId() || lastId
      }
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error
    } finally {
      clearTimeout(watchdog)
      // Nothing of this connection may go on, and what was not read in whole is read again.
      if (waiting) lastId = ''
      abort.abort()
    }
  }

  const run = async (stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      let failure = new Failure('offline', 'The connection ended')
      try {
        await connection(stop)
      } catch (error) {
        failure = asFailure(error)
      }
      if (stop.aborted) return
      if (failure.kind === 'token' || failure.kind === 'scope') return onRefused(failure)
      const waitMs = backOff(failures++, failure.retryAfterS)
      link.value = {
        state: 'waiting',
        retryAtMs: Date.now() + waitMs,
        because: failure.message,
      }
      await sleep(waitMs)
      if (!stop.aborted) link.value = { state: 'connecting' }
    }
  }

  const retryNow = (): void => {
    if (document.visibilityState === 'visible') wake()
  }

  return {
    link,
    retry: () => wake(),
    start: () => {
      stopper = new AbortController()
      const { signal: stop } = stopper
      addEventListener('online', retryNow, { signal: stop })
      document.addEventListener('visibilitychange', retryNow, { signal: stop })
      void run(stop)
    },
    stop: () => {
      stopper?.abort()
      wake()
    },
  }
}

const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('offline', 'The connection to Busbar broke')

/** Doubles, with a third of chance so that many pages do not return at once. */
const backOff = (failures: number, retryAfterS: number | null): number => {
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
  return Math.max(waitMs, (retryAfterS ?? 0) * 1_000) * (0.85 + Math.random() * 0.3)
}
