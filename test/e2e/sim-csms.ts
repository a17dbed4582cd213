import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../src/ports/clock.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createChargePoint16 } from '../../src/sim/charge-point-16.ts'
import { createChargePoint201 } from '../../src/sim/charge-point-201.ts'
import type { StationFaults } from '../../src/sim/faults.ts'
import type { SimProtocol } from '../../src/sim/settings.ts'
import { stationModel } from '../../src/sim/station-models.ts'
import { SimStation, type SimPort } from '../../src/sim/station.ts'
import { createVehicle, PLAIN_TRAITS } from '../../src/sim/vehicle.ts'
import { VEHICLE_MODELS } from '../../src/sim/vehicle-models.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { EUROPE, evse } from '../unit/sim/site.ts'

/** How much faster than the wall the clock of these tests runs. */
export const SPEED = 15

/** Real time, faster: timers and timestamps agree, so that minutes pass in seconds. */
export const fastClock = (): Clock => {
  const startMs = Date.now()
  return {
    monotonicMs: () => performance.now() * SPEED,
    now: () => startMs + (Date.now() - startMs) * SPEED,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs / SPEED)
      return () => clearTimeout(timer)
    },
    every: (periodMs, run) => {
      const timer = setInterval(run, periodMs / SPEED)
      return () => clearInterval(timer)
    },
  }
}

export interface Received {
  readonly id: string
  readonly action: string
  readonly payload: Record<string, unknown>
  readonly connection: number
}

type Answer = (
  payload: Record<string, unknown>,
) => object | 'InternalError' | 'SecurityError' | 'silence'

/** A central system of a few lines that validates every frame that it gets. */
export interface TestCsms {
  readonly url: string
  readonly received: Received[]
  /** What was wrong with messages and answers of the station. */
  readonly violations: string[]
  readonly requests: IncomingMessage[]
  /** Answers by action; replace one to answer otherwise. */
  readonly answers: Record<string, Answer>
  connected(): boolean
  socket(): WebSocket
  /** Payload of the answer, or `[code, description]` of a CALLERROR. */
  call(action: string, payload: object): Promise<unknown>
  of(action: string): Record<string, unknown>[]
  /** Cuts the connection; new ones are refused until `admit`. */
  cut(): void
  admit(): void
  stop(): Promise<void>
}

const SCHEMAS: Record<string, Record<string, object>> = {
  'ocpp1.6': schemas16,
  'ocpp2.0.1': schemas201,
}

/** Speaks the versions of `protocols`; what comes without one is taken for the first. */
export const startCsms = async (protocols: readonly SimProtocol[]): Promise<TestCsms> => {
  const ajv = new Ajv({ strict: false, multipleOfPrecision: 3, allErrors: true })
  addFormats.default(ajv)
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: () => admitting,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  await once(server, 'listening')
  let admitting = true
  let current: WebSocket | null = null
  let connections = 0
  let transactions = 0
  let calls = 0
  const open = new Map<string, { action: string; settle: (answer: unknown) => void }>()
  const received: Received[] = []
  const violations: string[] = []
  const requests: IncomingMessage[] = []
  const answers: Record<string, Answer> = {
    BootNotification: () => ({
      status: 'Accepted',
      currentTime: new Date().toISOString(),
      interval: 60,
    }),
    Heartbeat: () => ({ currentTime: new Date().toISOString() }),
    StartTransaction: () => ({
      transactionId: ++transactions,
      idTagInfo: { status: 'Accepted' },
    }),
    Authorize: ({ idTag }) =>
      idTag ? { idTagInfo: { status: 'Accepted' } } : { idTokenInfo: { status: 'Accepted' } },
  }

  const check = (socket: WebSocket, name: string, payload: unknown): void => {
    const schema = SCHEMAS[socket.protocol || protocols[0]][name]
    const validate = schema ? ajv.compile(schema) : null
    if (!validate) violations.push(`${name} is unknown`)
    else if (!validate(payload)) violations.push(`${name} ${ajv.errorsText(validate.errors)}`)
  }

  const receive = (socket: WebSocket, connection: number, text: string): void => {
    const frame = JSON.parse(text) as unknown[]
    const [kind, id] = frame as [number, string]
    if (kind === 2) {
      const [, , action, payload] = frame as [2, string, string, Record<string, unknown>]
      check(socket, `${action}Request`, payload)
      if (id.length > 36) violations.push(`${action} has an id of ${id.length}`)
      received.push({ id, action, payload, connection })
      const answer = answers[action]?.(payload) ?? {}
      if (answer === 'silence') return
      if (typeof answer === 'string') socket.send(JSON.stringify([4, id, answer, '', {}]))
      else socket.send(JSON.stringify([3, id, answer]))
      return
    }
    const waiting = open.get(id)
    open.delete(id)
    if (kind === 3 && waiting) check(socket, `${waiting.action}Response`, frame[2])
    waiting?.settle(kind === 3 ? frame[2] : [frame[2], frame[3]])
  }

  server.on('connection', (socket, request) => {
    current = socket
    requests.push(request)
    const connection = ++connections
    socket.on('message', (data: Buffer) => receive(socket, connection, data.toString('utf8')))
    socket.on('close', () => {
      if (current === socket) current = null
    })
  })

  const csms: TestCsms = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ocpp`,
    received,
    violations,
    requests,
    answers,
    connected: () => current !== null,
    socket: () => current!,
    call: (action, payload) =>
      new Promise((settle) => {
        const id = `test-${++calls}`
        open.set(id, { action, settle })
        current!.send(JSON.stringify([2, id, action, payload]))
      }),
    of: (action) => received.filter((each) => each.action === action).map(({ payload }) => payload),
    cut: () => {
      admitting = false
      current?.terminate()
    },
    admit: () => {
      admitting = true
    },
    stop: async () => {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return csms
}

/** Waits until the condition holds; fails with its text after 10 s. */
export const until = async (condition: () => boolean): Promise<void> => {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Virtual seconds. */
export const pass = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (1000 * seconds) / SPEED))

export interface StationBench {
  readonly csms: TestCsms
  readonly station: SimStation
  readonly port: SimPort
  readonly clock: Clock
  readonly plug: () => void
  /** A driver shows a card. */
  readonly present: (idToken?: string) => void
  readonly ready: () => boolean
  readonly stop: () => Promise<void>
}

export interface BenchOptions {
  readonly faults?: StationFaults
  readonly model?: string
  readonly current?: 'AC' | 'DC'
  readonly evses?: number
  readonly answers?: Record<string, Answer>
  readonly meterIntervalS?: number
}

/** A station and its central system, connected and accepted unless `answers` say otherwise. */
export const startBench = async (
  protocol: SimProtocol,
  options: BenchOptions = {},
): Promise<StationBench> => {
  const csms = await startCsms([protocol])
  Object.assign(csms.answers, options.answers)
  const clock = fastClock()
  const evses = Array.from({ length: options.evses ?? 1 }, (_, i) =>
    evse(
      'CP 1',
      i + 1,
      options.current === 'DC' ? { current: 'DC', maxA: 80, minA: 0, efficiency: 0.95 } : {},
    ),
  )
  const station = new SimStation(
    {
      id: 'CP 1',
      version: protocol === 'ocpp1.6' ? '1.6' : '2.0.1',
      model: stationModel(options.model ?? 'full')!,
      faults: options.faults ?? {},
      evses,
      supply: EUROPE,
    },
    evses.map(() => 5000),
  )
  const create = protocol === 'ocpp1.6' ? createChargePoint16 : createChargePoint201
  const chargePoint = create({
    station,
    settings: { meterIntervalS: options.meterIntervalS ?? 5, outages: [] },
    url: csms.url,
    password: 'secret',
    clock,
    random: seededRandom(1),
    log: recordingLog().log,
  })
  chargePoint.start()
  const cancel = clock.every(1000, () => station.step(clock.now(), 1))
  if (!options.answers?.BootNotification) await until(() => chargePoint.ready())
  const [port] = station.ports
  return {
    csms,
    station,
    port,
    clock,
    plug: () => {
      const traits = { ...PLAIN_TRAITS, soc: 0.1, upDelayS: 1, upAPerS: 16 }
      station.plugIn(port, createVehicle(VEHICLE_MODELS[2], traits))
    },
    present: (idToken = 'CARD') => chargePoint.present(port, idToken),
    ready: () => chargePoint.ready(),
    stop: async () => {
      cancel()
      await chargePoint.stop()
      await csms.stop()
    },
  }
}
