import { createServer } from 'node:net'
import { join } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { AppError } from '../errors.ts'
import { createSystemClock } from '../fabric/system-clock.ts'
import type { Log } from '../ports/log.ts'
import { createMqttPublisher, type SimulatedMeters } from '../sim/meters/mqtt-publisher.ts'
import { createOpcUaMeterServer } from '../sim/meters/opcua-server.ts'
import type { ReadMeter } from '../sim/meters/measurement.ts'
import { startScenario, type Scenario } from '../sim/scenario.ts'
import type { SimulationSettings } from '../sim/settings.ts'

/** What surrounds a simulated site: stations, vehicles, meters and the utility's broker. */
export interface World {
  readonly scenario: Scenario
  stop(): Promise<void>
}

/** Starts it, on loopback only; everything in it speaks to Busbar over real sockets. */
export const startWorld = async (
  loaded: LoadedConfig,
  ocppUrl: string,
  dataDir: string,
  log: Log,
): Promise<World> => {
  const { config, site } = loaded
  const stopBroker = await startBroker(config.simulation?.brokerPort, log)
  const clock = createSystemClock({ keepAlive: true })
  const scenario = startScenario({
    site,
    settings: liveSettingsOf(config),
    ocppUrl,
    password: (stationId) =>
      config.stations.find(({ id }) => id === stationId)?.password ??
      config.stationDefaults?.password ??
      null,
    clock,
    random: { next: () => Math.random() },
    log,
  })
  const meters = [mqttMeters(loaded, scenario), opcuaMeters(loaded, scenario, dataDir)].flatMap(
    (create) => (create ? [create({ clock, log })] : []),
  )
  for (const meter of meters) await meter.start()
  return {
    scenario,
    stop: async () => {
      await Promise.all(meters.map((meter) => meter.stop()))
      await scenario.stop()
      await stopBroker()
    },
  }
}

/** The broker of the utility and the meters. Returns its end. */
const startBroker = async (port: number | undefined, log: Log): Promise<() => Promise<void>> => {
  if (port === undefined) return () => Promise.resolve()
  const { Aedes } = await import('aedes')
  const aedes = await Aedes.createBroker()
  const server = createServer(aedes.handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError(
          'listen-failed',
          `the simulation's MQTT broker cannot use port ${port} of this machine: ${cause.message}`,
          { cause },
        ),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  log.info({ port }, 'the MQTT broker of the simulation listens on loopback')
  return async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()))
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

/** Simulated stations speak the first protocol that they may, drivers carry the known cards. */
export const simulationOf = (config: Config): SimulationSettings => {
  const { stations = {}, ...settings } = config.simulation ?? {}
  return {
    idTokens: (config.idTokens ?? []).map(({ idToken }) => idToken),
    ...settings,
    stations: Object.fromEntries(
      config.stations.map((station) => {
        const [protocol] = station.protocols ?? config.stationDefaults?.protocols ?? []
        const own = stations[station.id] ?? stations['*'] ?? {}
        return [station.id, { ...(protocol ? { protocol } : {}), ...own }]
      }),
    ),
  }
}

/** In real time the sun and the drivers keep the hour of prices, plans and the page: it is now. */
export const liveSettingsOf = (config: Config): SimulationSettings => {
  const { date: _date, timeOfDay: _timeOfDay, ...settings } = simulationOf(config)
  return settings
}

/** What each configured meter of a node or load reads. */
const readings = ({ site }: LoadedConfig, scenario: Scenario): Map<string, ReadMeter> => {
  const found = new Map<string, ReadMeter>()
  for (const node of site.nodes) {
    const read = scenario.meters.nodes.get(node.id)
    if (node.meterId !== null && read) found.set(node.meterId, read)
  }
  for (const load of site.loads) {
    const read = scenario.meters.loads.get(load.id)
    if (load.meterId !== null && read) found.set(load.meterId, read)
  }
  return found
}

type Start = (deps: { clock: ReturnType<typeof createSystemClock>; log: Log }) => SimulatedMeters

const mqttMeters = (loaded: LoadedConfig, scenario: Scenario): Start | null => {
  const port = loaded.config.simulation?.brokerPort
  if (port === undefined) return null
  const read = readings(loaded, scenario)
  const meters = (loaded.config.meters ?? []).flatMap((meter) =>
    meter.kind === 'mqtt' && meter.topic !== undefined && read.has(meter.id)
      ? [{ topic: meter.topic, read: read.get(meter.id)! }]
      : [],
  )
  return (deps) => createMqttPublisher({ brokerUrl: `mqtt://127.0.0.1:${port}`, meters }, deps)
}

const opcuaMeters = (loaded: LoadedConfig, scenario: Scenario, dataDir: string): Start | null => {
  const port = loaded.config.simulation?.opcuaPort
  if (port === undefined) return null
  const read = readings(loaded, scenario)
  const meters = (loaded.config.meters ?? []).flatMap((meter) =>
    meter.kind === 'opcua' && read.has(meter.id)
      ? [{ name: meter.id, read: read.get(meter.id)! }]
      : [],
  )
  return (deps) =>
    createOpcUaMeterServer({ port, pkiFolder: join(dataDir, 'pki', 'sim'), meters }, deps)
}
