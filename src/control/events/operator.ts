import type { GridEvent } from '../../domain/signal.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { moved } from './advance.ts'
import { decide, type FleetPower } from './decide.ts'
import { transitionTo, type Ledger } from './ledger.ts'
import { API, issueOf, newEventId, type NewEvent } from './own-events.ts'
import { eventKey, isFinal, viewOf, type EventRecord, type EventView } from './record.ts'
import { faultOf } from './soundness.ts'

export type OptOutResult =
  { readonly ok: true; readonly event: EventView } | { readonly ok: false; readonly reason: string }

/** What people do to events; each act is audited in the commit that does it. */
export interface Operator {
  /**
   * @throws AppError `conflict` (the id exists), `payload-invalid` (unsound, over, or not possible
   * here), `too-many-requests` (no room)
   */
  create(event: NewEvent, actor: string): Promise<EventView>
  /**
   * A new version of an event made here.
   * @throws AppError `not-found`, `conflict` (it is over), `payload-invalid`
   */
  replace(eventId: string, event: NewEvent, actor: string): Promise<EventView>
  /**
   * Ends an event made here, now or at a later time.
   * @throws AppError `not-found`, `conflict` (somebody else's, or over)
   */
  cancel(authority: string, eventId: string, actor: string, atMs?: number): Promise<EventView>
  /**
   * The operator does not follow an event (any more). Emergency and mandatory events, and those that
   * do not offer it, can be left for `safety` only. @throws AppError `not-found`
   */
  optOut(
    authority: string,
    eventId: string,
    because: { code: 'userOverride' | 'safety'; reason: string; actor: string },
  ): Promise<OptOutResult>
}

export interface OperatorDeps {
  readonly ledger: Ledger
  readonly view: GridView
  readonly fleet: FleetPower
  readonly clock: Clock
  readonly random: Random
  /** The way of every event into the ledger. */
  readonly accept: (event: GridEvent, audit: readonly StoredRecord[]) => Promise<void>
}

export const createOperator = (deps: OperatorDeps): Operator => {
  const { ledger, view, fleet, clock, random, accept } = deps

  const find = (authority: string, eventId: string): EventRecord => {
    const record = ledger.get(eventKey(authority, eventId))
    if (record) return record
    throw new AppError('not-found', `there is no event ${eventKey(authority, eventId)}`)
  }

  const audited = (actor: string, action: string, key: string, detail: unknown): StoredRecord => ({
    table: 'audit',
    row: { atMs: clock.now(), actor, action, target: key, detail },
  })

  /** What a utility would be told by an acknowledgement, a person is told by an error. */
  const mustBePossible = (event: GridEvent, nowMs: number): void => {
    const refuse = (reason: string): never => {
      throw new AppError('payload-invalid', `event ${event.eventId}: ${reason}`)
    }
    const fault = faultOf(event)
    if (fault !== null) refuse(fault)
    if (event.intervals.at(-1)!.endMs <= nowMs) refuse('its last interval is over')
    const { state, reason } = decide(event, view, fleet, null)
    if (state === 'rejected') refuse(reason ?? 'it cannot be followed here')
    if (!ledger.get(eventKey(API, event.eventId)) && !ledger.room(event)) {
      throw new AppError('too-many-requests', 'too many events are waiting; cancel some')
    }
  }

  const submit = async (
    input: NewEvent,
    eventId: string,
    modification: number,
    actor: string,
  ): Promise<EventView> => {
    const nowMs = clock.now()
    const event = issueOf(input, eventId, modification, nowMs)
    mustBePossible(event, nowMs)
    const action = modification === 0 ? 'event.create' : 'event.replace'
    await accept(event, [audited(actor, action, eventKey(API, eventId), event)])
    return viewOf(find(API, eventId))
  }

  return {
    async create(input, actor) {
      const eventId = input.eventId ?? newEventId(clock.now(), random)
      if (ledger.get(eventKey(API, eventId))) {
        throw new AppError('conflict', `event ${API}/${eventId} exists; replace or cancel it`)
      }
      return submit(input, eventId, 0, actor)
    },
    async replace(eventId, input, actor) {
      const record = find(API, eventId)
      if (isFinal(record)) {
        throw new AppError('conflict', `event ${API}/${eventId} is ${record.state}: make a new one`)
      }
      return submit(input, eventId, record.event.modification + 1, actor)
    },
    async cancel(authority, eventId, actor, atMs) {
      const record = find(authority, eventId)
      const key = eventKey(authority, eventId)
      if (authority !== API) {
        throw new AppError('conflict', `only ${authority} can cancel event ${key}; opt out of it`)
      }
      if (isFinal(record)) {
        throw new AppError('conflict', `event ${key} is over: it is ${record.state}`)
      }
      const nowMs = clock.now()
      const cancelAtMs = Math.max(nowMs, atMs ?? nowMs)
      const modification = record.event.modification + 1
      await accept(
        { ...record.event, modification, status: 'cancelled', issuedAtMs: nowMs, cancelAtMs },
        [audited(actor, 'event.cancel', key, { cancelAtMs })],
      )
      return viewOf(find(authority, eventId))
    },
    async optOut(authority, eventId, { code, reason, actor }) {
      const record = find(authority, eventId)
      const refusal = whyNoOptOut(record, code)
      if (refusal !== null) return { ok: false, reason: refusal }
      const nowMs = clock.now()
      const state = record.memory.startedAtMs === null ? 'opted-out' : 'aborted'
      const transition = transitionTo(record.event, state, nowMs, { code, reason })
      const next = moved(record, transition, { stopMs: nowMs })
      const key = eventKey(authority, eventId)
      const audit = audited(actor, 'event.opt-out', key, { code, reason })
      await ledger.put(next.record, [transition], [audit])
      return { ok: true, event: viewOf(next.record) }
    },
  }
}

const whyNoOptOut = (record: EventRecord, code: 'userOverride' | 'safety'): string | null => {
  const { event, state } = record
  if (isFinal(record)) return `the event is over: it is ${state}`
  if (code === 'safety') return null
  if (event.eventClass === 'emergency' || event.eventClass === 'mandatory') {
    return `${event.eventClass} events can be left for safety only`
  }
  return event.optOut ? null : 'its authority does not offer to opt out of this event'
}
