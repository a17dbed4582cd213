import type { Clock } from '../ports/clock.ts'

/**
 * Slows down guessing; only wrong passwords count. Two bounds: for one name from one address an ever
 * longer pause, and for one address a bucket of failures, which guards nothing but the cost of slow
 * hashes: a whole site may stand behind one address. Both are bounded in memory; the oldest entries
 * are forgotten.
 */
export interface Throttle {
  /**
   * Milliseconds that an attempt has to wait; 0 = try now. `isCostly`: its check takes a slow hash;
   * the failures of others at its address make it wait a second at most.
   */
  waitMs(address: string, name: string, isCostly: boolean): number
  failed(address: string, name: string): void
  succeeded(address: string, name: string): void
}

const MAX_ENTRIES = 20_000
/** Wrong passwords before the first pause: a person at the station may mistype. */
const FREE_FAILURES = 3
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 300_000
const BUCKET = 60
const REFILL_MS = 1_000

export const createThrottle = (clock: Clock): Throttle => {
  const names = new Map<string, { failures: number; untilMs: number }>()
  const addresses = new Map<string, { tokens: number; atMs: number }>()

  const level = (address: string, nowMs: number): number => {
    const bucket = addresses.get(address)
    if (!bucket) return BUCKET
    const refilled = Math.max(0, nowMs - bucket.atMs) / REFILL_MS
    return Math.min(BUCKET, bucket.tokens + refilled)
  }

  return {
    waitMs: (address, name, isCostly) => {
      const nowMs = clock.now()
      const pauseMs = (names.get(keyOf(address, name))?.untilMs ?? 0) - nowMs
      const missing = isCostly ? 1 - level(address, nowMs) : 0
      return Math.max(0, Math.min(pauseMs, LONGEST_PAUSE_MS), missing * REFILL_MS)
    },
    failed: (address, name) => {
      const nowMs = clock.now()
      const key = keyOf(address, name)
      const failures = (names.get(key)?.failures ?? 0) + 1
      const doublings = Math.min(failures - FREE_FAILURES, 20)
      const pauseMs =
        doublings < 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** doublings, LONGEST_PAUSE_MS)
      putNewest(names, key, { failures, untilMs: nowMs + pauseMs })
      const tokens = Math.max(0, level(address, nowMs) - 1)
      putNewest(addresses, address, { tokens, atMs: nowMs })
    },
    succeeded: (address, name) => {
      names.delete(keyOf(address, name))
    },
  }
}

const keyOf = (address: string, name: string): string => `${address} ${name}`

const putNewest = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_ENTRIES) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
