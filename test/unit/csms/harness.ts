import { createCsms, type Csms } from '../../../src/csms/csms.ts'
import type { CsmsOptions } from '../../../src/csms/options.ts'
import type { MeterSet, MeterValue } from '../../../src/csms/sampled-value.ts'
import { seededRandom } from '../../../src/domain/seeded-random.ts'
import type { Evse, Site } from '../../../src/domain/site.ts'
import { createVirtualClock, type VirtualClock } from '../../../src/domain/virtual-clock.ts'
import type { Wiring } from '../../../src/domain/wiring.ts'
import type { Change } from '../../../src/ports/fabric.ts'
import type { Log } from '../../../src/ports/log.ts'
import { createFakeStorage, type FakeStorage } from './fake-storage.ts'

/** 2026-11-22 08:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 22, 8)

export const evse = (stationId: string, evseId: number, given: Partial<Evse> = {}): Evse => ({
  key: `${stationId}/${evseId}`,
  stationId,
  evseId,
  nodeId: 'main',
  wiring: 'L1L2L3',
  current: 'AC',
  maxA: 32,
  minA: 6,
  failsafeA: 6,
  priority: 1,
  efficiency: 1,
  ...given,
})

export const site = (evses: readonly Evse[]): Site => ({
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
      meterId: null,
      margin: 0.05,
    },
  ],
  loads: [],
  evses,
})

export const rotated = (wiring: Wiring): Evse => evse('CP1', 1, { wiring })

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: object
}

export const recordingLog = (lines: LogLine[]): Log => {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields })
  }
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  }
  return log
}

export interface World {
  readonly csms: Csms
  readonly clock: VirtualClock
  readonly storage: FakeStorage
  readonly changes: Change[]
  readonly lines: LogLine[]
  readonly options: CsmsOptions
  /** Sockets that were closed by us. */
  readonly closed: { stationId: string; code: number }[]
  /** Connects; without a boot. */
  readonly connect: (stationId: string, protocol?: string) => boolean
  /** Connects and boots. */
  readonly ready: (stationId: string, protocol?: string) => void
  /** The same storage, a new process. */
  readonly restart: () => Promise<World>
  readonly advance: (seconds: number) => Promise<void>
}

/** CP1 has two EVSEs, CP2 one. */
export const DEFAULT_EVSES = [evse('CP1', 1), evse('CP1', 2), evse('CP2', 1)]

export const createWorld = async (
  given: Partial<CsmsOptions> = {},
  storage: FakeStorage = createFakeStorage(),
  clock: VirtualClock = createVirtualClock(START_MS),
): Promise<World> => {
  const changes: Change[] = []
  const lines: LogLine[] = []
  const closed: { stationId: string; code: number }[] = []
  const options: CsmsOptions = {
    clock,
    random: seededRandom(1),
    storage,
    fabric: { publish: (change) => void changes.push(change), subscribe: () => () => {} },
    log: recordingLog(lines),
    site: site(DEFAULT_EVSES),
    stations: ['CP1', 'CP2'].map((stationId) => ({ stationId, protocols: [], passwordHashes: [] })),
    authorization: { unknownTokens: 'accept', concurrentTransactions: 'refuse' },
    ...given,
  }
  const csms = createCsms(options)
  await csms.load()
  csms.start()
  let generation = 0

  const connect = (stationId: string, protocol = 'ocpp1.6'): boolean =>
    csms.connections.connected({
      stationId,
      protocol,
      generation: ++generation,
      remoteAddress: '10.0.0.1',
      connectedAtMs: clock.now(),
      close: (code) => void closed.push({ stationId, code }),
    })

  return {
    csms,
    clock,
    storage,
    changes,
    lines,
    options,
    closed,
    connect,
    ready: (stationId, protocol) => {
      connect(stationId, protocol)
      csms.connections.boot(stationId, BOOT)
    },
    restart: async () => {
      await csms.stop()
      return await createWorld(given, storage, clock)
    },
    advance: (seconds) => clock.advanceTo(clock.now() + seconds * 1_000),
  }
}

export const BOOT = { vendor: 'Acme', model: 'One', firmware: '1.0', serialNumber: 'S1' }

export const set = (
  values: readonly MeterValue[],
  statedMs: number | null = null,
  context = 'Sample.Periodic',
): MeterSet => ({ statedMs, context, values })

export const register = (wh: number): MeterValue => ['Energy.Active.Import.Register', '', 'Wh', wh]

export const currents = (...amps: number[]): MeterValue[] =>
  amps.map((value, index) => ['Current.Import', `L${index + 1}`, 'A', value])

/** Lets everything that is under way finish. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve))
}
