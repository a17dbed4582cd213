import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import type { Journal } from './journal.ts'
import type { LiveTransaction } from './live.ts'
import { isPlugged } from './status.ts'
import type { TransactionBook } from './transaction-book.ts'
import type { TransactionLife } from './transaction-life.ts'

export interface GhostsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly book: TransactionBook
  readonly life: TransactionLife
  readonly ghostAfterMs: number
}

/** A replay that has been silent for so long is over: what is still open goes on now. */
const REPLAY_SILENT_MS = 30_000
/** Without a status that proves it, a transaction is over after a day of silence. */
const SILENT_MS = 24 * 3_600_000

/**
 * Transactions whose end was lost (field problem 26), and those that began in an outage and still go
 * on. Called every half minute; O(open transactions).
 */
export const createGhosts = (deps: GhostsDeps) => {
  const { clock, log, journal, book, life, ghostAfterMs } = deps

  const isGhost = (transaction: LiveTransaction, nowMs: number): boolean => {
    const { evse, heardAtMs, attached } = transaction
    const silentMs = nowMs - heardAtMs
    if (evse === null || evse.reported === 'unknown') return silentMs >= SILENT_MS
    if (evse.transaction !== null && !attached) return silentMs >= ghostAfterMs
    if (evse.reported !== 'available') return false
    // Free since after its last word, and for long enough. (OCPP 2.x transactions may begin before
    // the vehicle is plugged in: a status from before the last word proves nothing.)
    const freeMs = nowMs - evse.reportedAtMs
    const saidAfter = evse.reportedAtMs > heardAtMs || !attached
    return saidAfter ? Math.min(freeMs, silentMs) >= ghostAfterMs : silentMs >= SILENT_MS
  }

  return {
    sweep: (): void => {
      const nowMs = clock.now()
      const rows: StoredRecord[] = []
      for (const transaction of book.all()) {
        const { row, evse, station, attached, heardAtMs } = transaction
        if (station.boot !== 'accepted') continue
        const { stationId, transactionId } = row
        if (isGhost(transaction, nowMs)) {
          log.warn({ stationId, transactionId }, 'a transaction ended without a word: closed')
          const meterStopWh = attached ? (evse?.meter.lastWh ?? null) : null
          life.end(transaction, { endedAtMs: nowMs, meterStopWh, stopReason: 'Ghost' }, rows)
        } else if (
          !attached &&
          evse !== null &&
          evse.transaction === null &&
          isPlugged(evse.reported) &&
          nowMs - heardAtMs >= REPLAY_SILENT_MS
        ) {
          life.attach(transaction, nowMs, rows)
          rows.push({ table: 'transaction', row: { ...row } })
        }
      }
      if (rows.length > 0) journal.note(rows)
    },
  }
}
