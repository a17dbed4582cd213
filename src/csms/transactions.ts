import type { Transaction } from '../domain/session.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import type { Audit } from './audit.ts'
import type { Authorization, Decision } from './authorization.ts'
import { correctTime } from './clock-watch.ts'
import type { Journal } from './journal.ts'
import type { LiveTransaction, StationRecord } from './live.ts'
import type { MeterValues } from './meter-values.ts'
import { registerAt, type MeterSet } from './sampled-value.ts'
import type { Stations } from './stations.ts'
import {
  readTransaction,
  transactionRow,
  type Start,
  type TransactionBook,
} from './transaction-book.ts'
import { newTransaction, OUR_REASONS, REPLAY_MS, type TransactionLife } from './transaction-life.ts'

export interface TransactionsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly storage: Storage
  readonly journal: Journal
  readonly audit: Audit
  readonly stations: Stations
  readonly authorization: Authorization
  readonly book: TransactionBook
  readonly life: TransactionLife
  readonly meterValues: MeterValues
}

/** StopTransaction of 1.6. It names no connector. */
export interface Stop {
  readonly transactionId: string
  /** By the station's clock. */
  readonly stoppedAtMs: number
  /** `null`: the station did not say. */
  readonly meterStopWh: number | null
  readonly idToken: string | null
  readonly reason: string | null
  readonly sets: readonly MeterSet[]
}

export interface TransactionFilter {
  readonly stationId?: string
  readonly state?: Transaction['state']
  readonly limit?: number
  readonly offset?: number
}

export type Transactions = ReturnType<typeof createTransactions>

/**
 * Transactions of OCPP 1.6, and what operators do with transactions. Whatever can be stored is
 * confirmed, and only when it is durable: a station that is refused loses the message or blocks its
 * queue. When the storage fails the promise rejects, and the station tries again.
 */
export const createTransactions = (deps: TransactionsDeps) => {
  const { clock, log, storage, journal, audit, authorization, book, life, meterValues } = deps

  /**
   * The transaction that a stop without a known id must belong to: the begin values of the stop name
   * its start, or there is exactly one that it can be. Never a guess (field problem 24).
   */
  const match = (station: StationRecord, stop: Stop): LiveTransaction | null => {
    const beginWh = registerAt(stop.sets, 'Transaction.Begin')
    const candidates = [...station.transactions.values()].filter(({ row }) => {
      if (stop.idToken !== null && row.idToken !== null && stop.idToken !== row.idToken)
        return false
      if (row.startedAtMs > stop.stoppedAtMs) return false
      if (row.meterStartWh === null) return beginWh === null
      if (beginWh !== null) return row.meterStartWh === beginWh
      return stop.meterStopWh === null || row.meterStartWh <= stop.meterStopWh
    })
    return candidates.length === 1 ? candidates[0] : null
  }

  const orphan = (station: StationRecord, stop: Stop): StoredRecord => ({
    table: 'transaction',
    row: {
      ...newTransaction(
        {
          // The same stop again replaces its own row.
          transactionId: `orphan:${stop.transactionId}:${stop.stoppedAtMs}:${stop.meterStopWh}`,
          stationId: station.stationId,
          evseId: 0,
          connectorId: 0,
        },
        stop.stoppedAtMs,
      ),
      idToken: stop.idToken,
      meterStartWh: registerAt(stop.sets, 'Transaction.Begin'),
      endedAtMs: stop.stoppedAtMs,
      meterStopWh: stop.meterStopWh,
      stopReason: stop.reason,
      state: 'orphan',
    },
  })

  const findAny = async (stationId: string, transactionId: string): Promise<LiveTransaction> => {
    const found = await book.find(deps.stations.mustFind(stationId), transactionId)
    if (found) return found
    throw new AppError('not-found', `station "${stationId}" has no transaction "${transactionId}"`)
  }

  return {
    /**
     * StartTransaction. The same start again (station, connector, token, time, meter) gets the same
     * id: its answer was lost on the way. Rejects with `storage-failed` or `storage-overloaded`.
     */
    start: async (
      station: StationRecord,
      start: Start,
    ): Promise<{ transactionId: number; decision: Decision }> => {
      const nowMs = clock.now()
      const startedAtMs = correctTime(station.clock, start.startedAtMs, nowMs)
      const rows: StoredRecord[] = []
      let transaction = await book.sameStart(station, start)
      if (transaction === null) {
        const transactionId = await book.freeId(station)
        const { connectorId, idToken, meterStartWh } = start
        transaction =
          book.sameOpen(station, start) ??
          book.open(
            station,
            newTransaction(
              {
                transactionId,
                stationId: station.stationId,
                evseId: connectorId,
                connectorId,
                idToken,
                meterStartWh,
              },
              start.startedAtMs,
            ),
          )
        if (nowMs - startedAtMs <= REPLAY_MS) life.attach(transaction, startedAtMs, rows)
        book.changed(transaction)
      }
      const { row } = transaction
      const decision = authorization.authorizeStart(
        station,
        row.evseId,
        row.idToken,
        row.transactionId,
      )
      rows.push(transactionRow(transaction), book.counterRow())
      await journal.commit(rows)
      return { transactionId: Number(row.transactionId), decision }
    },

    /**
     * StopTransaction, with its transaction data. Confirmed whatever its id is: without a
     * transaction it is kept as an orphan. Returns the decision on the token that stopped it, if one
     * did. Rejects with `storage-failed` or `storage-overloaded`.
     */
    stop: async (station: StationRecord, said: Stop): Promise<Decision | null> => {
      const meterStopWh = said.meterStopWh ?? registerAt(said.sets, 'Transaction.End')
      const stop: Stop = { ...said, meterStopWh }
      const decision = stop.idToken === null ? null : authorization.authorize(station, stop.idToken)
      const rows: StoredRecord[] = []
      const found = (await book.find(station, stop.transactionId)) ?? match(station, stop)
      const { stationId } = station
      const { transactionId } = stop
      if (found === null) {
        log.warn({ stationId, transactionId }, 'a stop without a transaction was kept as an orphan')
        rows.push(orphan(station, stop))
        meterValues.take(station, 0, null, null, transactionId, stop.sets, true, rows)
        await journal.commit(rows)
        return decision
      }
      const { row } = found
      // A repeat, or a second word on what the station has ended before: the first one stands.
      if (row.state === 'ended' && !OUR_REASONS.has(row.stopReason ?? '')) {
        if (row.endedAtMs !== stop.stoppedAtMs || row.meterStopWh !== stop.meterStopWh)
          log.warn({ stationId, transactionId }, 'a transaction was stopped again, differently')
        await journal.commit([transactionRow(found)])
        return decision
      }
      meterValues.take(station, row.evseId, null, null, row.transactionId, stop.sets, true, rows)
      life.end(
        found,
        {
          endedAtMs: stop.stoppedAtMs,
          meterStopWh,
          // OCPP 1.6 StopTransaction.req: the reason may be left out when it is Local.
          stopReason: stop.reason ?? 'Local',
        },
        rows,
      )
      await journal.commit(rows)
      return decision
    },

    /**
     * An operator ends a transaction of which nothing more will come. Throws `not-found`, or
     * `conflict` when it has ended.
     */
    close: async (stationId: string, transactionId: string, by: string): Promise<Transaction> => {
      const transaction = await findAny(stationId, transactionId)
      if (transaction.row.state !== 'open') {
        throw new AppError('conflict', `transaction "${transactionId}" has ended already`)
      }
      const rows: StoredRecord[] = [
        audit.entry({ by, action: 'transaction.close', target: `${stationId}/${transactionId}` }),
      ]
      const meterStopWh = transaction.evse?.meter.lastWh ?? null
      life.end(transaction, { endedAtMs: clock.now(), meterStopWh, stopReason: 'Operator' }, rows)
      await journal.commit(rows)
      return { ...transaction.row }
    },

    /** Transactions that have not ended. */
    open: (): Transaction[] => Array.from(book.all(), ({ row }) => ({ ...row })),

    /** Throws `not-found`. */
    get: async (stationId: string, transactionId: string): Promise<Transaction> => ({
      ...(await findAny(stationId, transactionId)).row,
    }),

    /** Newest first. */
    list: async (filter: TransactionFilter = {}): Promise<Transaction[]> => {
      const rows = await storage.query('transaction', {
        where: { stationId: filter.stationId, state: filter.state },
        orderBy: 'startedAtMs',
        descending: true,
        limit: filter.limit ?? 100,
        offset: filter.offset ?? 0,
      })
      return rows.map(readTransaction)
    },
  }
}
