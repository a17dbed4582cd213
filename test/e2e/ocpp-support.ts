import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { KnownStation } from '../../src/ocpp/admission.ts'
import { type Dialect, EMPTY } from '../../src/ocpp/dialect.ts'
import { createOcppServer, type OcppServer, type OcppServerOptions } from '../../src/ocpp/server.ts'
import { isoClock } from '../../src/ocpp/timestamp.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { recordingLog } from '../fixtures/recording-log.ts'

const cleanups: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Real time, for real sockets. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs)
    return () => clearInterval(timer)
  },
}

const now = isoClock(systemClock)

/** Enough to boot and to charge, without a central system behind. */
export const DIALECTS: readonly Dialect[] = [
  {
    protocol: 'ocpp2.0.1',
    handlers: {
      BootNotification: () => ({ currentTime: now(), interval: 300, status: 'Accepted' }),
      Heartbeat: () => ({ currentTime: now() }),
      TransactionEvent: () => EMPTY,
    },
  },
  {
    protocol: 'ocpp1.6',
    handlers: {
      BootNotification: () => ({ currentTime: now(), interval: 300, status: 'Accepted' }),
      Heartbeat: () => ({ currentTime: now() }),
      MeterValues: () => EMPTY,
      DataTransfer: () => ({ status: 'Accepted' }),
      StartTransaction: () =>
        Promise.resolve({ transactionId: 1, idTagInfo: { status: 'Accepted' } }),
    },
  },
]

export const station = (stationId: string, fields: Partial<KnownStation> = {}): KnownStation => ({
  kind: 'known',
  stationId,
  securityProfile: 0,
  passwordHashes: [],
  protocols: ['ocpp2.0.1', 'ocpp1.6'],
  ...fields,
})

/** A server on a free port of loopback; stopped after the test. */
export const startServer = async (options: Partial<OcppServerOptions> = {}) => {
  const { log, entries } = recordingLog()
  const server = createOcppServer({
    listeners: [{ host: '127.0.0.1', port: 0, path: '/ocpp' }],
    dialects: DIALECTS,
    lookup: (identity) => station(identity),
    clock: systemClock,
    random: seededRandom(1),
    log,
    ...options,
    limits: { stopGraceMs: 500, ...options.limits },
  })
  await server.start()
  cleanups.push(() => server.stop())
  const [{ port }] = server.addresses()
  return { server, logged: entries, port, url: `ws://127.0.0.1:${port}/ocpp` }
}

/** Waits until something is true; the test times out otherwise. */
export const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

export const basic = (user: string, password: string | Buffer): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString('base64')}`,
})

/** A raw station: frames in and out, nothing clever. */
export const connect = async (
  url: string,
  protocols: string | string[] = 'ocpp1.6',
  options: ClientOptions = {},
) => {
  const socket = new WebSocket(url, protocols, options)
  const received: unknown[] = []
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  socket.on('message', (data) => received.push(JSON.parse((data as Buffer).toString())))
  cleanups.push(() => socket.terminate())
  await once(socket, 'open')
  socket.on('error', () => {})
  return {
    socket,
    received,
    closed,
    send: (frame: unknown) =>
      socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    /** The next frames, in their order. */
    take: async (count: number): Promise<unknown[]> => {
      await until(() => received.length >= count)
      return received.splice(0, count)
    },
  }
}

/** The HTTP answer to a handshake that is refused. */
export const refusal = async (
  url: string,
  protocols: string | string[] = 'ocpp1.6',
  options: ClientOptions = {},
): Promise<{ status: number; headers: IncomingMessage['headers'] }> => {
  const socket = new WebSocket(url, protocols, options)
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  response.resume()
  socket.terminate()
  return { status: response.statusCode ?? 0, headers: response.headers }
}

export type { OcppServer }
