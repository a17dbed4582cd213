import type { EventTransition, GridEvent } from '../domain/signal.ts'
import { buildTimeline, type Timeline } from '../engine/timeline.ts'
import type { GridView } from '../engine/timeline/grid-view.ts'
import type { TimelineEvent } from '../engine/timeline/played.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { SignalSource } from '../ports/signal-source.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import { advance } from './events/advance.ts'
import { referenceOf, type FleetPower } from './events/decide.ts'
import { DEFAULT_EVENT_RULES, type EventRules } from './events/event-rules.ts'
import type { Fallback } from './events/fallback.ts'
import { createDelivery } from './events/delivery.ts'
import { createFallbacks } from './events/fallbacks.ts'
import type { JournalHealth } from './events/journal.ts'
import { createLedger } from './events/ledger.ts'
import { createOperator, type Operator } from './events/operator.ts'
import { receive } from './events/receive.ts'
import {
  eventKey,
  isFinal,
  matters,
  playedEvent,
  viewOf,
  type EventBook,
  type EventRecord,
  type EventView,
} from './events/record.ts'

export interface EventLifecycleDeps {
  readonly view: GridView
  readonly fleet: FleetPower
  readonly storage: Storage
  readonly fabric: Fabric
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly rules?: Partial<EventRules>
}

/**
 * Owns every grid event from its first delivery to its tombstone: which version counts, whether and
 * how far it is followed, when it starts and ends, and what its authority is told. What is told has
 * been committed before. Grid-signals profile, sections 6.3 and 6.4.
 *
 *   received -> accepted | partial | rejected | expired
 *   accepted, partial -> started -> completed
 *   any of these -> superseded (a newer version), cancelled, opted-out (before), aborted (after start)
 */
export interface EventLifecycle extends Operator {
  /** Brings back events, draws and tombstones; before anything else. */
  load(): Promise<void>
  /**
   * Makes the source known and returns what its `start` wants. All sources before the first `step`,
   * or acknowledgements of what happened meanwhile have nobody to go to.
   */
  attach(source: SignalSource): (event: GridEvent) => void
  /** One version of one event; repeats and replays welcome. */
  handle(source: SignalSource, event: GridEvent): void
  /** Once a second: starts, ends, expires, watches the authorities' heartbeats. */
  step(nowMs: number): void
  /** Resolves when all that happened so far is committed and told (or the storage failed). */
  settle(): Promise<void>
  /** Whether what happens can be stored. */
  health(): JournalHealth

  /** Cached: cheap to ask each tick. Covers at least the horizon from `nowMs` on. */
  timeline(nowMs: number): Timeline
  /** What acts, will act or is recovered from between the two times, fallbacks included. */
  effective(nowMs: number, toMs: number): readonly TimelineEvent[]

  /** Not over, earliest start first. */
  active(): readonly EventView[]
  /** All that are remembered, latest start first. */
  all(): readonly EventView[]
  find(authority: string, eventId: string): EventView | null
  /** All steps of an event's life, oldest first. */
  history(authority: string, eventId: string): Promise<readonly EventTransition[]>
  /** What a source may know about the events of its authority. */
  book(authority: string): EventBook
  /** Whether the defaults of an authority hold; `null` for one without a heartbeat. */
  fallback(authority: string): Fallback | null
}

/** A timeline serves this long before it is built anew; events that change build it at once. */
const TIMELINE_MS = 3_600_000
const FORGET_EVERY_MS = 60_000

export const createEventLifecycle = (deps: EventLifecycleDeps): EventLifecycle => {
  const { view, fleet, storage, fabric, clock, random, log } = deps
  const rules = { ...DEFAULT_EVENT_RULES, ...deps.rules }
  const ledger = createLedger({ storage, fabric, log, rules })
  const fallbacks = createFallbacks(storage, rules, log)
  const delivery = createDelivery(view, fleet)
  const receiving = { ledger, view, fleet, random, rules }
  let loaded = false
  let forgottenAtMs = 0
  let built: { timeline: Timeline; version: number } | null = null

  const mustBeLoaded = (): void => {
    if (loaded) return
    throw new AppError('invariant-broken', 'events may be handled only after load() has finished')
  }

  /** A failed write has been logged and is tried again. */
  const later = (stored: Promise<void>): void => void stored.catch(() => {})

  const advanceOne = (record: EventRecord, nowMs: number): void => {
    const next = advance(record, nowMs, () => referenceOf(record.event, view, fleet))
    if (next) later(ledger.put(next.record, [next.transition]))
  }

  const accept = (event: GridEvent, audit: readonly StoredRecord[] = []): Promise<void> => {
    mustBeLoaded()
    const nowMs = clock.now()
    const stored = receive(receiving, event, nowMs, audit)
    const record = ledger.get(eventKey(event.authority, event.eventId))
    if (record) advanceOne(record, nowMs)
    return stored
  }

  const effective = (nowMs: number, toMs: number): TimelineEvent[] => {
    const known = [...ledger.records()]
      .filter((record) => matters(record, nowMs) && !record.event.test)
      .map(playedEvent)
    return [...known, ...fallbacks.events(known, nowMs, toMs)]
  }

  const viewsWhere = (keep: (record: EventRecord) => boolean): EventView[] =>
    [...ledger.records()].filter(keep).map(viewOf)

  return {
    async load() {
      await ledger.load(clock.now())
      await fallbacks.load()
      loaded = true
    },
    attach(source) {
      mustBeLoaded()
      ledger.attach(source)
      fallbacks.attach(source, clock.now())
      return (event) => later(accept(event))
    },
    handle(source, event) {
      ledger.attach(source)
      later(accept(event))
    },
    step(nowMs) {
      for (const record of ledger.records()) advanceOne(record, nowMs)
      delivery.step(nowMs, ledger.records(), ledger.delivered)
      fallbacks.step(nowMs)
      if (Math.abs(nowMs - forgottenAtMs) >= FORGET_EVERY_MS) {
        ledger.forget(nowMs)
        forgottenAtMs = nowMs
      }
      ledger.retry()
    },
    settle: () => ledger.settle(),
    health: () => ledger.health(),

    timeline(nowMs) {
      // Both only ever rise, so their sum stands for the pair.
      const version = ledger.version() + fallbacks.version()
      const age = built === null ? Infinity : nowMs - built.timeline.fromMs
      if (built === null || built.version !== version || age < 0 || age >= TIMELINE_MS) {
        const toMs = nowMs + rules.horizonMs + TIMELINE_MS
        const timeline = buildTimeline(effective(nowMs, toMs), view, nowMs, toMs)
        built = { timeline, version }
      }
      return built.timeline
    },
    effective,

    active: () => viewsWhere((record) => !isFinal(record)).sort((a, b) => a.startMs - b.startMs),
    all: () => viewsWhere(() => true).sort((a, b) => b.startMs - a.startMs),
    find(authority, eventId) {
      const record = ledger.get(eventKey(authority, eventId))
      return record ? viewOf(record) : null
    },
    async history(authority, eventId) {
      const rows = await storage.query('eventTransition', { where: { authority, eventId } })
      return rows.map(({ modification, state, atMs, code, reason, committed }) => {
        const row = { authority, eventId, modification, state, atMs, code, reason, committed }
        // Rows come from our own hand: the ledger wrote transitions.
        return row as EventTransition
      })
    },
    book: (authority) => ({
      modification: (eventId) =>
        ledger.get(eventKey(authority, eventId))?.event.modification ?? null,
      views: () => viewsWhere(({ event }) => event.authority === authority),
    }),
    fallback: (authority) => fallbacks.of(authority),

    ...createOperator({ ledger, view, fleet, clock, random, accept }),
  }
}
