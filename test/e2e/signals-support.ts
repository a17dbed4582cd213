import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { createEventLifecycle } from '../../src/control/event-lifecycle.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import { createLocalFabric } from '../../src/fabric/local.ts'
import { createSystemClock } from '../../src/fabric/system-clock.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { BrokerOptions } from '../../src/signals/broker.ts'
import { createMqttSignalSource, type MqttSignalOptions } from '../../src/signals/mqtt/source.ts'
import { FLEET } from '../fixtures/event-bench.ts'
import { freePort } from '../fixtures/free-port.ts'
import { SITE } from '../fixtures/grid-site.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { iso } from '../fixtures/wire-event.ts'
import { createMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts'

export type TestBroker = Mosquitto

export const clock = createSystemClock({ keepAlive: true })

/** Waits until it is so; fails with what it was waiting for. */
export const until = async (what: string, so: () => boolean, patienceMs = 12_000) => {
  const end = Date.now() + patienceMs
  while (!so()) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/**
 * aedes speaks MQTT 3.1.1 only. What it retains is lost with it.
 *
 * @param allowed which subscriptions it grants
 */
export const createAedesBroker = async (
  allowed: (filter: string) => boolean = () => true,
): Promise<TestBroker> => {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let server: Server | null = null
  let aedes: Aedes | null = null

  const end = async (): Promise<void> => {
    const closing = aedes
    if (!server || !closing) return
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server?.close(() => resolve()))
    await new Promise<void>((resolve) => closing.close(() => resolve()))
    server = null
    aedes = null
  }

  return {
    port,
    async start() {
      const broker = await Aedes.createBroker({
        authorizeSubscribe: (_client, subscription, callback) =>
          callback(null, allowed(subscription.topic) ? subscription : null),
      })
      aedes = broker
      server = createServer((socket) => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
        broker.handle(socket)
      })
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    kill: end,
    stop: end,
  }
}

export const BROKERS: readonly [string, 4 | 5, () => Promise<TestBroker>][] = [
  ['mosquitto, MQTT 5', 5, () => createMosquitto()],
  ['aedes, MQTT 3.1.1', 4, () => createAedesBroker()],
]

export interface Heard {
  readonly topic: string
  readonly retain: boolean
  readonly text: string
  readonly properties: Record<string, unknown>
}

/** The other end: a plain mqtt.js client that sends documents and writes down what it hears. */
export const createUtility = async (port: number, version: 4 | 5, options: IClientOptions = {}) => {
  const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: version,
    clientId: `utility-${Math.random().toString(36).slice(2)}`,
    reconnectPeriod: 50,
    ...options,
  })
  const heard: Heard[] = []
  client.on('message', (topic, payload, packet) => {
    const properties = { ...packet.properties }
    heard.push({ topic, retain: packet.retain, text: payload.toString(), properties })
  })
  client.on('error', () => {})
  await client.subscribeAsync('gs/v1/dso/depot/up/#', { qos: 1 })
  const on = (topic: string) =>
    heard.filter((message) => message.topic === `gs/v1/dso/depot/up/${topic}`)
  /** Each once: after a break a message may come again, with its id. */
  const acks = () => {
    const documents = on('ack').map(
      ({ text }) => JSON.parse(text) as { id: string; data: Record<string, unknown> },
    )
    return [...new Map(documents.map(({ id, data }) => [id, data])).values()]
  }
  return {
    client,
    heard,
    on,
    acks,
    states: (eventId: string) =>
      acks()
        .filter((ack) => ack['eventId'] === eventId)
        .map((ack) => ack['state']),
    send: (topic: string, document: unknown, retain = true) =>
      client.publishAsync(
        `gs/v1/dso/${topic}`,
        typeof document === 'string' ? document : JSON.stringify(document),
        { qos: 1, retain },
      ),
    stop: () => client.endAsync(true),
  }
}

/** What a live event of this length says, from now on. */
export const soon = (delayMs: number, lengthS: number, value = 20) => {
  const now = Date.now()
  return {
    envelope: { time: iso(now) },
    data: {
      issuedAt: iso(now),
      notAfter: iso(now + 60_000),
      start: iso(now + delayMs),
      intervals: [{ id: 0, duration: `PT${lengthS}S`, value }],
    },
  }
}

/** Source and lifecycle as the program runs them, with a quick tick. */
export const createProduct = async (
  storage: Storage,
  broker: Partial<BrokerOptions> & { url: string },
  options: Partial<MqttSignalOptions> = {},
) => {
  const { log, entries } = recordingLog()
  const random = seededRandom(1)
  const events = createEventLifecycle({
    view: createGridView(SITE, [1, 0.7, 0.4, 0]),
    fleet: FLEET,
    storage,
    fabric: createLocalFabric({ log }),
    clock,
    random,
    log,
  })
  await events.load()
  const source = createMqttSignalSource(
    {
      id: 'dso',
      operator: 'dso',
      party: 'depot',
      groups: ['north'],
      ratedPowerW: 58_880,
      ...options,
      broker: { id: 'grid', version: 5, clientId: 'busbar', minRetryMs: 30, ...broker },
    },
    { clock, random, log, book: events.book('dso') },
  )
  await source.start(events.attach(source))
  const stopTicks = clock.every(20, () => events.step(clock.now()))
  return {
    events,
    source,
    entries,
    state: (eventId: string) => events.find('dso', eventId)?.state ?? null,
    limitW: () => events.timeline(clock.now()).at(clock.now()).controllable.importW?.value ?? null,
    async stop() {
      stopTicks()
      await events.settle()
      await source.stop()
    },
    /** Stops without a word, as `kill -9` would, but for the socket. */
    async drop() {
      stopTicks()
      await events.settle()
    },
  }
}

/** A wire that can be cut without a word to either end. */
export const createWire = async (toPort: number) => {
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((near) => {
    if (!open) {
      near.destroy()
      return
    }
    const far = connect(toPort, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    open = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => {
      open = true
    },
    async stop() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
