import type { QuarantinedStation, KnownStation } from './admission.ts'
import type { Connection } from './connection.ts'
import type { OcppLink, RpcContext } from './rpc-context.ts'

export interface ConnectionHooks {
  /** An older connection of the same station has been reported as gone before. */
  readonly onConnect?: (link: OcppLink) => void
  /** Once per connection, also when a newer one replaced it. */
  readonly onDisconnect?: (link: OcppLink, code: number, reason: string) => void
}

/**
 * Who is connected. Of two authenticated connections of one station the newer wins, and whatever
 * the older one still does is not heard: its end is told apart by its generation.
 */
export interface Registry {
  get(stationId: string): Connection | undefined
  connections(): Connection[]
  readonly size: number
  /** Why there is no room for this station, or null. */
  fullness(station: KnownStation | QuarantinedStation): string | null
  /** Opens the connection; an older one of the same station is closed first. */
  add(connection: Connection): void
  /** Takes a closed connection out; a connection that was replaced is out already. */
  retire(connection: Connection, code: number, reason: string): void
}

const REPLACED = { code: 1008, reason: 'replaced by a newer connection' }

export const createRegistry = (
  { counters, limits, log }: Pick<RpcContext, 'counters' | 'limits' | 'log'>,
  { onConnect, onDisconnect }: ConnectionHooks,
): Registry => {
  const byStation = new Map<string, Connection>()
  let quarantined = 0

  const retire: Registry['retire'] = (connection, code, reason) => {
    const { session } = connection
    const { stationId } = session
    if (byStation.get(stationId)?.session.generation !== session.generation) return
    byStation.delete(stationId)
    counters.disconnections++
    if (session.quarantined) quarantined--
    session.end()
    // Strangers come as often as they like: the central system tells of them, within bounds.
    const level = session.quarantined ? 'debug' : 'info'
    log[level]({ stationId, code, reason }, 'A station disconnected')
    try {
      onDisconnect?.(session, code, reason)
    } catch (err) {
      log.error({ stationId, err }, 'The end of a connection could not be handled')
    }
  }

  return {
    get: (stationId) => byStation.get(stationId),
    connections: () => Array.from(byStation.values()),
    get size() {
      return byStation.size
    },
    fullness: (station) => {
      if (byStation.has(station.stationId)) return null
      if (byStation.size >= limits.maxConnections) return 'Too many stations are connected'
      const crowded = station.kind === 'quarantine' && quarantined >= limits.maxQuarantined
      return crowded ? 'Too many unknown stations are connected' : null
    },
    add: (connection) => {
      const { session } = connection
      const { stationId, protocol, remoteAddress } = session
      const older = byStation.get(stationId)
      if (older) {
        counters.superseded++
        log.warn(
          { stationId, remoteAddress },
          'A station connected again; the older line is closed',
        )
        older.close(REPLACED.code, REPLACED.reason)
        retire(older, REPLACED.code, REPLACED.reason)
      }
      byStation.set(stationId, connection)
      counters.connections++
      if (session.quarantined) {
        quarantined++
        counters.quarantined++
      }
      connection.open()
      const fields = { stationId, protocol, remoteAddress, quarantined: session.quarantined }
      log[session.quarantined ? 'debug' : 'info'](fields, 'A station connected')
      try {
        onConnect?.(session)
      } catch (err) {
        log.error({ stationId, err }, 'A new connection could not be handled')
        connection.close(1011, 'internal error')
      }
    },
    retire,
  }
}
