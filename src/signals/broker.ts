import type { IPublishPacket, MqttClient } from 'mqtt'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Health } from '../ports/meter-source.ts'
import type { Random } from '../ports/random.ts'
import {
  addressOf,
  checkOptions,
  createClient,
  MAX_PAYLOAD_BYTES,
  type BrokerOptions,
} from './mqtt-client.ts'
import { createOutbox, type OutgoingMessage, type PublishOptions } from './outbox.ts'
import { topicMatches } from './topic-filter.ts'

export type { BrokerOptions } from './mqtt-client.ts'
export type { PublishOptions } from './outbox.ts'

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
/** A connection that lasted this long was a good one: the next attempt comes soon. */
const STABLE_MS = 30_000

/**
 * Connects to an MQTT broker and stays connected: attempts follow each other with a jittered,
 * doubling pause (each attempt is a fresh client, so nothing of a broken connection lingers);
 * subscriptions are made anew each time, so retained state always arrives after an outage.
 *
 * @throws AppError `config-invalid` when the URL or the certificate options make no sense
 */
export const connectBroker = (
  options: BrokerOptions,
  { clock, random, log: parentLog }: { clock: Clock; random: Random; log: Log },
): Broker => {
  checkOptions(options)
  const address = addressOf(options.url)
  const log = parentLog.child({ broker: address })
  const maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES
  const minBackoffMs = options.minBackoffMs ?? 1_000
  const maxBackoffMs = options.maxBackoffMs ?? 60_000

  const outbox = createOutbox(options.maxQueued ?? 10_000)
  const subscriptions: Subscription[] = []
  const connectHandlers: (() => void)[] = []
  const refused = new Map<string, string>()
  let client: MqttClient | null = null
  let online = false
  let stopping = false
  let attempts = 0
  let maxInFlight = MAX_IN_FLIGHT
  let sinceMs = clock.now()
  let detail = 'not connected yet'
  let cancelRetry = (): void => {}
  let onIdle = (): void => {}
  let dropped = 0
  let oversize = 0
  let connections = 0

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
    if (!online || !client) return
    for (const message of outbox.take(clock.now(), maxInFlight)) send(client, message)
  }

  const subscribeOn = async (via: MqttClient, subscription: Subscription): Promise<void> => {
    const { filter, qos, rap } = subscription
    try {
      // Retain handling 0: stored messages come with every subscription, not only the first.
      await via.subscribeAsync(filter, { qos, rap, rh: 0 })
      refused.delete(filter)
    } catch (error) {
      if (via !== client || !online) return
      refused.set(filter, error instanceof Error ? error.message : String(error))
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

  const connected = async (via: MqttClient): Promise<void> => {
    online = true
    connections += 1
    sinceMs = clock.now()
    detail = 'connected'
    log.info({}, 'connected to the broker')
    await Promise.all(subscriptions.map((subscription) => subscribeOn(via, subscription)))
    if (via !== client || !online) return
    pump()
    for (const handler of connectHandlers) handler()
  }

  const disconnected = (): void => {
    client?.removeAllListeners()
    // A late socket error must find a listener.
    client?.on('error', () => {})
    client = null
    if (online) {
      if (clock.now() - sinceMs >= STABLE_MS) attempts = 0
      online = false
      sinceMs = clock.now()
      if (detail === 'connected') detail = 'connection lost'
      log.warn({ detail }, 'lost the connection to the broker')
    }
    outbox.rewind()
    if (stopping) return
    const ceilingMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(attempts, 16))
    attempts += 1
    cancelRetry = clock.after(ceilingMs * (0.5 + random.next() / 2), open)
  }

  const failed = (error: Error): void => {
    if (detail !== error.message) log.warn({ err: error }, 'broker connection trouble')
    detail = error.message
  }

  const open = (): void => {
    const via = createClient(options)
    client = via
    // mqtt.js reports a refused connection as an error and then closes.
    via.on('error', failed)
    via.on('connect', ({ properties }) => {
      maxInFlight = Math.min(MAX_IN_FLIGHT, properties?.receiveMaximum ?? MAX_IN_FLIGHT)
      void connected(via)
    })
    via.on('message', deliver)
    via.on('close', () => {
      if (via === client) disconnected()
    })
  }

  open()

  return {
    subscribe(filter, handler, { qos = 1, retainAsPublished = false } = {}) {
      const subscription = { filter, handler, qos, rap: retainAsPublished }
      subscriptions.push(subscription)
      if (online && client) void subscribeOn(client, subscription)
    },
    refresh(filter) {
      for (const subscription of subscriptions) {
        if (subscription.filter === filter && online && client) {
          void subscribeOn(client, subscription)
        }
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
      if (online) handler()
    },
    connected: () => online,
    health() {
      const [denied] = refused
      if (online && denied) {
        return { ok: false, sinceMs, detail: `subscription ${denied[0]} refused: ${denied[1]}` }
      }
      return { ok: online, sinceMs, detail: `${address}: ${detail}` }
    },
    stats: () => ({ queued: outbox.size(), dropped, oversize, connections }),
    async stop() {
      stopping = true
      cancelRetry()
      if (online && outbox.size() > 0) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(FLUSH_MS, resolve)
          onIdle = () => {
            cancel()
            resolve()
          }
        })
      }
      const via = client
      client = null
      if (via) {
        await via.endAsync(!online || outbox.size() > 0).catch((error: unknown) => {
          log.debug({ err: error }, 'closing the broker connection failed')
        })
      }
      online = false
      detail = 'stopped'
      if (outbox.size() > 0) log.warn({ queued: outbox.size() }, 'messages were left unsent')
    },
  }
}
