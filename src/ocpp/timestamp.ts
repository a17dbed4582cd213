import type { Clock } from '../ports/clock.ts'

/** Milliseconds UTC to the only form that we send: `2026-11-22T07:00:00.000Z`. */
export const iso = (atMs: number): string => new Date(atMs).toISOString()

/**
 * A function that returns the present time as ISO text. Formatting costs more than the rest of a
 * Heartbeat answer, so the text is kept for as long as the millisecond lasts.
 */
export const isoClock = (clock: Clock): (() => string) => {
  let keptMs = Number.NaN
  let text = ''
  return () => {
    const nowMs = clock.now()
    if (nowMs !== keptMs) {
      keptMs = nowMs
      text = iso(nowMs)
    }
    return text
  }
}
