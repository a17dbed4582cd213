import { isIPv6 } from 'node:net'
import type { Clock } from '../ports/clock.ts'

/**
 * Counts wrong tokens per address. A right token always passes, so nobody can lock out a neighbour
 * behind the same address; guessing 256 random bits is hopeless anyway. What is bounded is the noise.
 */
export interface Throttle {
  /** Notes a failure. Seconds to wait when there were too many; else `null`. */
  failed(address: string): number | null
}

const MAX_FAILURES = 20
const WINDOW_MS = 60_000
const MAX_ADDRESSES = 10_000

export const createThrottle = (clock: Clock): Throttle => {
  const windows = new Map<string, { failures: number; readonly endMs: number }>()

  return {
    failed: (address) => {
      const nowMs = clock.now()
      const key = networkOf(address)
      let window = windows.get(key)
      if (!window || window.endMs <= nowMs) {
        window = { failures: 0, endMs: nowMs + WINDOW_MS }
        windows.delete(key)
        windows.set(key, window)
      }
      window.failures++
      if (windows.size > MAX_ADDRESSES) windows.delete(windows.keys().next().value ?? '')
      return window.failures > MAX_FAILURES ? Math.ceil((window.endMs - nowMs) / 1_000) : null
    },
  }
}

/** One subscriber has a whole /64 of IPv6 addresses to itself. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address) || address.includes('.')) return address
  const [head, tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const end = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = address.includes('::') ? 8 - groups.length - end.length : 0
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...end]
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
