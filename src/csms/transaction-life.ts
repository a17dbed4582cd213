import type { EndedTransaction } from '../domain/evse-state.ts'
import type { Transaction } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import { anchorMeter, lateStart, readRegister, resumeMeter, settleMeter } from './energy-meter.ts'
import type { Evses } from './evses.ts'
import type { LiveTransaction } from './live.ts'
import type { Sessions } from './sessions.ts'
import { transactionRow, type TransactionBook } from './transaction-book.ts'

export interface LifeDeps {
  readonly clock: Clock
  readonly log: Log
  readonly book: TransactionBook
  readonly sessions: Sessions
  readonly evses: Evses
}

export interface End {
  /** By the station's clock, or by ours when it was us who ended it. */
  readonly endedAtMs: number
  readonly meterStopWh: number | null
  readonly stopReason: string | null
}

/** Reasons of ours: the station's own word replaces them if it comes later. */
export const OUR_REASONS: ReadonlySet<string> = new Set(['Replaced', 'Ghost', 'Operator'])

/** A transaction that began so long before we heard of it is a replay after an outage. */
export const REPLAY_MS = 5 * 60_000

export type TransactionLife = ReturnType<typeof createTransactionLife>

/**
 * What a transaction does to its EVSE and session, in both versions. Functions add to `rows` what
 * must be stored in one commit.
 */
export const createTransactionLife = (deps: LifeDeps) => {
  const { clock, log, book, sessions, evses } = deps

  const end = (transaction: LiveTransaction, how: End, rows: StoredRecord[]): void => {
    const { row, evse, station } = transaction
    row.endedAtMs = how.endedAtMs
    row.meterStopWh = how.meterStopWh ?? row.meterStopWh
    row.stopReason = how.stopReason
    row.state = 'ended'
    station.transactions.delete(row.transactionId)
    if (evse !== null && evse.transaction === transaction) {
      const { meter, outlet } = evse
      if (how.meterStopWh !== null) readRegister(meter, how.meterStopWh, clock.now(), outlet.ratedW)
      settleMeter(meter, how.meterStopWh, how.endedAtMs - row.startedAtMs, outlet.ratedW)
      evse.transaction = null
      evse.chargingState = null
      // It was measured inside the transaction: it says nothing about what follows.
      evse.state.measured = null
      evse.installed = null
      evse.state.ended = endOf(row)
      sessions.transactionEnded(evse, rows)
      // Nobody will tell that the vehicle is gone: it was said before, or never is.
      if (evse.reported === 'available' || evse.reported === 'unknown') {
        sessions.end(evse, clock.now(), rows)
      }
      evses.refresh(evse)
    } else if (evse !== null && row.sessionId === null) sessions.past(evse, row, rows)
    transaction.attached = false
    rows.push(transactionRow(transaction))
    book.changed(transaction)
  }

  /**
   * Gives the transaction its place in real time. One that is still open there was ended without a
   * word, unless it is the newer one. Returns whether it has the place now.
   */
  const attach = (transaction: LiveTransaction, atMs: number, rows: StoredRecord[]): boolean => {
    const { evse, row } = transaction
    if (evse === null || row.state !== 'open') return false
    const before = evse.transaction
    if (before === transaction) return true
    if (before !== null) {
      if (before.row.startedAtMs > row.startedAtMs) return false
      const { stationId } = row
      log.warn({ stationId, transactionId: before.row.transactionId }, 'a transaction was replaced')
      end(before, { endedAtMs: atMs, meterStopWh: evse.meter.lastWh, stopReason: 'Replaced' }, rows)
    }
    evse.transaction = transaction
    evse.state.ended = null
    transaction.attached = true
    const goesOn = row.sessionId !== null
    sessions.started(evse, row, atMs, rows)
    if (goesOn) resumeMeter(evse.meter, atMs)
    else anchorMeter(evse.meter, row.meterStartWh, Math.min(atMs, startMs(transaction)))
    evses.refresh(evse)
    book.changed(transaction)
    return true
  }

  /** The start register became known, perhaps after the first readings. */
  const startKnown = (transaction: LiveTransaction, rows: StoredRecord[]): void => {
    const { evse, row } = transaction
    if (evse === null || evse.transaction !== transaction || row.meterStartWh === null) return
    lateStart(evse.meter, row.meterStartWh, startMs(transaction), evse.outlet.ratedW)
    sessions.counted(evse, rows)
  }

  /** An end without a start that we know: kept, and completed when the start comes after all. */
  const endOrphan = (transaction: LiveTransaction, how: End, rows: StoredRecord[]): void => {
    const { row, station } = transaction
    row.endedAtMs = how.endedAtMs
    row.meterStopWh = how.meterStopWh
    row.stopReason = how.stopReason
    row.state = 'orphan'
    station.transactions.delete(row.transactionId)
    rows.push(transactionRow(transaction))
    book.changed(transaction)
  }

  return { attach, startKnown, end, endOrphan }
}

/** When it started, by our clock. */
const startMs = ({ row, station }: LiveTransaction): number =>
  row.startedAtMs - station.clock.skewMs

/** What the controller is told of a transaction that has ended. */
export const endOf = ({
  transactionId,
  idToken,
  stopReason,
  endedAtMs,
}: Transaction): EndedTransaction => ({
  transactionId,
  idToken,
  reason: stopReason,
  atMs: endedAtMs ?? 0,
})

/** A transaction of which we know nothing but that it is there. */
export const newTransaction = (
  given: Pick<Transaction, 'transactionId' | 'stationId' | 'evseId' | 'connectorId'> &
    Partial<Transaction>,
  startedAtMs: number,
): Transaction => ({
  sessionId: null,
  idToken: null,
  startedAtMs,
  meterStartWh: null,
  endedAtMs: null,
  meterStopWh: null,
  stopReason: null,
  seqNo: null,
  gaps: [],
  state: 'open',
  ...given,
})
