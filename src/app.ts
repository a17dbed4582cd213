import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import type { ApiTokens } from './api/tokens.ts'
import { apiListener, buildApi } from './app/api.ts'
import { buildControl, type ControlSide } from './app/control.ts'
import { createImportHistory } from './app/import-history.ts'
import { createLog } from './app/log.ts'
import { buildMeters } from './app/meters.ts'
import { buildOcpp, type Ocpp } from './app/ocpp.ts'
import { buildPrices, type PriceSide } from './app/prices.ts'
import { createRetention } from './app/retention.ts'
import { buildSignalSources, createPriceBrokers } from './app/signals.ts'
import { createWatches } from './app/watches.ts'
import { createTickTimer } from './app/tick-timer.ts'
import type { LoadedConfig } from './config/load.ts'
import { storagePathOf } from './config/storage-path.ts'
import { createConditions } from './control/conditions.ts'
import { createWorkerPlanner } from './control/planning/planners.ts'
import { createLocalFabric } from './fabric/local.ts'
import { createSystemClock } from './fabric/system-clock.ts'
import type { Meters } from './meters/meters.ts'
import type { Fabric } from './ports/fabric.ts'
import type { Log } from './ports/log.ts'
import type { Storage } from './ports/storage.ts'
import type { MqttSignalSource } from './signals/mqtt/source.ts'
import { makeFolder } from './storage/folder.ts'
import { createMemoryStorage } from './storage/memory.ts'
import { openSqliteStorage } from './storage/sqlite/storage.ts'

export interface App {
  readonly loaded: LoadedConfig
  readonly storage: Storage
  readonly fabric: Fabric
  readonly ocpp: Ocpp
  readonly control: ControlSide
  readonly meters: Meters
  readonly prices: PriceSide
  readonly signals: readonly MqttSignalSource[]
  readonly log: Log
  /** Folder of the database, keys and certificates. */
  readonly dataDir: string
  /** The database file, absolute; `null` = nothing is kept. */
  readonly storagePath: string | null
  /** There was no database at this path before this start. */
  readonly isStorageNew: boolean
  readonly tokens: ApiTokens
  /** Where the API and the page listen; after the start. */
  apiAddress(): AddressInfo | null
  /** Everything that survived is back in memory before anything connects or is commanded. */
  start(): Promise<void>
  stop(): Promise<void>
}

const TICK_MS = 1000

/** Puts the program together. Nothing runs before `start`. */
export const buildApp = async (
  loaded: LoadedConfig,
  log: Log = createLog(loaded.config.log?.level ?? 'info'),
): Promise<App> => {
  const { config, site } = loaded
  const clock = createSystemClock({ keepAlive: true })
  const random = { next: () => Math.random() }
  const storagePath = storagePathOf(loaded)
  const dataDir = storagePath === null ? loaded.pathOf('.busbar') : dirname(storagePath)
  makeFolder(dataDir)
  const sqlite =
    storagePath === null ? null : await openSqliteStorage({ path: storagePath, clock, log })
  const storage = sqlite ?? createMemoryStorage({ log })
  const fabric = createLocalFabric({ log })
  const conditions = createConditions({ clock, fabric, log })
  const base = { loaded, clock, random, storage, fabric, log, conditions, dataDir }

  const ocpp = buildOcpp(base)
  const importHistory = createImportHistory(site)
  const brokers = createPriceBrokers(base)
  const prices = await buildPrices(base, brokers.get, importHistory)
  const states = new Map(ocpp.csms.fleet.states().map((state) => [state.evse.key, state]))
  const meters = await buildMeters(
    base,
    (key) => states.get(key)?.measured ?? null,
    (reading) => {
      for (const signal of signals) signal.publishReading(reading.meterId, reading)
    },
  )
  const planner = createWorkerPlanner((config.control?.planDeadlineS ?? 5) * 1000, log)
  const control = buildControl({
    ...base,
    fleet: ocpp.csms.fleet,
    gateway: ocpp.gateway,
    readings: meters,
    prices: prices.prices,
    demand: prices.demand,
    planner,
  })
  const signals = buildSignalSources(base, control.events, control.ratedPowerW)
  const retention = createRetention(base)
  const watches = createWatches({ ...base, ocpp, control, meters, sqlite, storagePath })
  const ticks = createTickTimer(clock)
  const { api, tokens } = buildApi({
    ...base,
    ocpp,
    control,
    meters,
    prices,
    signals,
    ticks,
    storageStats: () => sqlite?.stats() ?? null,
    storageFault: () => sqlite?.fault() ?? null,
  })
  let cancelTick = (): void => {}
  let apiAddress: AddressInfo | null = null

  return {
    loaded,
    storage,
    fabric,
    ocpp,
    control,
    meters,
    prices,
    signals,
    log,
    dataDir,
    storagePath,
    isStorageNew: sqlite?.isNew ?? false,
    tokens,
    apiAddress: () => apiAddress,

    start: async () => {
      await ocpp.csms.load()
      await tokens.load()
      await control.load()
      await importHistory.load(storage, clock.now())
      await meters.start()
      await prices.start()
      for (const signal of signals) await signal.start(control.events.attach(signal))
      ocpp.csms.start()
      cancelTick = clock.every(TICK_MS, () => {
        ticks.run(control.step)
        const gridW = control.controller.grid()
        if (gridW !== null) importHistory.observe(clock.now(), gridW)
      })
      retention.start()
      watches.start()
      await ocpp.server.start()
      apiAddress = await api.listen(apiListener(loaded))
      log.info({ siteId: site.id, evses: site.evses.length }, 'Busbar runs')
    },

    stop: async () => {
      cancelTick()
      retention.stop()
      watches.stop()
      await api.close()
      await ocpp.server.stop()
      // What events have come to is told before the authorities are left.
      await control.events.settle()
      await Promise.all(signals.map((signal) => signal.stop()))
      await prices.stop()
      await brokers.stop()
      await meters.stop()
      await ocpp.csms.stop()
      await planner.stop()
      await storage.stop()
    },
  }
}
