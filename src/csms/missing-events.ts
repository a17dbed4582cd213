import type { Transaction } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { missingCount } from './seq-gaps.ts'
import type { Stations } from './stations.ts'

/** Whether the station still has events of the transaction; `null` = it did not answer. */
export type AskForEvents = (stationId: string, transactionId: string) => Promise<boolean | null>

export interface MissingEventsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly stations: Stations
}

/** Events that are out of order arrive within this time. */
const PATIENCE_MS = 60_000
/** A station that has events in its queue gets so long before it is asked again. */
const AGAIN_MS = 10 * 60_000
const MAX_QUESTIONS = 6
const MAX_TRANSACTIONS = 10_000

interface Missing {
  readonly row: Transaction
  dueMs: number
  questions: number
}

/**
 * Transactions with holes in their sequence numbers (OCPP 2.0.1 E14): the station is asked whether the
 * events are still to come, and what is lost is said once. Called every half minute; O(transactions
 * with holes).
 */
export const createMissingEvents = ({ clock, log, stations }: MissingEventsDeps) => {
  const missing = new Map<string, Missing>()
  let ask: AskForEvents | null = null

  const question = async (key: string, one: Missing, asks: AskForEvents): Promise<void> => {
    const { stationId, transactionId } = one.row
    const areToCome = await asks(stationId, transactionId)
    if (missing.get(key) !== one || areToCome === null) return
    if (areToCome && one.questions < MAX_QUESTIONS) return
    missing.delete(key)
    const events = missingCount(one.row.gaps)
    log.warn({ stationId, transactionId, events }, 'events of a transaction are lost')
  }

  return {
    /** Hands over how a station is asked. */
    use: (given: AskForEvents): void => {
      ask = given
    },

    /** After each event of a transaction. */
    note: (row: Transaction): void => {
      const key = `${row.stationId}/${row.transactionId}`
      if (row.gaps.length === 0) return void missing.delete(key)
      if (missing.has(key) || missing.size >= MAX_TRANSACTIONS) return
      missing.set(key, { row, dueMs: clock.now() + PATIENCE_MS, questions: 0 })
    },

    sweep: (): void => {
      if (ask === null) return
      const nowMs = clock.now()
      for (const [key, one] of missing) {
        if (nowMs < one.dueMs || stations.find(one.row.stationId)?.boot !== 'accepted') continue
        one.dueMs = nowMs + AGAIN_MS
        one.questions++
        void question(key, one, ask)
      }
    },
  }
}
