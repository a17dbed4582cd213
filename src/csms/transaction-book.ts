import type { SeqRange, Transaction } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage, Stored, StoredRecord } from '../ports/storage.ts'
import type { Publish } from './changes.ts'
import type { LiveTransaction, Mutable, StationRecord } from './live.ts'
import { createKnownStarts, MOST_LOADED } from './known-starts.ts'
import type { Stations } from './stations.ts'

export interface BookDeps {
  readonly clock: Clock
  readonly storage: Storage
  readonly publish: Publish
  readonly stations: Stations
}

/** What makes two StartTransactions the same. Times are the station's own. */
export interface Start {
  readonly connectorId: number
  readonly idToken: string
  readonly startedAtMs: number
  /** `null`: the station did not say. */
  readonly meterStartWh: number | null
}

const COUNTER = 'transaction'
const MAX_ID = 2 ** 31 - 1

export type TransactionBook = ReturnType<typeof createTransactionBook>

/**
 * All transactions: those that have not ended in memory, with their station, the others in the
 * storage. A transaction is always found together with its station: an id alone proves nothing
 * (field problem 25).
 */
export const createTransactionBook = ({ clock, storage, publish, stations }: BookDeps) => {
  let lastId = 0
  const known = createKnownStarts()

  const remember = (row: Transaction): void => {
    const { connectorId, idToken, startedAtMs, meterStartWh } = row
    const start = { connectorId, idToken: idToken ?? '', startedAtMs, meterStartWh }
    known.add(row.stationId, start, row.transactionId)
  }

  const live = (station: StationRecord, row: Mutable<Transaction>): LiveTransaction => ({
    row,
    station,
    evse: station.evses.get(row.evseId) ?? null,
    attached: false,
    heardAtMs: clock.now(),
    heard: null,
  })

  /** Open in memory, or whatever the storage has; `null` = never heard of. */
  const find = async (
    station: StationRecord,
    transactionId: string,
  ): Promise<LiveTransaction | null> => {
    const open = station.transactions.get(transactionId)
    if (open) return open
    const [row] = await storage.query('transaction', {
      where: { stationId: station.stationId, transactionId },
      limit: 1,
    })
    // While we waited, another message may have opened it.
    const meanwhile = station.transactions.get(transactionId)
    if (meanwhile) return meanwhile
    return row ? live(station, readTransaction(row)) : null
  }

  const sameOpen = (station: StationRecord, start: Start): LiveTransaction | null => {
    for (const transaction of station.transactions.values()) {
      const { row } = transaction
      if (
        row.connectorId === start.connectorId &&
        row.idToken === start.idToken &&
        row.startedAtMs === start.startedAtMs &&
        row.meterStartWh === start.meterStartWh
      )
        return transaction
    }
    return null
  }

  return {
    find,

    /**
     * A number for a transaction of OCPP 1.6, 32 bits. A station may know numbers of another
     * central system: one that it uses is passed over.
     */
    freeId: async (station: StationRecord): Promise<string> => {
      for (;;) {
        lastId = lastId >= MAX_ID ? 1 : lastId + 1
        const id = String(lastId)
        if (station.transactions.has(id)) continue
        const isTaken = known.isTaken(station.stationId, id)
        if (isTaken === false) return id
        if (isTaken === undefined && (await find(station, id)) === null) return id
      }
    },

    /** Keeps the number from being given out again after a restart. */
    counterRow: (): StoredRecord => ({
      table: 'counter',
      row: { name: COUNTER, value: lastId },
    }),

    /** A transaction that nobody knew before. */
    open: (station: StationRecord, row: Mutable<Transaction>): LiveTransaction => {
      const transaction = live(station, row)
      station.transactions.set(row.transactionId, transaction)
      remember(row)
      return transaction
    },

    /** One that was over (or lost) in our view goes on. */
    reopen: (transaction: LiveTransaction): void => {
      const { row, station } = transaction
      row.state = 'open'
      row.endedAtMs = null
      row.meterStopWh = null
      row.stopReason = null
      transaction.heardAtMs = clock.now()
      station.transactions.set(row.transactionId, transaction)
    },

    sameOpen,

    /** What the station sent before: the same start, with its answer lost on the way. */
    sameStart: async (station: StationRecord, start: Start): Promise<LiveTransaction | null> => {
      const open = sameOpen(station, start)
      if (open) return open
      const before = known.sameStart(station.stationId, start)
      if (before === null) return null
      if (before !== undefined) return find(station, before)
      const { connectorId, idToken, startedAtMs, meterStartWh } = start
      const [row] = await storage.query('transaction', {
        where: { stationId: station.stationId, connectorId, idToken, startedAtMs, meterStartWh },
        limit: 1,
      })
      return sameOpen(station, start) ?? (row ? live(station, readTransaction(row)) : null)
    },

    changed: ({ row }: LiveTransaction): void =>
      publish('transaction', `${row.stationId}/${row.transactionId}`, row),

    /** Open transactions of all stations. */
    *all(): Iterable<LiveTransaction> {
      for (const station of stations.all()) yield* station.transactions.values()
    },

    load: async (): Promise<LiveTransaction[]> => {
      const [counter] = await storage.query('counter', { where: { name: COUNTER } })
      lastId = counter?.value ?? 0
      const loaded: LiveTransaction[] = []
      for (const row of await storage.query('transaction', { where: { state: 'open' } })) {
        const station = stations.find(row.stationId)
        if (!station) continue
        const transaction = live(station, readTransaction(row))
        station.transactions.set(row.transactionId, transaction)
        loaded.push(transaction)
      }
      const latest = await storage.query('transaction', {
        orderBy: 'startedAtMs',
        descending: true,
        limit: MOST_LOADED,
      })
      if (latest.length === MOST_LOADED) known.setPartial()
      for (const row of latest.reverse()) remember(readTransaction(row))
      return loaded
    },
  }
}

/** A copy for the storage. */
export const transactionRow = (transaction: LiveTransaction): StoredRecord => ({
  table: 'transaction',
  row: { ...transaction.row },
})

export const readTransaction = (row: Stored<'transaction'>): Mutable<Transaction> => ({
  transactionId: row.transactionId,
  stationId: row.stationId,
  evseId: row.evseId ?? 0,
  connectorId: row.connectorId ?? 0,
  sessionId: row.sessionId,
  idToken: row.idToken,
  startedAtMs: row.startedAtMs ?? 0,
  meterStartWh: row.meterStartWh,
  endedAtMs: row.endedAtMs,
  meterStopWh: row.meterStopWh,
  stopReason: row.stopReason,
  seqNo: row.seqNo,
  gaps: readGaps(row.gaps),
  state: (row.state as Transaction['state'] | null) ?? 'ended',
})

/** Versions before 0.2 stored each missing number by itself. */
const readGaps = (stored: unknown): SeqRange[] =>
  Array.isArray(stored)
    ? stored.flatMap((gap: unknown) => {
        if (typeof gap === 'number') return [{ first: gap, last: gap }]
        const { first, last } = (gap ?? {}) as Partial<SeqRange>
        return typeof first === 'number' && typeof last === 'number' ? [{ first, last }] : []
      })
    : []
