import type { LoadedConfig } from '../../config/load.ts'
import { addressOf } from '../../net/mqtt-client.ts'

const MAX_NAMED = 4
/** Of MQTT and OPC UA, where the address names none. */
const PORTS: Readonly<Record<string, string>> = { 'mqtt:': '1883', 'opc.tcp:': '4840' }
const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

/** Whether an address is that of a server of the simulated world, which is on loopback. */
const isSimulated = (address: string, port: number | undefined): boolean => {
  const { protocol, hostname, port: own } = new URL(address)
  return (
    port !== undefined &&
    LOOPBACK.includes(hostname) &&
    (own === '' ? PORTS[protocol] : own) === String(port)
  )
}

/** `3 stations: A, B, C`. */
const named = (noun: string, names: readonly string[]): string[] => {
  if (names.length === 0) return []
  const rest = names.length > MAX_NAMED ? ', ...' : ''
  const shown = `${names.slice(0, MAX_NAMED).join(', ')}${rest}`
  return [names.length === 1 ? `${noun} ${shown}` : `${names.length} ${noun}s (${shown})`]
}

const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id)

/**
 * What must come from elsewhere before a site does anything, one line each: real stations, brokers and
 * servers, and cards of drivers while unknown ones are refused.
 *
 * @param knownCards number of cards that somebody entered
 */
export const awaitedBy = (
  { config }: Pick<LoadedConfig, 'config'>,
  knownCards: number,
): readonly string[] => {
  const { simulation, meters = [], signals = [], prices = [] } = config
  const stations = named('station', simulation ? [] : idsOf(config.stations))
  const brokers = (config.brokers ?? []).flatMap(({ id, url }) => {
    if (isSimulated(url, simulation?.brokerPort)) return []
    const uses = [
      ...named('meter', idsOf(meters.filter((it) => it.kind === 'mqtt' && it.broker === id))),
      ...named('signal', idsOf(signals.filter(({ broker }) => broker === id))),
      ...named('price', idsOf(prices.filter((it) => it.kind === 'mqtt' && it.broker === id))),
    ]
    return uses.length === 0 ? [] : [`MQTT broker ${addressOf(url)}: ${uses.join(', ')}`]
  })
  const servers = (config.opcua ?? []).flatMap(({ id, url }) => {
    if (isSimulated(url, simulation?.opcuaPort)) return []
    const uses = meters.filter((meter) => meter.kind === 'opcua' && meter.server === id)
    return named('meter', idsOf(uses)).map((what) => `OPC UA server ${url}: ${what}`)
  })
  const refuses = config.ocpp?.unknownIdTokens !== 'accept' && config.stations.length > 0
  const cards =
    refuses && knownCards === 0
      ? ["drivers' cards: none is known, others are refused (idTokens, ocpp.unknownIdTokens)"]
      : []
  const { host = '127.0.0.1', tls } = config.ocpp ?? {}
  const reach = tls || !LOOPBACK.includes(host) ? '' : ', from this machine only (ocpp.host)'
  return [
    ...stations.map((what) => `${what} at the address above${reach}`),
    ...brokers,
    ...servers,
    ...cards,
  ]
}
