import type { Clock } from '../ports/clock.ts'

/** The longest delay that Node's timers take (above it they fire at once). */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * The real clock. Delays are measured on the monotonic clock: a step of the wall clock (NTP) moves
 * `now()` and nothing else. Delays may be longer than Node's own limit of 24.8 days.
 *
 * `every` does not drift: a late run does not delay the next, and periods that were missed
 * altogether (a blocked process, a suspended machine) are left out, not made up for.
 *
 * `keepAlive`: whether a waiting timer holds the process open. A server is held open by its sockets
 * and must be able to end when they close; a script that only waits needs true.
 */
export const createSystemClock = (options: { readonly keepAlive: boolean }): Clock => {
  const after = (delayMs: number, run: () => void): (() => void) => {
    if (Number.isNaN(delayMs)) throw new RangeError('delay NaN must be a number of milliseconds')
    const dueAt = performance.now() + delayMs
    let timer: NodeJS.Timeout
    const arm = (): void => {
      // Node cuts fractions off, and no timer may come early.
      const leftMs = Math.max(0, Math.ceil(dueAt - performance.now()))
      const isLast = leftMs <= MAX_DELAY_MS
      timer = setTimeout(isLast ? run : arm, isLast ? leftMs : MAX_DELAY_MS)
      if (!options.keepAlive) timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  }

  const every = (periodMs: number, run: () => void): (() => void) => {
    if (!(periodMs > 0)) throw new RangeError(`period ${periodMs} must be above 0 milliseconds`)
    let dueAt = performance.now() + periodMs
    const fire = (): void => {
      const missed = Math.max(0, Math.floor((performance.now() - dueAt) / periodMs))
      dueAt += (missed + 1) * periodMs
      cancel = after(dueAt - performance.now(), fire)
      run()
    }
    let cancel = after(periodMs, fire)
    return () => cancel()
  }

  return { now: () => Date.now(), monotonicMs: () => performance.now(), after, every }
}

/** The clock of a running server; its timers do not hold the process open. */
export const systemClock: Clock = createSystemClock({ keepAlive: false })
