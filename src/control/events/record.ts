import {
  isOpenEnded,
  type EventCode,
  type EventState,
  type EventTransition,
  type GridEvent,
} from '../../domain/signal.ts'
import {
  playedEnd,
  playedStart,
  recoveredAt,
  type TimelineEvent,
} from '../../engine/timeline/played.ts'
import { MAX_RECOVERY_MS } from '../../engine/timeline/trajectory.ts'
import type { Row } from '../../ports/tables.ts'

/** What must survive a restart beside the document itself. */
export interface EventMemory {
  readonly startShiftMs: number
  readonly endShiftMs: number
  /** Whose random delay was drawn, so that no other is added to it. */
  readonly delayedBy: 'event' | 'policy' | null
  readonly stopMs: number | null
  /** Power on its scope when it started. */
  readonly referenceW: number | null
  readonly startedAtMs: number | null
  readonly committed: EventTransition['committed']
  /** What the authority was told last; told again when it repeats itself. */
  readonly last: EventTransition
}

/** One grid event in its latest version. Replaced, never modified. */
export interface EventRecord {
  readonly event: GridEvent
  readonly state: EventState
  readonly memory: EventMemory
}

/** An event as viewers see it. */
export interface EventView {
  /** `authority/eventId`. */
  readonly id: string
  readonly event: GridEvent
  readonly state: EventState
  readonly sinceMs: number
  readonly code: EventCode | null
  readonly reason: string | null
  readonly committed: EventTransition['committed']
  /** When it acts, random draws and stops included. */
  readonly startMs: number
  readonly endMs: number
  readonly delayedBy: EventMemory['delayedBy']
}

/** What one authority's source may ask about its own events. */
export interface EventBook {
  /** Of the version that we hold; `null` = never seen, or forgotten. */
  modification(eventId: string): number | null
  views(): readonly EventView[]
}

/** Nothing comes after these. */
const FINAL: readonly EventState[] = [
  'opted-out',
  'rejected',
  'completed',
  'aborted',
  'superseded',
  'cancelled',
  'expired',
]

/** A replayed issue cannot revive an event that is remembered. */
export const TOMBSTONE_MS = 48 * 3_600_000

export const eventKey = (authority: string, eventId: string): string => `${authority}/${eventId}`

export const isFinal = (record: EventRecord): boolean => FINAL.includes(record.state)

export const playedEvent = ({ event, memory }: EventRecord): TimelineEvent => ({
  event,
  startShiftMs: memory.startShiftMs,
  endShiftMs: memory.endShiftMs,
  stopMs: memory.stopMs,
  referenceW: memory.referenceW,
})

/** Acts, will act, or is still being recovered from. */
export const matters = (record: EventRecord, nowMs: number): boolean =>
  !isFinal(record) ||
  (record.memory.startedAtMs !== null && nowMs < recoveredAt(playedEvent(record)))

export const forgettableAt = (record: EventRecord): number => {
  const { event, memory } = record
  const isOver = isOpenEnded(event) && isFinal(record)
  // What has no end of its own is over when it was ended.
  const endMs = isOver ? (memory.stopMs ?? memory.last.atMs) : event.intervals.at(-1)!.endMs
  const recoveredMs = isOver ? endMs + MAX_RECOVERY_MS : recoveredAt(playedEvent(record))
  return Math.max(endMs, recoveredMs) + TOMBSTONE_MS
}

export const viewOf = (record: EventRecord): EventView => {
  const { event, state, memory } = record
  const played = playedEvent(record)
  return {
    id: eventKey(event.authority, event.eventId),
    event,
    state,
    sinceMs: memory.last.atMs,
    code: memory.last.code,
    reason: memory.last.reason,
    committed: memory.committed,
    startMs: playedStart(played),
    endMs: playedEnd(played),
    delayedBy: memory.delayedBy,
  }
}

export const toRow = (record: EventRecord): Row<'event'> => {
  const { event, state, memory } = record
  return {
    authority: event.authority,
    eventId: event.eventId,
    modification: event.modification,
    state,
    document: event,
    memory,
    startMs: event.intervals[0].startMs,
    endMs: event.intervals.at(-1)!.endMs,
    updatedAtMs: memory.last.atMs,
  }
}

/** Rows come from our own hand: their documents have the shape that `toRow` gave them. */
export const fromRow = (row: Row<'event'>): EventRecord => ({
  event: row.document as GridEvent,
  state: row.state as EventState,
  memory: row.memory as EventMemory,
})
