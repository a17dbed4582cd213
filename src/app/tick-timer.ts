import type { TickStats } from '../api/deps.ts'
import type { Clock } from '../ports/clock.ts'

/** How long the ticks of the control loop take. */
export interface TickTimer {
  run(tick: () => void): void
  /** Time since the last one ended; since the start of the program before the first. */
  readonly lateMs: () => number
  readonly stats: () => TickStats
}

export const createTickTimer = (clock: Clock): TickTimer => {
  let count = 0
  let totalS = 0
  let lastS = 0
  let longestS = 0
  let lastAtMs = clock.monotonicMs()
  return {
    run: (tick) => {
      const began = performance.now()
      tick()
      lastS = (performance.now() - began) / 1000
      count++
      totalS += lastS
      longestS = Math.max(longestS, lastS)
      lastAtMs = clock.monotonicMs()
    },
    lateMs: () => clock.monotonicMs() - lastAtMs,
    stats: () => ({ count, totalS, lastS, longestS }),
  }
}
