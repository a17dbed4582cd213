import type { EndedTransaction } from '../domain/evse-state.ts'
import type { Session } from '../domain/session.ts'
import type { Storage } from '../ports/storage.ts'
import type { Evses } from './evses.ts'
import type { LiveTransaction } from './live.ts'
import type { Sessions } from './sessions.ts'
import { readTransaction } from './transaction-book.ts'
import { endOf } from './transaction-life.ts'

/**
 * After a restart: gives open transactions their place in the session that was stored with them, and
 * sets the energy meter to where that session left off, so that the next register reading brings
 * what flowed meanwhile. Sessions must be loaded.
 */
export const restoreTransactions = async (
  storage: Storage,
  evses: Evses,
  sessions: Sessions,
  open: readonly LiveTransaction[],
): Promise<void> => {
  for (const transaction of open) {
    const { row, evse } = transaction
    const session = evse?.session
    if (!evse || !session || session.transactionId !== row.transactionId) continue
    evse.transaction = transaction
    transaction.attached = true
    const { meterStartWh: startWh, startedAtMs: startMs } = row
    const beforeWh = await deliveredBefore(storage, row.stationId, session.id)
    evse.meter.anchor = { beforeWh, startWh, startMs, first: null }
    if (startWh !== null) {
      evse.meter.lastWh = startWh + Math.max(0, session.energyWh - beforeWh)
      evse.meter.lastAtMs = startMs
    }
    evses.refresh(evse)
  }
  for (const evse of evses.all()) {
    if (evse.session === null || evse.transaction !== null) continue
    sessions.lostTransaction(evse)
    evse.state.ended = await lastEnd(storage, evse.session)
  }
}

/** How the last transaction of a session that goes on has ended. */
const lastEnd = async (
  storage: Storage,
  { id, stationId }: Session,
): Promise<EndedTransaction | null> => {
  const rows = await storage.query('transaction', {
    where: { stationId, sessionId: id, state: 'ended' },
  })
  const ends = rows.map((row) => endOf(readTransaction(row)))
  return ends.reduce<EndedTransaction | null>(
    (last, end) => (last === null || end.atMs >= last.atMs ? end : last),
    null,
  )
}

/** Energy of the transactions of a session that have ended, Wh. */
const deliveredBefore = async (
  storage: Storage,
  stationId: string,
  sessionId: string,
): Promise<number> => {
  const rows = await storage.query('transaction', { where: { stationId, sessionId } })
  return rows.reduce(
    (sum, { state, meterStartWh, meterStopWh }) =>
      state === 'open' || meterStartWh === null || meterStopWh === null
        ? sum
        : sum + Math.max(0, meterStopWh - meterStartWh),
    0,
  )
}
