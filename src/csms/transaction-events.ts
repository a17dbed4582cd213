import type { Transaction } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import type { Authorization, Decision } from './authorization.ts'
import { correctTime } from './clock-watch.ts'
import type { Evses } from './evses.ts'
import type { Journal } from './journal.ts'
import type { EvseRecord, LiveTransaction, StationRecord } from './live.ts'
import type { MeterValues } from './meter-values.ts'
import type { createMissingEvents } from './missing-events.ts'
import { lastRegister, registerAt, type MeterSet } from './sampled-value.ts'
import { digestOf, forget, isRepeatByMemory, isStored, newHeard, remember } from './replays.ts'
import { forgetSeqNo, noteSeqNo } from './seq-gaps.ts'
import type { Sessions } from './sessions.ts'
import type { ChargingState } from './status.ts'
import { transactionRow, type TransactionBook } from './transaction-book.ts'
import { newTransaction, OUR_REASONS, type TransactionLife } from './transaction-life.ts'

export interface TransactionEventsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly storage: Storage
  readonly journal: Journal
  readonly authorization: Authorization
  readonly evses: Evses
  readonly sessions: Sessions
  readonly book: TransactionBook
  readonly life: TransactionLife
  readonly meterValues: MeterValues
  readonly missingEvents: ReturnType<typeof createMissingEvents>
}

/** TransactionEvent of OCPP 2.x. */
export interface TransactionEvent {
  readonly kind: 'started' | 'updated' | 'ended'
  readonly transactionId: string
  readonly seqNo: number
  /** By the station's clock. */
  readonly statedMs: number
  /** It happened while the station had no connection. */
  readonly offline: boolean
  /** `null`: not said (only the first event must say it). */
  readonly evseId: number | null
  readonly connectorId: number | null
  /** `null`: not said; empty: the station asks for none. */
  readonly idToken: string | null
  readonly chargingState: ChargingState | null
  readonly stopReason: string | null
  readonly sets: readonly MeterSet[]
}

export type TransactionEvents = ReturnType<typeof createTransactionEvents>

/**
 * The transactions of OCPP 2.x, from events that come late, twice, in any order or with holes (field
 * problem 27). Each event adds what it knows; the result does not depend on the order. Replayed
 * events are stored but take no part in real time.
 */
export const createTransactionEvents = (deps: TransactionEventsDeps) => {
  const { clock, log, storage, journal, authorization, evses, sessions, book, life } = deps

  /** Before its start (or its end) was heard, the time of the first event stands in. */
  const meet = (station: StationRecord, event: TransactionEvent): LiveTransaction => {
    const transaction = book.open(
      station,
      newTransaction(
        {
          transactionId: event.transactionId,
          stationId: station.stationId,
          evseId: event.evseId ?? 0,
          connectorId: event.connectorId ?? 0,
        },
        event.statedMs,
      ),
    )
    book.changed(transaction)
    return transaction
  }

  /** What any event may tell of the transaction as a whole. */
  const learn = (
    transaction: LiveTransaction,
    event: TransactionEvent,
    rows: StoredRecord[],
  ): void => {
    const { row, station } = transaction
    if (row.evseId === 0 && event.evseId !== null) {
      row.evseId = event.evseId
      transaction.evse = station.evses.get(event.evseId) ?? null
    }
    if (row.connectorId === 0 && event.connectorId !== null) row.connectorId = event.connectorId
    if (event.idToken && (row.idToken === null || event.kind === 'started')) {
      row.idToken = event.idToken
    }
    if (event.kind === 'started') {
      row.startedAtMs = event.statedMs
      row.meterStartWh =
        registerAt(event.sets, 'Transaction.Begin') ?? lastRegister(event.sets) ?? row.meterStartWh
      if (row.state === 'orphan') {
        // Its end came first: only now it is known how long the stay was.
        row.state = 'ended'
        if (transaction.evse !== null) sessions.past(transaction.evse, row, rows)
      }
    } else row.meterStartWh ??= registerAt(event.sets, 'Transaction.Begin')
    life.startKnown(transaction, rows)
  }

  const finish = (
    transaction: LiveTransaction,
    event: TransactionEvent,
    isFirst: boolean,
    rows: StoredRecord[],
  ): void => {
    const end = {
      endedAtMs: event.statedMs,
      meterStopWh: registerAt(event.sets, 'Transaction.End') ?? lastRegister(event.sets),
      // OCPP 2.0.1 TransactionType: the reason may be left out when it is Local.
      stopReason: event.stopReason ?? 'Local',
    }
    const { stationId, transactionId, state, stopReason } = transaction.row
    if (isFirst) life.endOrphan(transaction, end, rows)
    else if (state === 'open' || OUR_REASONS.has(stopReason ?? '')) life.end(transaction, end, rows)
    else {
      if (transaction.row.endedAtMs !== end.endedAtMs)
        log.warn(
          { stationId, transactionId },
          'a second, different end of a transaction was ignored',
        )
      rows.push(transactionRow(transaction))
    }
  }

  /** Its place in real time, if the event is of now. An end needs none: it only takes it away. */
  const placeOf = (
    transaction: LiveTransaction,
    event: TransactionEvent,
    rows: StoredRecord[],
  ): EvseRecord | null => {
    if (event.offline || transaction.row.state !== 'open') return null
    if (event.kind === 'ended') return transaction.attached ? transaction.evse : null
    const atMs = correctTime(transaction.station.clock, event.statedMs, clock.now())
    return life.attach(transaction, atMs, rows) ? transaction.evse : null
  }

  const apply = (
    transaction: LiveTransaction,
    event: TransactionEvent,
    isFirst: boolean,
    rows: StoredRecord[],
  ): void => {
    const { row, station } = transaction
    learn(transaction, event, rows)
    const place = placeOf(transaction, event, rows)
    if (place !== null) {
      // A late event says what was, not what is.
      const isLatest = event.statedMs >= (transaction.heard?.newestMs ?? event.statedMs)
      if (event.chargingState !== null && isLatest) place.chargingState = event.chargingState
      // The driver of the transaction: an event may also carry the token of somebody who stops it.
      if (row.idToken !== null) sessions.identified(place, row.idToken, rows)
    }
    const { evseId, transactionId } = row
    const { sets, offline } = event
    deps.meterValues.take(station, evseId, place, transaction, transactionId, sets, offline, rows)
    if (event.kind === 'ended') return finish(transaction, event, isFirst, rows)
    if (place !== null) evses.refresh(place)
    rows.push(transactionRow(transaction))
    book.changed(transaction)
  }

  /** A token that is not the driver's stops the transaction: it may be used elsewhere. */
  const decide = (
    station: StationRecord,
    event: TransactionEvent,
    { evseId, idToken: driver }: Transaction,
  ): Decision => {
    const idToken = event.idToken || null
    const isDriver = idToken?.toUpperCase() === driver?.toUpperCase()
    return event.kind === 'ended' || !isDriver
      ? authorization.authorize(station, idToken)
      : authorization.authorizeStart(station, evseId || null, idToken, event.transactionId)
  }

  /** For a number that arrived before. An end is none as long as the transaction is open. */
  const isRepeat = async (
    { row, station, heard }: LiveTransaction,
    event: TransactionEvent,
    digest: string,
  ): Promise<boolean> => {
    if (event.kind === 'ended' && row.state === 'open') return false
    const known = heard && isRepeatByMemory(heard, digest, event)
    if (known === false) {
      const { stationId, transactionId } = row
      const fields = { stationId, transactionId, seqNo: event.seqNo }
      log.debug(fields, 'a sequence number was used again with other content: accepted')
    }
    return known ?? (await isStored(storage, station, event, clock.now()))
  }

  return {
    /**
     * Resolves when the event is durable, with the decision on its token if it has one. A repeat (the
     * same number and the same content) is confirmed again. Rejects with `storage-failed` or
     * `storage-overloaded`; the event then counts as missing, so that its repeat is taken.
     */
    accept: async (station: StationRecord, given: TransactionEvent): Promise<Decision | null> => {
      const event = { ...given, sets: given.sets.map((set) => timed(set, given.statedMs)) }
      const { stationId } = station
      const { transactionId, seqNo } = event
      const found = await book.find(station, transactionId)
      const transaction = found ?? meet(station, event)
      const { row } = transaction
      const rows: StoredRecord[] = []
      const heard = (transaction.heard ??= newHeard(found === null))
      const digest = digestOf(event)
      const isNewNumber = noteSeqNo(row, seqNo, event.kind === 'started')
      const isNew = isNewNumber || !(await isRepeat(transaction, event, digest))
      remember(heard, digest, event.statedMs)
      if (isNew) apply(transaction, event, found === null, rows)
      else {
        log.debug({ stationId, transactionId, seqNo }, 'a transaction event came again')
        rows.push(transactionRow(transaction))
      }
      deps.missingEvents.note(row)
      const decision = event.idToken === null ? null : decide(station, event, row)
      try {
        await journal.commit(rows)
      } catch (error) {
        if (isNewNumber) forgetSeqNo(row, seqNo)
        if (isNew) forget(heard, digest)
        throw error
      }
      return decision
    },
  }
}

/** A set without a time of its own was measured when its event happened. */
const timed = (set: MeterSet, atMs: number): MeterSet =>
  set.statedMs === null ? { ...set, statedMs: atMs } : set
