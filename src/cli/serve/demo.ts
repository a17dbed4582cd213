import { total } from '../../domain/phases.ts'
import type { Node, Site } from '../../domain/site.ts'
import { wattsPerAmp } from '../../domain/wiring.ts'

export interface Broker {
  readonly url: string
  readonly version: 4 | 5
  readonly username: string | null
}

export interface SignalSetting {
  readonly operator: string
  readonly party: string
  readonly prefix: string
}

/**
 * What all EVSEs can draw together while every other load draws its design load, watts: ratings,
 * and the limits of the tree above them. O(nodes * (nodes + EVSEs)).
 */
export const chargingCapabilityW = (site: Site): number => {
  const { nodes, loads, evses, supply } = site
  const below = (node: Node): number => {
    const ratedW = evses
      .filter(({ nodeId }) => nodeId === node.id)
      .reduce((sum, { maxA, wiring }) => sum + maxA * wattsPerAmp(wiring, supply), 0)
    const deeperW = nodes
      .filter(({ parentId }) => parentId === node.id)
      .reduce((sum, child) => sum + below(child), 0)
    const takenW = loads
      .filter(({ nodeId }) => nodeId === node.id)
      .reduce((sum, { designA }) => sum + total(designA) * supply.voltageV, 0)
    const currentW = node.limitA === null ? Infinity : total(node.limitA) * supply.voltageV
    const limitW = Math.min(node.limitW ?? Infinity, currentW) * (1 - node.margin)
    return Math.max(0, Math.min(ratedW + deeperW, limitW - takenW))
  }
  return below(nodes[0])
}

/** A limit that nobody can miss: half of what charging can draw, whole kilowatts. */
export const demoLimitKw = (site: Site): number =>
  Math.max(1, Math.round(chargingCapabilityW(site) / 2_000))

const MINUTES = 5

export interface DemoCommands {
  readonly limitKw: number
  readonly send: string
  readonly cancel: string
  /** Asks about a station of this site. */
  readonly why: string
}

/** Commands to paste: over MQTT as the utility would, else over the API. */
export const demoCommands = (
  site: Site,
  eventId: string,
  signal: { readonly setting: SignalSetting; readonly broker: Broker } | null,
): DemoCommands => {
  const limitKw = demoLimitKw(site)
  const way = signal === null ? '' : wayOf(signal.setting, signal.broker)
  const what = `--id ${eventId} --limit-kw ${limitKw} --minutes ${MINUTES}`
  return {
    limitKw,
    send: `npx busbar event send ${what}${way}`,
    cancel: `npx busbar event cancel ${eventId}${way}`,
    why: `why ${site.evses[0]?.stationId ?? 'STATION'}`,
  }
}

/** The password, if there is one, is for BUSBAR_MQTT_PASSWORD. */
const wayOf = ({ operator, party, prefix }: SignalSetting, broker: Broker): string =>
  [
    ` --mqtt ${broker.url}`,
    ...(broker.version === 4 ? ['--mqtt-version 4'] : []),
    ...(broker.username === null ? [] : [`--username ${broker.username}`]),
    ...(prefix === 'gs/v1' ? [] : [`--prefix ${prefix}`]),
    `--operator ${operator}`,
    `--party ${party}`,
  ].join(' ')
