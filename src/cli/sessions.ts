import { Option, type Command } from 'commander'
import type { Static } from 'typebox'
import type { SESSION } from '../api/resources/session.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { duration, kilowattHours, orDash, type Times } from './text.ts'

export type Session = Static<typeof SESSION>

interface Options extends ApiOptions {
  readonly all?: boolean
  readonly station?: string
  readonly export?: boolean
}

export const sessionsCommand = (terminal: Terminal): Command =>
  apiCommand('sessions', 'vehicles that are there, what they need and what they got')
    .option('--all', 'also the sessions that have ended')
    .option('--station <id>', 'of one station only')
    .addOption(
      new Option(
        '--export',
        'those that have ended as CSV, for simulate --sessions and forecast score --sessions',
      ).conflicts(['all', 'json']),
    )
    .action(async ({ all, export: isExport, station: stationId, ...options }: Options) => {
      const { connectApi } = await import('./api/client.ts')
      const { SESSION } = await import('../api/resources/session.ts')
      const { siteTimes } = await import('./api/site-times.ts')
      const api = connectApi(options, terminal)
      const ended = () => api.list('/v1/sessions', SESSION, { state: 'ended', stationId })
      if (isExport) {
        terminal.out(sessionCsv(await ended()))
        return
      }
      const sessions = await api.list('/v1/sessions', SESSION, { stationId })
      if (all) sessions.push(...(await ended()))
      if (options.json) terminal.json(sessions)
      else if (sessions.length === 0) terminal.out('no vehicle is there')
      else {
        const nowMs = terminal.now()
        terminal.out(sessionTable(sessions, await siteTimes(api, nowMs), nowMs))
      }
    })

const CSV_NAMES = [
  'session',
  'station',
  'connectedAt',
  'endedAt',
  'energyKwh',
  'saidEnergyKwh',
  'saidDeparture',
  'user',
] as const

const csvCell = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""').replaceAll('\n', ' ')}"` : text

/** Sessions as recordings (sim/backtest/sessions): what came, what was said, what was charged. */
export const sessionCsv = (sessions: readonly Session[]): string => {
  const kwh = (energyWh: number): string => String(energyWh / 1000)
  const rows = sessions.map(
    ({ id, stationId, evseId, connectedAt, endedAt, energyWh, need, idToken }) => {
      const said = ['driver', 'api', 'station'].includes(need.source) ? need : null
      const cells: Record<(typeof CSV_NAMES)[number], string> = {
        session: id,
        station: `${stationId}/${evseId}`,
        connectedAt,
        endedAt: endedAt ?? '',
        energyKwh: kwh(energyWh),
        saidEnergyKwh: said?.energyWh == null ? '' : kwh(said.energyWh),
        saidDeparture: said?.departure ?? '',
        user: idToken ?? '',
      }
      return CSV_NAMES.map((name) => csvCell(cells[name])).join(',')
    },
  )
  return [CSV_NAMES.join(','), ...rows].join('\n')
}

export const sessionTable = (sessions: readonly Session[], times: Times, nowMs: number): string => {
  const rows = sessions.map((session) => {
    const { stationId, evseId, connectedAt, startedAt, endedAt, need } = session
    const untilMs = endedAt === null ? nowMs : Date.parse(endedAt)
    return [
      `${stationId}/${evseId}`,
      endedAt !== null ? 'ended' : startedAt !== null ? 'started' : 'connected',
      times.minute(connectedAt),
      duration(untilMs - Date.parse(connectedAt)),
      kilowattHours(session.energyWh),
      orDash(need.energyWh, kilowattHours),
      orDash(need.departure, times.minute),
      String(session.priority),
      orDash(session.idToken, String),
      session.id,
    ]
  })
  return table(
    [
      { title: 'EVSE' },
      { title: 'STATE' },
      { title: 'SINCE' },
      { title: 'FOR', right: true },
      { title: 'ENERGY', right: true },
      { title: 'NEED', right: true },
      { title: 'LEAVES' },
      { title: 'PRIORITY', right: true },
      { title: 'TOKEN' },
      { title: 'SESSION' },
    ],
    rows,
  )
}
