import type { Session, SessionNeed } from '../../domain/session.ts'
import type { Arrival, PastStay } from '../../engine/forecast/stays.ts'
import type { StorageReader, Stored } from '../../ports/storage.ts'

/** More than the models remember. */
const MOST_SESSIONS = 5_000
const HISTORY_MS = 400 * 86_400_000

/**
 * The sessions that are stored: those that ended, oldest end first, and when any vehicle came,
 * ascending.
 */
export const readPastStays = async (
  storage: StorageReader,
  nowMs: number,
): Promise<{ readonly stays: readonly PastStay[]; readonly arrivedMs: readonly number[] }> => {
  const ended = await storage.query('session', {
    between: { column: 'endedAtMs', from: nowMs - HISTORY_MS, to: nowMs + 1 },
    orderBy: 'endedAtMs',
    descending: true,
    limit: MOST_SESSIONS,
  })
  const open = await storage.query('session', { where: { endedAtMs: null } })
  const stays = ended.reverse().flatMap((row) => {
    const stay = stayOf(row)
    return stay ? [stay] : []
  })
  const arrivedMs = [...ended, ...open]
    .flatMap(({ connectedAtMs }) => (connectedAtMs === null ? [] : [connectedAtMs]))
    .filter((atMs) => atMs <= nowMs && atMs > nowMs - HISTORY_MS)
    .sort((a, b) => a - b)
  return { stays, arrivedMs }
}

const stayOf = (row: Stored<'session'>): PastStay | null => {
  const { stationId, connectedAtMs, endedAtMs, idToken, energyWh } = row
  if (stationId === null || connectedAtMs === null || endedAtMs === null) return null
  const need = (row.need as SessionNeed | null) ?? NO_NEED
  const session: Pick<Session, 'connectedAtMs' | 'stationId' | 'idToken' | 'need'> = {
    connectedAtMs,
    stationId,
    idToken,
    need,
  }
  return {
    ...arrivalOf(session),
    stationId,
    stayMs: endedAtMs - connectedAtMs,
    energyWh: energyWh ?? 0,
  }
}

const NO_NEED: SessionNeed = { energyWh: null, departureMs: null, source: 'default' }

/** A vehicle as the history knows it. Tokens are the same in capitals (OCPP: not case sensitive). */
export const arrivalOf = ({
  connectedAtMs,
  stationId,
  idToken,
  need,
}: Pick<Session, 'connectedAtMs' | 'stationId' | 'idToken' | 'need'>): Arrival => {
  const isSaid = need.source === 'driver' || need.source === 'api' || need.source === 'station'
  const stayMs = need.departureMs === null ? null : need.departureMs - connectedAtMs
  return {
    arrivedMs: connectedAtMs,
    stationId,
    userId: idToken?.toUpperCase() ?? null,
    saidStayMs: isSaid && stayMs !== null && stayMs > 0 ? stayMs : null,
    saidEnergyWh: isSaid && need.energyWh !== null && need.energyWh > 0 ? need.energyWh : null,
  }
}
