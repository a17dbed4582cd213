import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { EVSE } from '../api/resources/evse.ts'
import type { STATION } from '../api/resources/station.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { amps, kilowatts, orDash } from './text.ts'

export type Station = Static<typeof STATION>
export type Evse = Static<typeof EVSE>

export const stationsCommand = (terminal: Terminal): Command =>
  apiCommand('stations', 'stations with their EVSEs: state, power, limit and why').action(
    async (options: ApiOptions) => {
      const { connectApi } = await import('./api/client.ts')
      const { STATION } = await import('../api/resources/station.ts')
      const { EVSE } = await import('../api/resources/evse.ts')
      const api = connectApi(options, terminal)
      const stations = await api.list('/v1/stations', STATION)
      const evses = await api.list('/v1/evses', EVSE)
      if (options.json) terminal.json(nested(stations, evses))
      else if (stations.length > 0) terminal.out(stationTable(stations, evses, terminal))
      else terminal.out('there are no stations')
    },
  )

/** Stations that hold their EVSEs. */
const nested = (stations: readonly Station[], evses: readonly Evse[]) =>
  stations.map((station) => ({
    ...station,
    evses: evses.filter(({ stationId }) => stationId === station.stationId),
  }))

const STATE_STYLES = { known: null, adopted: 'yellow', quarantined: 'red', removed: 'dim' } as const

/** One line per EVSE; a station without one has a line as well. */
export const stationTable = (
  stations: readonly Station[],
  evses: readonly Evse[],
  { paint }: Pick<Terminal, 'paint'>,
): string => {
  const rows = nested(stations, evses).flatMap((station) => {
    const { stationId, state, protocol, online, boot, lastSeenAt } = station
    const style = STATE_STYLES[state]
    const away = lastSeenAt === null ? 'never connected' : paint('red', 'offline')
    const link = online ? (boot === 'accepted' ? 'online' : boot) : away
    const own = [style === null ? state : paint(style, state), orDash(protocol, String), link]
    if (station.evses.length === 0) return [[stationId, ...own, '-', '-', '-', '']]
    return station.evses.map(({ key, status, measured, grant }) => [
      key,
      ...own,
      status === 'charging' ? paint('green', status) : status,
      orDash(measured?.powerW, kilowatts),
      orDash(grant?.limitA, amps),
      grant?.reasons[0]?.text ?? '',
    ])
  })
  return table(
    [
      { title: 'EVSE' },
      { title: 'STATION' },
      { title: 'PROTOCOL' },
      { title: 'LINK' },
      { title: 'STATUS' },
      { title: 'POWER', right: true },
      { title: 'LIMIT', right: true },
      { title: 'BECAUSE' },
    ],
    rows,
  )
}
