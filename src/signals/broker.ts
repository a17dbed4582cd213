import type { IPublishPacket, MqttClient } from 'mqtt'
import { messageOf, type LinkDeps } from '../net/link.ts'
import { MAX_PAYLOAD_BYTES } from '../net/mqtt-client.ts'
import { createMqttLink, type MqttLinkOptions } from '../net/mqtt-link.ts'
import type { Health } from '../ports/meter-source.ts'
import { createOutbox, type OutgoingMessage, type PublishOptions } from './outbox.ts'
import { topicMatches } from './topic-filter.ts'

export type { PublishOptions } from './outbox.ts'

export interface BrokerOptions extends MqttLinkOptions {
  /** Messages kept while the broker is away. */
  readonly maxQueued?: number
}

export interface MessageInfo {
  /** Stored state (or, with `retainAsPublished`, published as such); false = live. */
  readonly retain: boolean
  /** MQTT 5; empty on 3.1.1. */
  readonly properties: NonNullable<IPublishPacket['properties']>
}

export interface SubscribeOptions {
  /** 1 by default; with 0 nothing is kept for us while we are away, so what comes is live. */
  readonly qos?: 0 | 1
  /** MQTT 5: live messages keep the retain flag that they were published with. */
  readonly retainAsPublished?: boolean
}

export type MessageHandler = (topic: string, payload: Buffer, info: MessageInfo) => void

export interface BrokerStats {
  readonly queued: number
  readonly dropped: number
  readonly oversize: number
  readonly connections: number
}

export interface Broker {
  /** Takes effect now and after every reconnect. `+` and `#` as in MQTT. */
  subscribe(filter: string, handler: MessageHandler, options?: SubscribeOptions): void
  /** Asks the broker for the retained messages of a subscription once more. */
  refresh(filter: string): void
  /** Queued while offline; never throws. QoS 1 is repeated until the broker confirms. */
  publish(topic: string, payload: string | Buffer, options?: PublishOptions): void
  /** Called after every (re)connect, when the subscriptions are in place. */
  onConnect(handler: () => void): void
  connected(): boolean
  health(): Health
  stats(): BrokerStats
  /** Sends what is queued for at most 2 s, disconnects politely (no will). */
  stop(): Promise<void>
}

interface Subscription {
  readonly filter: string
  readonly handler: MessageHandler
  readonly qos: 0 | 1
  readonly rap: boolean
}

const MAX_IN_FLIGHT = 20
const FLUSH_MS = 2_000
/** What a message has beside its topic, payload and correlation, at most. */
const MAX_PROPERTIES_BYTES = 512
/** MQTT gives the length of a topic and of a property in two bytes. */
const MAX_FIELD_BYTES = 65_535

/**
 * Connects to an MQTT broker and stays connected. Subscriptions are made anew each time, so retained
 * state always arrives after an outage; what is published waits for the broker, within a bound.
 *
 * @throws AppError `config-invalid` when the URL or the certificate options make no sense
 */
export const connectBroker = (options: BrokerOptions, deps: LinkDeps): Broker => {
  const { clock } = deps
  const log = deps.log.child({ brokerId: options.id })
  const maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES

  const outbox = createOutbox(options.maxQueued ?? 10_000)
  const subscriptions: Subscription[] = []
  const connectHandlers: (() => void)[] = []
  const refused = new Map<string, string>()
  /** While we are connected. */
  let client: MqttClient | null = null
  let maxInFlight = MAX_IN_FLIGHT
  /** What the broker takes; MQTT 3.1.1 brokers do not say. */
  let maxPacketBytes = Infinity
  let onIdle = (): void => {}
  let dropped = 0
  let oversize = 0
  let connections = 0

  /** It would end the connection, again and again. */
  const isTooLarge = ({ topic, payload, options: { correlation } }: OutgoingMessage): boolean => {
    const fields = [Buffer.byteLength(topic), correlation?.length ?? 0]
    const bytes = fields[0] + fields[1] + Buffer.byteLength(payload) + MAX_PROPERTIES_BYTES
    return bytes > maxPacketBytes || Math.max(...fields) > MAX_FIELD_BYTES
  }

  const send = (via: MqttClient, message: OutgoingMessage): void => {
    const { qos = 1, retain = false, expiryS, correlation, contentType } = message.options
    const waitedS = Math.floor((clock.now() - message.queuedAtMs) / 1000)
    const properties = {
      ...(expiryS === undefined
        ? {}
        : { messageExpiryInterval: Math.max(1, Math.round(expiryS) - waitedS) }),
      ...(correlation ? { correlationData: correlation } : {}),
      ...(contentType ? { contentType } : {}),
    }
    via.publish(message.topic, message.payload, { qos, retain, properties }, (error) => {
      if (via !== client) return
      if (error && !('code' in error)) return // the connection broke: sent again after the next
      if (error) {
        dropped += 1
        log.error({ topic: message.topic, err: error }, 'the broker refused a message')
      }
      outbox.done(message)
      pump()
      if (outbox.size() === 0) onIdle()
    })
  }

  const pump = (): void => {
    if (!client) return
    const messages = outbox.take(clock.now(), maxInFlight)
    const tooLarge = messages.filter(isTooLarge)
    for (const message of tooLarge) {
      dropped += 1
      log.error({ topic: message.topic, maxPacketBytes }, 'a message is too large for the broker')
      outbox.done(message)
    }
    for (const message of messages) if (!tooLarge.includes(message)) send(client, message)
    // They made room.
    if (tooLarge.length > 0) pump()
  }

  const subscribeOn = async (via: MqttClient, subscription: Subscription): Promise<void> => {
    const { filter, qos, rap } = subscription
    try {
      // Retain handling 0: stored messages come with every subscription, not only the first.
      await via.subscribeAsync(filter, { qos, rap, rh: 0 })
      refused.delete(filter)
    } catch (error) {
      if (via !== client) return
      refused.set(filter, messageOf(error))
      log.error({ filter, err: error }, 'the broker refused a subscription: check its ACL')
    }
  }

  const deliver = (topic: string, payload: Buffer, packet: IPublishPacket): void => {
    if (payload.length > maxPayloadBytes) {
      oversize += 1
      log.warn({ topic, bytes: payload.length, maxPayloadBytes }, 'message too large, ignored')
      return
    }
    for (const { filter, handler } of subscriptions) {
      if (!topicMatches(filter, topic)) continue
      try {
        handler(topic, payload, { retain: packet.retain, properties: packet.properties ?? {} })
      } catch (error) {
        log.error({ topic, err: error }, 'handling a message failed')
      }
    }
  }

  const settleIn = async (via: MqttClient): Promise<void> => {
    await Promise.all(subscriptions.map((subscription) => subscribeOn(via, subscription)))
    if (via !== client) return
    pump()
    for (const handler of connectHandlers) handler()
  }

  const link = createMqttLink(
    options,
    {
      connected: (via, { properties }) => {
        client = via
        connections += 1
        maxInFlight = Math.min(MAX_IN_FLIGHT, properties?.receiveMaximum ?? MAX_IN_FLIGHT)
        maxPacketBytes = properties?.maximumPacketSize ?? Infinity
        void settleIn(via)
      },
      disconnected: () => {
        client = null
        outbox.rewind()
      },
      message: deliver,
    },
    { ...deps, log },
  )
  link.open()

  return {
    subscribe(filter, handler, { qos = 1, retainAsPublished = false } = {}) {
      const subscription = { filter, handler, qos, rap: retainAsPublished }
      subscriptions.push(subscription)
      if (client) void subscribeOn(client, subscription)
    },
    refresh(filter) {
      for (const subscription of subscriptions) {
        if (subscription.filter === filter && client) void subscribeOn(client, subscription)
      }
    },
    publish(topic, payload, publishOptions = {}) {
      const lost = outbox.add({
        topic,
        payload,
        options: publishOptions,
        queuedAtMs: clock.now(),
      })
      if (lost > 0) {
        dropped += lost
        if (dropped === 1 || dropped % 1000 === 0) {
          log.error({ dropped }, 'too many messages wait for the broker, the oldest are dropped')
        }
      }
      pump()
    },
    onConnect(handler) {
      connectHandlers.push(handler)
      if (client) handler()
    },
    connected: () => client !== null,
    health() {
      const state = link.health()
      const [denied] = refused
      if (!state.ok || !denied) return state
      return { ...state, ok: false, detail: `subscription ${denied[0]} refused: ${denied[1]}` }
    },
    stats: () => ({ queued: outbox.size(), dropped, oversize, connections }),
    async stop() {
      if (client && outbox.size() > 0) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(FLUSH_MS, resolve)
          onIdle = () => {
            cancel()
            resolve()
          }
        })
      }
      await link.close()
      if (outbox.size() > 0) log.warn({ queued: outbox.size() }, 'messages were left unsent')
    },
  }
}
