import type { Command } from 'commander'
import type { Static } from 'typebox'
import type { WHY } from '../api/resources/why.ts'
import { eventText } from './event/words.ts'
import { limitText } from './nodes.ts'
import { apiCommand, type ApiOptions } from './options.ts'
import { evseName, type EvseName } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { amps, duration, kilowattHours, kilowatts, threeAmps, type Times } from './text.ts'

export type Explanation = Static<typeof WHY>

export const whyCommand = (terminal: Terminal): Command =>
  apiCommand('why', 'why an EVSE may draw what it may draw, in sentences')
    .argument('<station[/evse]>', 'STATION for all its EVSEs, or STATION/EVSE', evseName)
    .action(async (name: EvseName, options: ApiOptions) => {
      const { connectApi, path } = await import('./api/client.ts')
      const { WHY } = await import('../api/resources/why.ts')
      const { EVSE } = await import('../api/resources/evse.ts')
      const { siteTimes } = await import('./api/site-times.ts')
      const { Failure } = await import('./failure.ts')
      const api = connectApi(options, terminal)
      const { stationId } = name
      const evseIds =
        name.evseId === null
          ? (await api.list('/v1/evses', EVSE, { stationId })).map(({ evseId }) => evseId)
          : [name.evseId]
      if (evseIds.length === 0) {
        throw new Failure('not-found', `the site has no EVSE of a station "${stationId}"`)
      }
      const found: Explanation[] = []
      for (const evseId of evseIds) {
        found.push(await api.get(path`/v1/evses/${stationId}/${evseId}/why`, WHY))
      }
      if (options.json) {
        terminal.json(name.evseId === null ? found : found[0])
        return
      }
      const times = await siteTimes(api, terminal.now())
      terminal.out(found.map((one) => explain(one, times, terminal)).join('\n\n'))
    })

/** The limit now and the chain of reasons, what the station accepted, vehicle, plan, events, nodes. */
export const explain = (
  { evse, session, plan, events, nodes }: Explanation,
  times: Times,
  { paint, now }: Pick<Terminal, 'paint' | 'now'>,
): string => {
  const { key, grant, measured, wiring, maxA } = evse
  const draws = measured?.powerW === undefined ? '' : ` and draws ${kilowatts(measured.powerW)}`
  const may = grant === null ? 'nothing has been decided yet' : `may draw ${amps(grant.limitA)}`
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
  return [
    paint('bold', `${key} ${may}${draws}.`),
    `${stateText(evse)}; rated ${amps(maxA)} on ${wiring}.`,
    ...list(
      'Because',
      (grant?.reasons ?? []).map(({ text }) => `- ${text}.`),
    ),
    inForce(evse, times),
    ...(session === null ? [] : [vehicle(session, times, now())]),
    ...(plan === null ? [] : [planned(plan, times, now())]),
    ...list(
      'Events',
      events.map((event) => eventText(event, times, now())),
    ),
    ...list('From here to the grid', nodes.flatMap(nodeLines)),
  ].join('\n')
}

const STATUS_TEXTS: Partial<Record<Explanation['evse']['status'], string>> = {
  'suspended-ev': 'Paused by the vehicle',
  'suspended-evse': 'Paused by the charger',
}

const stateText = ({ status, online, planned }: Explanation['evse']): string => {
  if (planned) return 'Never connected'
  if (!online) return 'Offline'
  return STATUS_TEXTS[status] ?? `${status.charAt(0).toUpperCase()}${status.slice(1)}`
}

const inForce = ({ grant, failsafeA }: Explanation['evse'], times: Times): string => {
  const rest = `without Busbar the charger falls back to ${amps(failsafeA)}`
  if (grant === null || grant.validTo === null) return `No Busbar limit is active; ${rest}.`
  const until = times.minute(grant.validTo)
  return `The station accepted ${amps(grant.inForceA)} until ${until}; ${rest}.`
}

const vehicle = (
  session: NonNullable<Explanation['session']>,
  times: Times,
  nowMs: number,
): string => {
  const { connectedAt, energyWh, need } = session
  const wanted = need.energyWh === null ? '' : ` of ${kilowattHours(need.energyWh)}`
  const leaves = need.departure === null ? '' : `, leaves at ${times.minute(need.departure)}`
  const assumed = need.source === 'default' && `${wanted}${leaves}` !== '' ? ' (assumed)' : ''
  const since = duration(nowMs - Date.parse(connectedAt))
  return `Vehicle connected for ${since}: ${kilowattHours(energyWh)}${wanted}${leaves}${assumed}.`
}

/** Less than that is shown as nothing. */
const SHOWN_WH = 50

const planned = (
  { session, start, stepS }: NonNullable<Explanation['plan']>,
  times: Times,
  nowMs: number,
): string => {
  const step = Math.floor((nowMs - Date.parse(start)) / (stepS * 1_000))
  const nowW = session.powerW[step] ?? 0
  const until = times.minute(Date.parse(start) + session.powerW.length * stepS * 1_000)
  const lack =
    session.unservedBecause ?? `${kilowattHours(session.unservedWh)} cannot be delivered in time`
  const short = session.unservedWh >= SHOWN_WH ? ` ${lack}.` : ''
  return `Planned: ${kilowatts(nowW)} now and ${kilowattHours(session.energyWh)} by ${until}.${short}`
}

const nodeLines = (node: Explanation['nodes'][number]): string[] => {
  const { name, now } = node
  if (now === null) return [`${name}: limit ${limitText(node)}`]
  const event =
    now.eventLimitW === null ? '' : `, limited to ${kilowatts(now.eventLimitW)} by events`
  return [
    `${name}: ${threeAmps(now.loadA)} A (${kilowatts(now.loadW)}) of ${limitText(node)}${event}`,
    ...now.problems.map(({ text }) => `  ${text}`),
  ]
}
