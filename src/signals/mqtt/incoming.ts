import type { EventBook } from '../../control/events/record.ts'
import { OPEN_END_MS, type GridEvent } from '../../domain/signal.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { MessageHandler } from '../broker.ts'
import type { Outgoing } from './outgoing.ts'
import { readEvent } from './read-event.ts'
import { createReplayGuard } from './replay-guard.ts'
import type { WireContext } from './to-domain.ts'

/** Clocks further apart than this are an alarm, and starts are taken by our own. */
export const MAX_SKEW_MS = 30_000

export interface Incoming {
  /** For every topic that carries events. */
  handler(accept: (event: GridEvent) => void): MessageHandler
  /** Has this version of an event, or a later one, reached us, followed or not? */
  readonly reached: (eventId: string, modification: number) => boolean
}

export interface IncomingDeps {
  readonly context: WireContext
  /** Of the topics; the `source` of every document that comes on them. */
  readonly operator: string
  readonly outgoing: Outgoing
  readonly clock: Clock
  readonly log: Log
  readonly book: EventBook | null
  readonly clockSkewMs: () => number
}

const MAX_SEEN = 10_000

/** Takes events from the wire to the lifecycle, and says why not where that is impossible. */
export const createIncoming = (deps: IncomingDeps): Incoming => {
  const { context, operator, outgoing, clock, log, book } = deps
  const guard = createReplayGuard()
  const seen = new Map<string, number>()

  /** The oldest are forgotten first; the book knows them. */
  const note = (eventId: string, modification: number): void => {
    const known = seen.get(eventId) ?? -1
    seen.delete(eventId)
    seen.set(eventId, Math.max(known, modification))
    const [oldest] = seen.keys()
    if (seen.size > MAX_SEEN && oldest !== undefined) seen.delete(oldest)
  }

  const reached: Incoming['reached'] = (eventId, modification) =>
    (seen.get(eventId) ?? -1) >= modification || (book?.modification(eventId) ?? -1) >= modification

  const refuse = (
    code: 'schema' | 'stale' | 'unauthorized',
    eventId: string,
    modification: number,
    reason: string,
  ): void => {
    log.warn({ eventId, modification, code, reason }, 'an event was refused')
    const atMs = clock.now()
    const { authority } = context
    const committed = null
    const state = 'rejected'
    outgoing.refuse({ authority, eventId, modification, state, atMs, code, reason, committed })
  }

  return {
    handler:
      (accept) =>
      (topic, payload, { retain }) => {
        // An emptied retained topic says nothing: a cancel is always explicit.
        if (payload.length === 0) return
        const reading = readEvent(
          payload,
          { operator, eventId: topic.slice(topic.lastIndexOf('/') + 1) },
          context,
        )
        if (!reading.ok) {
          const { eventId, modification, correlationId, code, reason } = reading
          note(eventId, modification)
          outgoing.correlate(eventId, modification, correlationId)
          refuse(code, eventId, modification, reason)
          return
        }
        const { event, envelopeId, correlationId, sentAtMs } = reading
        const { eventId, modification } = event
        const nowMs = clock.now()
        const document = `${eventId} modification ${modification}`
        const replay = guard.check(envelopeId, document, sentAtMs, !retain, nowMs)
        if (replay !== null) {
          // A version that did reach us keeps the request that it came with.
          if (!reached(eventId, modification)) {
            outgoing.correlate(eventId, modification, correlationId)
          }
          refuse('stale', eventId, modification, replay)
          return
        }
        outgoing.correlate(eventId, modification, correlationId)
        note(eventId, modification)
        accept(byOurClock(event, deps.clockSkewMs(), nowMs))
      },
    reached,
  }
}

/**
 * With clocks far apart a start in the past is not the past (section 6.4): what the authority means
 * by "now" is our "now", so the event moves by the difference, at most up to now, and so does the time
 * after which it would be too late.
 *
 * @param skewMs our clock less theirs
 */
const byOurClock = (event: GridEvent, skewMs: number, nowMs: number): GridEvent => {
  if (skewMs <= MAX_SKEW_MS) return event
  const notAfterMs = event.notAfterMs + skewMs
  const behindMs = nowMs - event.intervals[0].startMs
  if (behindMs <= 0) return { ...event, notAfterMs }
  const shiftMs = Math.min(skewMs, behindMs)
  return {
    ...event,
    notAfterMs,
    intervals: event.intervals.map((interval) => ({
      ...interval,
      startMs: interval.startMs + shiftMs,
      endMs: Math.min(OPEN_END_MS, interval.endMs + shiftMs),
    })),
  }
}
