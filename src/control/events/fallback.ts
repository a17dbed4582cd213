import type { GridEvent } from '../../domain/signal.ts'
import { playedIntervals, type TimelineEvent } from '../../engine/timeline/played.ts'
import type { Comms, DefaultSignal } from '../../ports/signal-source.ts'

/** What holds when an authority falls silent, until it says otherwise. */
export interface FallbackPolicy {
  /** Until (and unless) the authority names its own. */
  readonly defaults: readonly DefaultSignal[]
  /** Once fallen back, at least this long. */
  readonly minimumMs: number
}

export const NO_FALLBACK: FallbackPolicy = { defaults: [], minimumMs: 0 }

export interface Fallback {
  readonly active: boolean
  readonly sinceMs: number
  /** Fell back because the authority went silent, not merely because we started. */
  readonly lost: boolean
  readonly defaults: readonly DefaultSignal[]
}

/** A start counts as silence: the defaults hold until the first word. */
export const initialFallback = (policy: FallbackPolicy, nowMs: number): Fallback => ({
  active: true,
  sinceMs: nowMs,
  lost: false,
  defaults: policy.defaults,
})

/**
 * Into the fallback when the authority is lost; out of it only when it is heard again *and* its word
 * is complete (every event that it lists is here, so what holds is explicit), and not before the
 * minimum time (as EEBUS LPC has it). Returns the same object when nothing changed.
 */
export const nextFallback = (
  fallback: Fallback,
  comms: Comms,
  policy: FallbackPolicy,
  nowMs: number,
): Fallback => {
  const defaults = comms.defaults ?? fallback.defaults
  const next = defaults === fallback.defaults ? fallback : { ...fallback, defaults }
  if (!next.active) {
    return comms.state === 'lost' ? { ...next, active: true, lost: true, sinceMs: nowMs } : next
  }
  // Silence is not the end of a start: the minimum time applies from here on.
  if (comms.state === 'lost' && !next.lost) return { ...next, lost: true, sinceMs: nowMs }
  const held = !next.lost || nowMs - next.sinceMs >= policy.minimumMs
  return comms.state === 'fresh' && comms.complete && held ? { ...next, active: false } : next
}

/**
 * The defaults as events, for the times about which the schedule that is already known says nothing
 * (CSIP: keep following it, then fall to the default). Ordinary limits for the timeline.
 *
 * @param known events of the same authority that act in the window
 */
export const fallbackEvents = (
  authority: string,
  { defaults }: Fallback,
  known: readonly TimelineEvent[],
  fromMs: number,
  toMs: number,
): TimelineEvent[] =>
  defaults.flatMap((standing, i) => {
    const said = known
      .filter(
        ({ event }) =>
          event.signal.kind === standing.signal.kind &&
          (standing.programId === null || event.programId === standing.programId),
      )
      .flatMap((event) => playedIntervals(event).filter(({ value }) => value !== null))
      .sort((a, b) => a.startMs - b.startMs)
    const intervals: GridEvent['intervals'][number][] = []
    let freeMs = fromMs
    for (const { startMs, endMs } of [...said, { startMs: toMs, endMs: toMs }]) {
      if (startMs > freeMs) {
        intervals.push({
          id: intervals.length,
          startMs: freeMs,
          endMs: Math.min(startMs, toMs),
          value: standing.value,
        })
      }
      freeMs = Math.max(freeMs, endMs)
      if (freeMs >= toMs) break
    }
    if (intervals.length === 0) return []
    const event: GridEvent = {
      authority,
      eventId: `default-${standing.programId ?? i}`,
      modification: 0,
      status: 'issued',
      cancelAtMs: null,
      eventClass: 'mandatory',
      // Any setpoint that somebody issued goes first.
      priority: 256,
      optOut: false,
      programId: standing.programId,
      targets: standing.targets,
      issuedAtMs: 0,
      notAfterMs: toMs,
      ackByMs: null,
      signal: standing.signal,
      intervals,
      randomize: null,
      ramp: null,
      recovery: null,
      test: false,
    }
    return [{ event, startShiftMs: 0, endShiftMs: 0, stopMs: null, referenceW: null }]
  })
