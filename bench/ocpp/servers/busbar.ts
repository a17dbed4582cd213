import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp, type App } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { OcppCounters } from '../../../src/ocpp/counters.ts'
import { identityOf } from '../generator/fleet.ts'
import { profileFor } from './answers.ts'
import { serve, type ServerOptions } from './serve.ts'

/** EVSEs below one feeder, feeders below one panel. */
const FEEDER_EVSES = 20
const PANEL_FEEDERS = 10

/**
 * A site of so many stations in a tree of three levels: authentication on, message log on, SQLite on
 * disk, everything else as it is without a word in the configuration.
 */
const configOf = ({ stations, protocol, password }: ServerOptions): object => {
  const feeders = Math.ceil(stations / FEEDER_EVSES)
  const panels = Math.ceil(feeders / PANEL_FEEDERS)
  const feederA = FEEDER_EVSES * 18
  return {
    site: {
      id: 'bench',
      timeZone: 'Europe/Amsterdam',
      currency: 'EUR',
      supply: { kind: 'three-phase', voltageV: 230 },
    },
    nodes: [
      { id: 'connection', limitKw: 0.69 * panels * PANEL_FEEDERS * feederA },
      ...Array.from({ length: panels }, (_, n) => ({
        id: `panel-${n}`,
        parent: 'connection',
        limitA: PANEL_FEEDERS * feederA,
      })),
      ...Array.from({ length: feeders }, (_, n) => ({
        id: `feeder-${n}`,
        parent: `panel-${Math.floor(n / PANEL_FEEDERS)}`,
        limitA: feederA,
      })),
    ],
    stationDefaults: { protocols: [protocol], password, maxA: 16, failsafeA: 6 },
    stations: Array.from({ length: stations }, (_, n) => ({
      id: identityOf(n),
      node: `feeder-${Math.floor(n / FEEDER_EVSES)}`,
    })),
    ocpp: { port: 0, unknownIdTokens: 'accept' },
    storage: { path: './bench.sqlite' },
    api: { port: 0 },
  }
}

const framesOf = (counters: OcppCounters): number =>
  counters.callsIn +
  counters.callsOut +
  counters.resultsIn +
  counters.resultsOut +
  counters.errorsIn +
  counters.errorsOut

const limit = async (app: App, protocol: ServerOptions['protocol'], identity: string) => {
  const [transactionId = '1'] = app.ocpp.csms.stations.find(identity)!.transactions.keys()
  const payload = profileFor(protocol, transactionId)
  const result = await app.ocpp.gateway.call(identity, 'SetChargingProfile', payload)
  if (!result.ok) throw new Error(result.detail)
}

/** The complete program, put together by its own composition root. */
serve(async (options) => {
  process.chdir(options.folder)
  const file = join(options.folder, 'bench.yaml')
  writeFileSync(file, JSON.stringify(configOf(options)))
  const app = await buildApp(loadConfig(file))
  await app.start()
  return {
    port: app.ocpp.server.addresses()[0].port,
    path: '/ocpp',
    limit: (identity) => limit(app, options.protocol, identity),
    books: async () => {
      // Appended rows are written within half a second.
      await new Promise((resume) => setTimeout(resume, 1_000))
      return {
        frames: framesOf(app.ocpp.server.counters),
        framesKept: await app.storage.count('message'),
        samplesKept: await app.storage.count('sample'),
      }
    },
    stop: () => app.stop(),
  }
})
