import type { MqttClient } from 'mqtt'
import { messageOf, type LinkDeps } from '../net/link.ts'
import { createMqttLink, type MqttLinkOptions } from '../net/mqtt-link.ts'
import type { Health } from '../ports/meter-source.ts'
import { createPool, type Pool } from './pool.ts'

export interface BrokerOptions extends Omit<MqttLinkOptions, 'version' | 'clientId'> {
  /** 5 by default. */
  readonly version?: 4 | 5
  /** A random one by default. */
  readonly clientId?: string
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

/** Meters say much: a silent broker is soon noticed. */
const KEEPALIVE_S = 15

/**
 * Nothing is opened before the first `listen`.
 *
 * @throws AppError `config-invalid` when the URL or the certificate options make no sense
 */
export const createBroker = (options: BrokerOptions, deps: LinkDeps): Broker => {
  const { clock, random } = deps
  const log = deps.log.child({ brokerId: options.id })
  const topics = new Map<string, Set<TopicListener>>()
  let online: MqttClient | null = null

  const subscribe = async (client: MqttClient, topic: string): Promise<void> => {
    let reason: string | null = null
    try {
      // Quality 0: old samples are of no use, nothing is queued for us while we are away.
      const [grant] = await client.subscribeAsync(topic, { qos: 0 })
      if (grant && grant.qos >= 128) reason = 'not authorised'
    } catch (error) {
      reason = messageOf(error)
    }
    if (client !== online) return
    if (reason !== null) log.error({ topic, reason }, 'the broker refuses a topic: check its ACL')
    for (const listener of topics.get(topic) ?? []) listener.refused(topic, reason)
  }

  const link = createMqttLink(
    {
      keepaliveS: KEEPALIVE_S,
      ...options,
      version: options.version ?? 5,
      clientId: options.clientId ?? `busbar-${Math.floor(random.next() * 2 ** 48).toString(36)}`,
    },
    {
      connected: (client) => {
        online = client
        for (const topic of topics.keys()) void subscribe(client, topic)
      },
      disconnected: () => {
        online = null
      },
      message: (topic, payload, { retain }) => {
        const message = { topic, payload, retained: retain, receivedAtMs: clock.now() }
        for (const listener of topics.get(topic) ?? []) listener.message(message)
      },
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
