import { createApi, type HttpApi, type InjectedRequest } from '../../../src/api/api.ts'
import type { ApiDeps, ApiSettings, Readiness } from '../../../src/api/deps.ts'
import { createApiTokens, SCOPES, type Scope } from '../../../src/api/tokens.ts'
import { createConditions } from '../../../src/control/conditions.ts'
import { createController } from '../../../src/control/controller.ts'
import { createEventLifecycle } from '../../../src/control/event-lifecycle.ts'
import { createPrices } from '../../../src/control/planning/prices.ts'
import { DEFAULT_RULES } from '../../../src/control/rules.ts'
import { createCsms, type Csms } from '../../../src/csms/csms.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import { seededRandom } from '../../../src/domain/seeded-random.ts'
import type { Evse, Site } from '../../../src/domain/site.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import { createLocalFabric } from '../../../src/fabric/local.ts'
import type { LatestReading } from '../../../src/ports/readings.ts'
import type { CommandResult, StationGateway } from '../../../src/ports/station-gateway.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { createContract, type Contract } from './contract.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

/** 2026-11-22 08:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 22, 8)
export const MINUTE_MS = 60_000

const evse = (stationId: string, evseId: number, nodeId: string): Evse => ({
  key: `${stationId}/${evseId}`,
  stationId,
  evseId,
  nodeId,
  wiring: 'L1L2L3',
  current: 'AC',
  maxA: 32,
  minA: 6,
  failsafeA: 6,
  priority: 1,
  efficiency: 1,
})

/** A connection of 100 A; below it a feeder of 40 A with CP1/1, CP1/2 and CP2/1. */
export const SITE: Site = {
  id: 'depot',
  name: 'Depot',
  timeZone: 'Europe/Berlin',
  supply: { kind: 'three-phase', voltageV: 230 },
  nodes: [
    {
      id: 'main',
      name: 'Main',
      parentId: null,
      limitA: [100, 100, 100],
      limitW: null,
      meterId: 'grid',
      margin: 0.05,
    },
    {
      id: 'garage',
      name: 'Garage feeder',
      parentId: 'main',
      limitA: [40, 40, 40],
      limitW: 25_000,
      meterId: null,
      margin: 0,
    },
  ],
  loads: [
    {
      id: 'building',
      name: 'Building',
      nodeId: 'main',
      kind: 'building',
      meterId: 'house',
      wiring: 'L1L2L3',
      designA: [20, 20, 20],
    },
  ],
  evses: [evse('CP1', 1, 'garage'), evse('CP1', 2, 'garage'), evse('CP2', 1, 'garage')],
}

export interface SentCommand {
  readonly method: string
  readonly args: readonly unknown[]
}

const accepted = (response: unknown): CommandResult => ({ ok: true, response })

/** Stations that answer what the test says, and take every profile. */
export const fakeGateway = () => {
  const sent: SentCommand[] = []
  let answer: CommandResult = accepted({ status: 'Accepted' })
  const send =
    (method: string) =>
    (...args: unknown[]): Promise<CommandResult> => {
      sent.push({ method, args })
      return Promise.resolve(answer)
    }
  const gateway = {
    online: () => true,
    setChargingProfile: () => Promise.resolve(accepted({})),
    clearChargingProfile: () => Promise.resolve(accepted({})),
    call: send('call'),
    remoteStart: send('remoteStart'),
    remoteStop: send('remoteStop'),
    unlock: send('unlock'),
    changeAvailability: send('changeAvailability'),
  } as unknown as StationGateway
  return {
    gateway,
    sent,
    answers: (next: CommandResult): void => {
      answer = next
    },
  }
}

export interface BenchOptions {
  readonly storage?: Storage
  readonly settings?: ApiSettings
  readonly plan?: Plan
}

/** The document is the same for every bench. */
let contract: Contract | null = null

type Method = NonNullable<InjectedRequest['method']>

/** An answer that has been held to the document; tests look into it freely. */
export interface Json {
  readonly [key: string]: unknown
  readonly items: readonly Readonly<Record<string, unknown>>[]
}

export type Bench = Awaited<ReturnType<typeof createBench>>

/** The API on a real central system, controller and event lifecycle; only the stations are fake. */
export const createBench = async (options: BenchOptions = {}) => {
  const { log, entries } = recordingLog()
  const clock = createVirtualClock(START_MS)
  const random = seededRandom(7)
  const storage = options.storage ?? createMemoryStorage({ log })
  const fabric = createLocalFabric({ log })
  const csms: Csms = createCsms({
    clock,
    random,
    storage,
    fabric,
    log,
    site: SITE,
    stations: ['CP1', 'CP2'].map((stationId) => ({ stationId, protocols: [], passwordHashes: [] })),
    authorization: { unknownTokens: 'accept', concurrentTransactions: 'accept' },
  })
  const gridView = createGridView(SITE, [1, 0.7, 0.4, 0])
  const fake = fakeGateway()
  const events = createEventLifecycle({
    view: gridView,
    fleet: { capability: () => ({ floorW: 0, ceilingW: 70_000 }), powerW: () => 20_000 },
    storage,
    fabric,
    clock,
    random,
    log,
  })
  const readings = new Map<string, LatestReading>()
  const conditions = createConditions({ clock, fabric, log })
  const controller = createController({
    site: SITE,
    clock,
    fleet: csms.fleet,
    gateway: fake.gateway,
    readings: { latest: (meterId) => readings.get(meterId) ?? null },
    storage,
    fabric,
    log,
    conditions,
    rules: DEFAULT_RULES,
    gridView,
    timeline: (nowMs) => events.timeline(nowMs),
    planning: null,
  })
  const prices = createPrices(['tariff'])
  await csms.load()
  await events.load()
  await controller.load()
  const tokens = createApiTokens({ storage, clock, audit: csms.audit })
  await tokens.load()

  let readiness: Readiness = { ok: true, checks: [{ name: 'storage', ok: true, detail: 'fine' }] }
  const deps: ApiDeps = {
    version: '0.1.0',
    site: SITE,
    currency: 'EUR',
    clock,
    log,
    storage,
    fabric,
    tokens,
    csms,
    controller,
    events,
    plan: () => options.plan ?? null,
    prices,
    gateway: fake.gateway,
    meters: {
      latest: (meterId) => readings.get(meterId) ?? null,
      health: () => [
        {
          meterId: 'house',
          ok: true,
          sinceMs: START_MS,
          detail: 'connected',
          ageS: 2,
          stale: false,
          derived: ['powerW'],
          readings: 5,
          bad: 1,
        },
      ],
    },
    sources: () => [
      {
        id: 'dso',
        delivers: 'events',
        health: { ok: true, sinceMs: START_MS, detail: 'connected' },
        comms: { state: 'fresh', sinceMs: START_MS, complete: true },
      },
      {
        id: 'tariff',
        delivers: 'prices',
        health: { ok: true, sinceMs: 0, detail: '' },
        comms: null,
      },
    ],
    conditions,
    hashPassword: (password) => Promise.resolve(`hash of ${password}`),
    ready: () => readiness,
    metrics: {
      ocpp: () => ({ callsIn: 12, slips: { case: 3, number: 0 } }),
      connections: () => 1,
      ticks: () => ({ count: 60, totalS: 0.3, lastS: 0.005, longestS: 0.02 }),
      storage: () => ({
        records: 100,
        batches: 10,
        waitingRecords: 2,
        waitingBytes: 200,
        waitingQueries: 0,
        refusedCommits: 0,
        droppedAppends: 0,
      }),
    },
    settings: options.settings ?? {},
  }
  const api: HttpApi = createApi(deps)
  const secrets = new Map<string, string>()
  let generation = 0

  /** A token with exactly these scopes. */
  const secret = async (...scopes: readonly Scope[]): Promise<string> => {
    const label = scopes.join('+')
    const known = secrets.get(label)
    if (known !== undefined) return known
    const made = await tokens.create({ label, scopes }, 'test')
    secrets.set(label, made.secret)
    return made.secret
  }

  /** A request with a token that may do everything. Its answer must be as it is documented. */
  const request = async (method: Method, url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${await secret(...SCOPES)}` }
    const answer = await api.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    contract ??= createContract(await api.document())
    const wrong = contract({
      method,
      url,
      status: answer.statusCode,
      type: answer.headers['content-type'] ?? '',
      body: answer.body,
    })
    if (wrong !== null) throw new Error(wrong)
    return answer
  }

  return {
    api,
    deps,
    csms,
    clock,
    storage,
    fabric,
    events,
    controller,
    prices,
    conditions,
    tokens,
    readings,
    entries,
    sent: fake.sent,
    stationAnswers: fake.answers,
    secret,

    request,
    get: async (url: string): Promise<Json> => {
      const answer = await request('GET', url)
      if (answer.statusCode !== 200) throw new Error(`GET ${url}: ${answer.body}`)
      return answer.json()
    },

    ready: (next: Readiness): void => {
      readiness = next
    },

    connect: (stationId: string): void => {
      csms.connections.connected({
        stationId,
        protocol: 'ocpp1.6',
        generation: ++generation,
        remoteAddress: '10.0.0.1',
        connectedAtMs: clock.now(),
        close: () => {},
      })
    },

    /** Connects, boots, plugs a car in and starts a transaction. Returns its id. */
    charge: async (stationId: string, evseId: number, idToken = 'CARD1'): Promise<string> => {
      const station = csms.stations.mustFind(stationId)
      if (station.boot !== 'accepted') {
        csms.connections.connected({
          stationId,
          protocol: 'ocpp1.6',
          generation: ++generation,
          remoteAddress: '10.0.0.1',
          connectedAtMs: clock.now(),
          close: () => {},
        })
        csms.connections.boot(stationId, {
          vendor: 'Acme',
          model: 'One',
          firmware: '1.0',
          serialNumber: 'S1',
        })
      }
      const { transactionId } = await csms.transactions.start(station, {
        connectorId: evseId,
        idToken,
        startedAtMs: clock.now(),
        meterStartWh: 1_000,
      })
      return String(transactionId)
    },

    /** Seconds of control. */
    run: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await clock.advanceTo(clock.now() + 1_000)
        events.step(clock.now())
        controller.tick()
      }
      await events.settle()
      await csms.journal.settled()
    },
  }
}
