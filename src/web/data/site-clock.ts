import { effect, signal, type ReadonlySignal } from '@preact/signals'
import type { Store } from './store.ts'

/** The server's time, in steps of a second: the reader's own clock may be anything. */
export interface SiteClock {
  readonly nowMs: ReadonlySignal<number>
  stop(): void
}

/**
 * The time of the last tick says where the server's clock stands; ticks are up to a second old, and
 * arrive late rather than early, so the greatest difference that was seen is the best.
 */
export const createSiteClock = (store: Store): SiteClock => {
  let skewMs: number | null = null
  const nowMs = signal(Date.now())
  const step = (): void => {
    nowMs.value = Date.now() + (skewMs ?? 0)
  }
  const stopWatching = effect(() => {
    const atMs = store.atMs.value
    if (atMs === null) return
    const seenMs = atMs - Date.now()
    // A clock that was set moves back as well.
    if (skewMs === null || seenMs > skewMs || seenMs < skewMs - 60_000) {
      skewMs = seenMs
      step()
    }
  })
  const timer = setInterval(step, 1_000)
  return {
    nowMs,
    stop: () => {
      clearInterval(timer)
      stopWatching()
    },
  }
}
