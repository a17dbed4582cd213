import type { GridEvent } from '../../domain/signal.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import { playedEnd, playedStart, type TimelineEvent } from '../../engine/timeline/played.ts'
import type { Random } from '../../ports/random.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { decide, type Decision, type FleetPower } from './decide.ts'
import { drawDelays, type Draws } from './draws.ts'
import { rulesOf, type EventRules } from './event-rules.ts'
import { transitionTo, type Ledger } from './ledger.ts'
import { eventKey, isFinal, type EventRecord } from './record.ts'
import { faultOf } from './soundness.ts'

export interface ReceiveDeps {
  readonly ledger: Ledger
  readonly view: GridView
  readonly fleet: FleetPower
  readonly random: Random
  readonly rules: EventRules
}

/**
 * One delivery of one version of one event, at `nowMs`:
 *
 * | delivery | what happens |
 * |--|--|
 * | version known | the last acknowledgement again, nothing else |
 * | older version | `rejected/stale` (tombstones count: a replay revives nothing) |
 * | unsound | `rejected/schema` |
 * | new, not for us or not possible here | `rejected` with its code; an earlier version stays |
 * | new, too late | `expired`; an earlier version stays |
 * | new | `superseded` (earlier version), `received`, `accepted` or `partial` |
 * | cancel of a running or coming event | `received`; `cancelled` when it has stopped |
 * | cancel of anything else | `received`, `cancelled`: a tombstone |
 *
 * Resolves when that is stored.
 */
export const receive = (
  deps: ReceiveDeps,
  event: GridEvent,
  nowMs: number,
  audit: readonly StoredRecord[] = [],
): Promise<void> => {
  const { ledger } = deps
  const known = ledger.get(eventKey(event.authority, event.eventId)) ?? null
  const refuse = (code: 'stale' | 'schema' | 'noCapacity', reason: string): Promise<void> =>
    ledger.note(transitionTo(event, 'rejected', nowMs, { code, reason }))

  if (known && event.modification === known.event.modification) return ledger.repeat(known)
  if (known && event.modification < known.event.modification) {
    const { modification } = known.event
    return refuse('stale', `modification ${event.modification} is older than ${modification}`)
  }
  const fault = faultOf(event)
  if (fault !== null) return refuse('schema', fault)
  if (!known && !ledger.room(event)) {
    return refuse('noCapacity', 'too many events are waiting here; cancel some or send them later')
  }
  if (event.status === 'cancelled') {
    const live = known && !isFinal(known)
    if (live) return cancelKnown(deps, known, event, nowMs, audit)
    if (known || event.cancelAtMs! <= Math.max(nowMs, event.intervals[0].startMs)) {
      return bury(deps, known, event, nowMs, audit)
    }
  }
  return issue(deps, known, event, nowMs, audit)
}

/** The cancel's own content does not matter: what runs is what stops. */
const cancelKnown = (
  { ledger }: ReceiveDeps,
  known: EventRecord,
  event: GridEvent,
  nowMs: number,
  audit: readonly StoredRecord[],
): Promise<void> => {
  const received = transitionTo(event, 'received', nowMs)
  const { modification, status, issuedAtMs, cancelAtMs } = event
  // A cancel that comes late stops now, not before: recovery counts from here.
  const stopMs = Math.max(nowMs, cancelAtMs! + known.memory.endShiftMs)
  const record: EventRecord = {
    event: { ...known.event, modification, status, issuedAtMs, cancelAtMs },
    state: known.state,
    memory: { ...known.memory, stopMs, last: received },
  }
  return ledger.put(record, [received], audit)
}

const bury = (
  { ledger }: ReceiveDeps,
  known: EventRecord | null,
  event: GridEvent,
  nowMs: number,
  audit: readonly StoredRecord[],
): Promise<void> => {
  const received = transitionTo(event, 'received', nowMs)
  const cancelled = transitionTo(event, 'cancelled', nowMs)
  const memory = known?.memory ?? newMemory(NO_DRAWS, event.cancelAtMs)
  const content = known ? { ...known.event, modification: event.modification } : event
  const record: EventRecord = {
    event: { ...content, status: 'cancelled', cancelAtMs: event.cancelAtMs },
    state: 'cancelled',
    memory: { ...memory, last: cancelled },
  }
  return ledger.put(record, [received, cancelled], audit)
}

const NO_DRAWS: Draws = { startShiftMs: 0, endShiftMs: 0, delayedBy: null }

const newMemory = (draws: Draws, stopMs: number | null): Omit<EventRecord['memory'], 'last'> => ({
  ...draws,
  stopMs,
  referenceW: null,
  startedAtMs: null,
  committed: null,
})

const issue = (
  deps: ReceiveDeps,
  known: EventRecord | null,
  event: GridEvent,
  nowMs: number,
  audit: readonly StoredRecord[],
): Promise<void> => {
  const { ledger, view, fleet, random, rules } = deps
  const live = known !== null && !isFinal(known)
  const running = live && known.memory.startedAtMs !== null
  const draws = drawDelays(event, rules.randomDelayMs, known?.memory ?? null, random)
  const stopMs = event.status === 'cancelled' ? event.cancelAtMs! + draws.endShiftMs : null
  const memory = {
    ...newMemory(draws, stopMs),
    // A change in mid-event keeps the power that it is measured against.
    referenceW: running ? known.memory.referenceW : null,
  }
  // One that ends it has not to start once more.
  const ends = running && nowMs >= playedEnd({ ...memory, event })

  const late = running ? null : lateness({ ...memory, event }, nowMs)
  const decision: Decision | { state: 'expired'; code: 'expired'; reason: string } =
    late === null
      ? decide(event, view, fleet, rulesOf(rules, event.authority).kinds)
      : { state: 'expired', code: 'expired', reason: late }
  const decided = transitionTo(event, decision.state, nowMs, decision)
  const followed = decision.state === 'accepted' || decision.state === 'partial'
  // What we cannot follow does not take the place of what we do.
  if (!followed && live) return ledger.note(decided)

  const received = transitionTo(event, 'received', nowMs)
  const startedAtMs = ends ? known.memory.startedAtMs : null
  const committed = 'committed' in decision ? decision.committed : null
  return ledger.put(
    { event, state: decision.state, memory: { ...memory, startedAtMs, committed, last: decided } },
    [...(live ? [transitionTo(known.event, 'superseded', nowMs)] : []), received, decided],
    audit,
  )
}

/** Why a delivery comes too late; `null` = in time. A start in the past is no fault: it runs on. */
const lateness = (played: TimelineEvent, nowMs: number): string | null => {
  const { notAfterMs } = played.event
  if (nowMs > notAfterMs) return `it arrived after its notAfter, ${iso(notAfterMs)}`
  const endMs = playedEnd(played)
  return nowMs >= endMs && endMs > playedStart(played)
    ? `it arrived after its end, ${iso(endMs)}`
    : null
}

const iso = (ms: number): string => new Date(ms).toISOString()
