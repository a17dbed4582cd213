import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import { correctTime } from './clock-watch.ts'
import type { Evses } from './evses.ts'
import type { Journal } from './journal.ts'
import type { EvseRecord, LatestValues, LiveTransaction, StationRecord } from './live.ts'
import {
  BEGIN_CONTEXT,
  END_CONTEXT,
  registerAt,
  type MeterSet,
  type MeterValue,
} from './sampled-value.ts'
import type { Sessions } from './sessions.ts'
import type { TransactionBook } from './transaction-book.ts'
import { isStored } from './replays.ts'
import { newTransaction, type TransactionLife } from './transaction-life.ts'

export interface MeterValuesDeps {
  readonly clock: Clock
  readonly log: Log
  readonly storage: Storage
  readonly journal: Journal
  readonly evses: Evses
  readonly sessions: Sessions
  readonly book: TransactionBook
  readonly life: TransactionLife
}

/** What was measured longer ago is history: stored, but no part of real time. */
export const LIVE_MS = 60_000

/** Reasons of ours after which a transaction that goes on measuring was not over. */
const REVIVABLE: ReadonlySet<string> = new Set(['Replaced', 'Ghost'])

export type MeterValues = ReturnType<typeof createMeterValues>

/**
 * Meter values of both versions: one row per set, the present measurement of the EVSE, the energy of
 * the session. This is the hot path: one pass, one commit, nothing else.
 */
export const createMeterValues = (deps: MeterValuesDeps) => {
  const { clock, log, storage, journal, evses, sessions, book, life } = deps
  const startedMs = clock.now()

  /** A register of the beginning may come with any message; it is no progress. */
  const takeBegin = (
    transaction: LiveTransaction,
    sets: readonly MeterSet[],
    rows: StoredRecord[],
  ): void => {
    const { row } = transaction
    if (row.meterStartWh !== null) return
    row.meterStartWh = registerAt(sets, BEGIN_CONTEXT)
    if (row.meterStartWh === null) return
    life.startKnown(transaction, rows)
    rows.push({ table: 'transaction', row: { ...row } })
  }

  /**
   * Adds the rows of the sets; those that are of now update the EVSE. `offline` marks what the
   * station itself calls a replay.
   */
  const take = (
    station: StationRecord,
    evseId: number,
    evse: EvseRecord | null,
    transaction: LiveTransaction | null,
    transactionId: string | null,
    sets: readonly MeterSet[],
    offline: boolean,
    rows: StoredRecord[],
  ): void => {
    const receivedAtMs = clock.now()
    let live = false
    if (transaction !== null) takeBegin(transaction, sets, rows)
    /** Some stations give each measurand a set of its own: those of one moment belong together. */
    let ofMoment: readonly MeterValue[] = []
    for (const [index, set] of sets.entries()) {
      const measuredAtMs = correctTime(station.clock, set.statedMs, receivedAtMs)
      rows.push({
        table: 'sample',
        row: {
          stationId: station.stationId,
          evseId,
          transactionId,
          measuredAtMs,
          receivedAtMs,
          context: set.context,
          values: set.values,
        },
      })
      if (offline || evse === null || receivedAtMs - measuredAtMs > LIVE_MS) continue
      if (transaction !== null && !transaction.attached)
        life.attach(transaction, measuredAtMs, rows)
      live = true
      ofMoment = together(ofMoment, set)
      if (sets[index + 1]?.statedMs === set.statedMs) continue
      evses.measure(evse, ofMoment, measuredAtMs, receivedAtMs)
      ofMoment = []
    }
    if (transaction !== null) transaction.heardAtMs = receivedAtMs
    if (live && evse !== null) {
      sessions.counted(evse, rows)
      evses.refresh(evse)
    }
  }

  /** Without an id (or with 0): the one that is open at the connector (field problem 28). */
  const openAt = (station: StationRecord, evse: EvseRecord | null): LiveTransaction | null => {
    if (evse === null) return null
    if (evse.transaction !== null) return evse.transaction
    for (const transaction of station.transactions.values()) {
      if (transaction.evse === evse) return transaction
    }
    return null
  }

  /**
   * Values of a transaction that we do not know as open: it began with another central system, or
   * its start was lost (field problem 31). It is taken up, unless the station ended it itself.
   */
  const recover = async (
    station: StationRecord,
    evse: EvseRecord,
    transactionId: string,
    sets: readonly MeterSet[],
  ): Promise<void> => {
    const nowMs = clock.now()
    const measuredAtMs = correctTime(station.clock, sets[0]?.statedMs ?? null, nowMs)
    let found = await book.find(station, transactionId)
    if (nowMs - measuredAtMs <= LIVE_MS) {
      const { stationId } = station
      if (found === null) {
        const { evseId } = evse.state.evse
        found = book.open(
          station,
          newTransaction({ transactionId, stationId, evseId, connectorId: evseId }, measuredAtMs),
        )
        log.info({ stationId, transactionId }, 'an unknown transaction was taken up')
      } else if (found.row.state === 'ended' && REVIVABLE.has(found.row.stopReason ?? '')) {
        book.reopen(found)
        log.info({ stationId, transactionId }, 'a transaction that seemed to be over goes on')
      }
    }
    const rows: StoredRecord[] = []
    const isOpen = found?.row.state === 'open'
    const { evseId } = evse.state.evse
    take(station, evseId, evse, isOpen ? found : null, transactionId, sets, false, rows)
    if (isOpen && found) rows.push({ table: 'transaction', row: { ...found.row } })
    await journal.commit(rows)
  }

  /** The samples are kept; `null` = there is nothing to wait for. */
  const keep = (
    station: StationRecord,
    evseId: number,
    statedId: string | null,
    sets: readonly MeterSet[],
  ): Promise<void> | null => {
    const place = station.evses.get(evseId) ?? null
    const transaction =
      statedId === null ? openAt(station, place) : (station.transactions.get(statedId) ?? null)
    if (transaction === null && statedId !== null && place !== null && !place.transaction) {
      return recover(station, place, statedId, sets)
    }
    const evse = transaction?.evse ?? place
    const transactionId = transaction?.row.transactionId ?? statedId
    const rows: StoredRecord[] = []
    take(
      station,
      evse?.state.evse.evseId ?? evseId,
      evse,
      transaction,
      transactionId,
      sets,
      false,
      rows,
    )
    if (transactionId !== null) return journal.commit(rows)
    for (const row of rows) {
      if (row.table === 'sample') journal.append(row)
      else journal.note([row])
    }
    return null
  }

  /** What could not be stored is no longer known: its repeat must count. */
  const remember = (evse: EvseRecord, latest: LatestValues): void => {
    evse.latestValues = latest
    latest.stored?.catch(() => {
      if (evse.latestValues === latest) evse.latestValues = null
    })
  }

  /** The first values after our start were measured before it: their answer may be lost with us. */
  const storeUnlessStored = async (
    station: StationRecord,
    transactionId: string,
    sets: readonly MeterSet[],
    store: () => Promise<void> | null,
  ): Promise<void> => {
    if (!(await isStored(storage, station, { transactionId, sets }, clock.now()))) await store()
  }

  return {
    take,

    /**
     * MeterValues of either version. `statedId`: the transaction that the station names; `null` when
     * it names none. Resolves when the values of a transaction are durable; returns `null` when
     * there is nothing to wait for. The same values under another message id are stored once.
     */
    accept: (
      station: StationRecord,
      evseId: number,
      statedId: string | null,
      sets: readonly MeterSet[],
    ): Promise<void> | null => {
      const evse = station.evses.get(evseId)
      const statedMs = sets[0]?.statedMs ?? null
      if (evse === undefined || statedId === null || statedMs === null)
        return keep(station, evseId, statedId, sets)
      const { latestValues: latest } = evse
      const store = (): Promise<void> | null => {
        const stored = keep(station, evseId, statedId, sets)
        if (latest === null || statedMs >= latest.statedMs)
          remember(evse, { statedMs, sets, stored })
        return stored
      }
      if (latest === null && statedMs < startedMs)
        return storeUnlessStored(station, statedId, sets, store)
      return latest !== null && isSame(latest, statedMs, sets) ? latest.stored : store()
    },
  }
}

/**
 * The values of one moment; of two for one quantity the later in the list counts. What was at the
 * beginning is no value of now, and a value of the end gives way to a sample.
 */
const together = (values: readonly MeterValue[], set: MeterSet): readonly MeterValue[] => {
  if (set.context === BEGIN_CONTEXT) return values
  if (values.length === 0) return set.values
  return set.context === END_CONTEXT ? [...set.values, ...values] : [...values, ...set.values]
}

/** A station that missed our answer sends its values again, under a new message id. */
const isSame = (latest: LatestValues, statedMs: number, sets: readonly MeterSet[]): boolean =>
  statedMs === latest.statedMs && JSON.stringify(sets) === JSON.stringify(latest.sets)
