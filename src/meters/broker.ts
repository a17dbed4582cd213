import { createSecureContext } from 'node:tls'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { AppError } from '../errors.ts'
import type { Health } from '../ports/meter-source.ts'
import { createLink, messageOf, type LinkDeps } from './link.ts'
import { createPool, type Pool } from './pool.ts'

export interface BrokerOptions {
  readonly id: string
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  readonly url: string
  /** 5 = MQTT 5 (the default), 4 = MQTT 3.1.1. */
  readonly version?: 4 | 5
  /** A random one by default. */
  readonly clientId?: string
  readonly username?: string
  readonly password?: string
  /** PEM: authority of the broker's certificate; without it the system's. */
  readonly ca?: string | Buffer
  /** PEM: our certificate and key, where the broker wants one. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly minRetryMs?: number
  readonly maxRetryMs?: number
}

export interface Message {
  readonly topic: string
  readonly payload: Buffer
  /** Kept by the broker, of unknown age; false = published just now. */
  readonly retained: boolean
  readonly receivedAtMs: number
}

export interface TopicListener {
  message(message: Message): void
  /** `null`: subscribed; a text: the broker refuses the topic, and why. */
  refused(topic: string, reason: string | null): void
}

/** One connection to one broker, shared by all meters on it; open while anyone listens. */
export interface Broker {
  readonly id: string
  /** Returns the end of it, which resolves once a connection that nobody needs is closed. */
  listen(topics: readonly string[], listener: TopicListener): () => Promise<void>
  health(): Health
}

const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_S = 15
/** Meters send little: MQTT 5 brokers are told not to send us more than this. */
const MAX_PACKET_BYTES = 1_048_576

const check = (options: BrokerOptions): URL => {
  const where = `brokers/${options.id}`
  // The text may hold a password: it is not repeated.
  if (!URL.canParse(options.url) || !/^(mqtts?|wss?):$/.test(new URL(options.url).protocol)) {
    throw new AppError(
      'config-invalid',
      `${where}/url must be like mqtts://broker.example:8883 (mqtt, mqtts, ws or wss)`,
    )
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new AppError('config-invalid', `${where}: a client certificate and its key go together`)
  }
  try {
    const { ca, cert, key } = options
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert, key }),
    })
  } catch (cause) {
    throw new AppError(
      'config-invalid',
      `${where}: ${messageOf(cause)}; check its certificate and key files (PEM)`,
      { cause },
    )
  }
  return new URL(options.url)
}

const clientOptions = (options: BrokerOptions, clientId: string): IClientOptions => ({
  protocolVersion: options.version ?? 5,
  clientId,
  // Old samples are of no use: nothing is queued for us while we are away.
  clean: true,
  keepalive: KEEPALIVE_S,
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectPeriod: 0,
  resubscribe: false,
  ...(options.username === undefined ? {} : { username: options.username }),
  ...(options.password === undefined ? {} : { password: options.password }),
  ...(options.ca === undefined ? {} : { ca: options.ca }),
  ...(options.cert === undefined ? {} : { cert: options.cert }),
  ...(options.key === undefined ? {} : { key: options.key }),
  ...(options.version === 4 ? {} : { properties: { maximumPacketSize: MAX_PACKET_BYTES } }),
})

const connected = (client: MqttClient, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('the broker closed the connection')))
    signal.addEventListener('abort', () => reject(new Error('closed')), { once: true })
  })

/**
 * Nothing is opened before the first `listen`.
 *
 * @throws AppError `config-invalid` when the URL or the certificate options make no sense
 */
export const createBroker = (options: BrokerOptions, deps: LinkDeps): Broker => {
  const url = check(options)
  const { clock, random } = deps
  const log = deps.log.child({ brokerId: options.id })
  const clientId = options.clientId ?? `busbar-${Math.floor(random.next() * 2 ** 48).toString(36)}`
  const topics = new Map<string, Set<TopicListener>>()
  let online: MqttClient | null = null

  const subscribe = async (client: MqttClient, topic: string): Promise<void> => {
    let reason: string | null = null
    try {
      const [grant] = await client.subscribeAsync(topic, { qos: 0 })
      if (grant && grant.qos >= 128) reason = 'not authorised'
    } catch (error) {
      reason = messageOf(error)
    }
    if (client !== online) return
    if (reason !== null) log.error({ topic, reason }, 'the broker refuses a topic: check its ACL')
    for (const listener of topics.get(topic) ?? []) listener.refused(topic, reason)
  }

  const deliver = (message: Message): void => {
    for (const listener of topics.get(message.topic) ?? []) listener.message(message)
  }

  const link = createLink(
    async (lost, signal) => {
      const client = connect(options.url, clientOptions(options, clientId))
      try {
        await connected(client, signal)
      } catch (error) {
        client.removeAllListeners()
        // A late socket error must find a listener.
        client.on('error', () => {})
        client.end(true)
        throw error
      }
      online = client
      client.on('error', (error) => lost(error.message))
      client.on('disconnect', ({ reasonCode }) => lost(`the broker sent us away (${reasonCode})`))
      client.on('close', () => lost('the connection broke'))
      client.on('message', (topic, payload, { retain }) =>
        deliver({ topic, payload, retained: retain, receivedAtMs: clock.now() }),
      )
      for (const topic of topics.keys()) void subscribe(client, topic)
      return async () => {
        if (online === client) online = null
        client.removeAllListeners('message')
        await client.endAsync(!client.connected).catch((error: unknown) => {
          log.debug({ err: error }, 'closing the broker connection failed')
        })
      }
    },
    {
      address: `${url.protocol}//${url.host}`,
      ...(options.minRetryMs === undefined ? {} : { minRetryMs: options.minRetryMs }),
      ...(options.maxRetryMs === undefined ? {} : { maxRetryMs: options.maxRetryMs }),
    },
    { ...deps, log },
  )

  const leave = (topic: string, listener: TopicListener): void => {
    const listeners = topics.get(topic)
    if (!listeners?.delete(listener) || listeners.size > 0) return
    topics.delete(topic)
    online?.unsubscribe(topic, () => {})
  }

  return {
    id: options.id,
    listen(wanted, listener) {
      for (const topic of wanted) {
        const listeners = topics.get(topic)
        if (listeners) listeners.add(listener)
        else topics.set(topic, new Set([listener]))
        // Also when others have it already: that brings us what the broker keeps.
        if (online) void subscribe(online, topic)
      }
      link.open()
      return async () => {
        for (const topic of wanted) leave(topic, listener)
        if (topics.size === 0) await link.close()
      }
    },
    health: () => link.health(),
  }
}

export const createBrokerPool = (brokers: readonly BrokerOptions[], deps: LinkDeps): Pool<Broker> =>
  createPool(
    'brokers',
    brokers.map((options) => createBroker(options, deps)),
  )
