import type { EventTransition } from '../../domain/signal.ts'
import { playedEnd, playedStart } from '../../engine/timeline/played.ts'
import { transitionTo } from './ledger.ts'
import { isFinal, playedEvent, type EventRecord } from './record.ts'

export interface Advance {
  readonly record: EventRecord
  readonly transition: EventTransition
}

/**
 * What time alone does to an event: it starts, it ends, or it is over before it could start (we were
 * not running). `null` = nothing yet. Pure.
 *
 * @param referenceW power on the scope of the event now; asked at its start only
 */
export const advance = (
  record: EventRecord,
  nowMs: number,
  referenceW: () => number | null,
): Advance | null => {
  if (isFinal(record)) return null
  const { event, memory } = record
  const played = playedEvent(record)
  const startMs = playedStart(played)
  const cancelled = event.status === 'cancelled'
  const neverStarts = memory.stopMs !== null && memory.stopMs <= startMs
  if (nowMs >= playedEnd(played) || neverStarts) {
    if (cancelled) return moved(record, transitionTo(event, 'cancelled', nowMs))
    if (memory.startedAtMs !== null) return moved(record, transitionTo(event, 'completed', nowMs))
    const reason = 'it was over before it could start: this system was not running then'
    return moved(record, transitionTo(event, 'expired', nowMs, { code: 'expired', reason }))
  }
  if (nowMs < startMs || memory.startedAtMs !== null) return null
  const reference = memory.referenceW ?? referenceW()
  if (event.signal.kind === 'reduce-by' && reference === null) {
    const reason = 'a reduction needs a reference, and the power on its scope is not known'
    return moved(record, transitionTo(event, 'aborted', nowMs, { code: 'noCapacity', reason }))
  }
  return moved(record, transitionTo(event, 'started', nowMs), {
    startedAtMs: nowMs,
    referenceW: reference,
  })
}

/** The record after a transition of it. */
export const moved = (
  record: EventRecord,
  transition: EventTransition,
  more: Partial<EventRecord['memory']> = {},
): Advance => ({
  record: {
    event: record.event,
    state: transition.state,
    memory: { ...record.memory, ...more, last: transition },
  },
  transition,
})
