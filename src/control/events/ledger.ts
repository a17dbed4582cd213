import type { EventCode, EventState, EventTransition, GridEvent } from '../../domain/signal.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { SignalSource } from '../../ports/signal-source.ts'
import type { Storage, StoredRecord } from '../../ports/storage.ts'
import type { EventRules } from './event-rules.ts'
import { createJournal, type JournalHealth } from './journal.ts'
import {
  eventKey,
  forgettableAt,
  fromRow,
  toRow,
  TOMBSTONE_MS,
  viewOf,
  type EventRecord,
} from './record.ts'

/** All events in memory, and the way of every change to the storage, the authority and viewers. */
export interface Ledger {
  load(nowMs: number): Promise<void>
  attach(source: SignalSource): void
  get(key: string): EventRecord | undefined
  records(): Iterable<EventRecord>
  /** Is there room for one more event of this size? */
  room(event: GridEvent): boolean
  /** Keeps the record, and stores and tells how it came about. Rejects when it could not be stored. */
  put(
    record: EventRecord,
    transitions: readonly EventTransition[],
    more?: readonly StoredRecord[],
  ): Promise<void>
  /** Stores and tells what changes no event (a refusal). */
  note(transition: EventTransition): Promise<void>
  /** Tells again what was told last. */
  repeat(record: EventRecord): Promise<void>
  /** Tells what the event delivers; nothing is stored. */
  readonly delivered: (record: EventRecord, powerW: number) => void
  /** Drops tombstones that are old enough. */
  forget(nowMs: number): void
  /** Rises with every change. */
  version(): number
  retry(): void
  settle(): Promise<void>
  health(): JournalHealth
}

export interface LedgerDeps {
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly rules: EventRules
}

/** Rows of the event table whose id starts with a dot are not events (no event id may). */
export const isNoEvent = (eventId: string): boolean => eventId.startsWith('.')

export const transitionTo = (
  event: GridEvent,
  state: EventState,
  atMs: number,
  more: {
    code?: EventCode | null
    reason?: string | null
    committed?: EventTransition['committed']
  } = {},
): EventTransition => ({
  authority: event.authority,
  eventId: event.eventId,
  modification: event.modification,
  state,
  atMs,
  code: more.code ?? null,
  reason: more.reason ?? null,
  committed: more.committed ?? null,
})

export const createLedger = ({ storage, fabric, log, rules }: LedgerDeps): Ledger => {
  const journal = createJournal(storage, log)
  const records = new Map<string, EventRecord>()
  const sources = new Map<string, SignalSource>()
  let intervals = 0
  let version = 0

  const keep = (key: string, record: EventRecord | null): void => {
    intervals -= records.get(key)?.event.intervals.length ?? 0
    intervals += record?.event.intervals.length ?? 0
    if (record) records.set(key, record)
    else records.delete(key)
    version += 1
  }

  const acknowledge = (transition: EventTransition): void => {
    const { authority, eventId, modification, state, code, reason } = transition
    log.info({ authority, eventId, modification, state, code, reason }, 'grid event')
    sources.get(authority)?.acknowledge(transition)
  }

  const rowOf = (transition: EventTransition): StoredRecord => ({
    table: 'eventTransition',
    row: transition,
  })

  return {
    async load(nowMs) {
      const rows = await storage.query('event', {
        between: { column: 'endMs', from: nowMs - TOMBSTONE_MS },
      })
      for (const row of rows) {
        if (isNoEvent(row.eventId)) continue
        keep(eventKey(row.authority, row.eventId), fromRow(row))
      }
    },
    attach: (source) => void sources.set(source.id, source),
    get: (key) => records.get(key),
    records: () => records.values(),
    room: (event) =>
      records.size < rules.maxEvents && intervals + event.intervals.length <= rules.maxIntervals,
    put(record, transitions, more = []) {
      const { authority, eventId } = record.event
      const key = eventKey(authority, eventId)
      keep(key, record)
      return journal.add({
        key,
        records: [{ table: 'event', row: toRow(record) }, ...transitions.map(rowOf), ...more],
        tell: () => {
          transitions.forEach(acknowledge)
          const { atMs } = record.memory.last
          fabric.publish({ kind: 'event', id: key, atMs, data: viewOf(record) })
        },
      })
    },
    note: (transition) =>
      journal.add({
        key: eventKey(transition.authority, transition.eventId),
        records: [rowOf(transition)],
        tell: () => acknowledge(transition),
      }),
    repeat: ({ event, memory }) =>
      journal.add({
        key: eventKey(event.authority, event.eventId),
        records: [],
        tell: () => sources.get(memory.last.authority)?.acknowledge(memory.last),
      }),
    delivered: ({ event: { authority, eventId } }, powerW) =>
      sources.get(authority)?.delivered?.(eventId, powerW),
    forget(nowMs) {
      for (const [key, record] of records) if (forgettableAt(record) <= nowMs) keep(key, null)
    },
    version: () => version,
    retry: () => journal.retry(),
    settle: () => journal.settle(),
    health: () => journal.health(),
  }
}
