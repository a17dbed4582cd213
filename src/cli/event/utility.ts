import { randomUUID } from 'node:crypto'
import type { MqttClient } from 'mqtt'
import { parseDuration } from '../../signals/mqtt/duration.ts'
import { addressOf } from '../../net/mqtt-client.ts'
import { isLevel, topicsOf } from '../../signals/mqtt/topics.ts'
import type { WireEnvelope } from '../../signals/mqtt/wire.ts'
import { Failure, UsageError } from '../failure.ts'
import { connectOnce, type BrokerAccess } from './broker-link.ts'
import { spanOf } from './draft.ts'
import type { Step } from './steps.ts'
import { readDocument, readStep } from './wire-steps.ts'

export interface UtilityOptions extends BrokerAccess {
  readonly prefix: string
  readonly operator: string
  readonly party: string
}

/** A utility for one moment: publishes events to one party and hears what it answers. */
export interface Utility {
  /** Broker without credentials, for people. */
  readonly address: string
  /** What is retained for an event; `null` = nothing. Rejects when the broker does not show it. */
  document(eventId: string): Promise<WireEnvelope | null>
  /**
   * Everything that is retained, with the state that the party last told.
   *
   * @param strange called with what is said about each document that is no event
   */
  documents(strange: (reason: string) => void): Promise<readonly Retained[]>
  /** Hears the acknowledgements of one version from now on, each once. */
  follow(eventId: string, modification: number, hear: (step: Step) => void): Promise<void>
  /** Retained, as the profile wants; resolves when the broker has it. */
  publish(envelope: WireEnvelope): Promise<void>
  close(): Promise<void>
}

export interface Retained {
  readonly envelope: WireEnvelope
  /** End of its last interval, or when it was cancelled. */
  readonly end: string
  readonly state: Step | null
}

/** Retained messages follow at once on a subscription; where none comes there is none. */
const QUIET_MS = 500
const MAX_EVENTS = 10_000
/** What stays on the broker after the end of an event (profile 6.2). */
const AFTERLIFE_MS = 3_600_000

/** @throws UsageError, Failure `broker-unreachable` */
export const connectUtility = async (options: UtilityOptions): Promise<Utility> => {
  const { prefix, operator, party, version } = options
  for (const name of [...prefix.split('/'), operator, party]) {
    if (!isLevel(name)) throw new UsageError(`"${name}" cannot be a level of a topic`)
  }
  const topics = topicsOf({ prefix, operator, party, groups: [] })
  const own = `${prefix}/${operator}/${party}/dn/event`
  const client = await connectOnce(options)
  const listeners = new Map<string, (topic: string, payload: Buffer) => void>()
  client.on('message', (topic, payload) => {
    for (const listener of listeners.values()) listener(topic, payload)
  })

  const subscribe = async (filter: string): Promise<void> => {
    try {
      await client.subscribeAsync(filter, { qos: 1 })
    } catch (error) {
      const why = (error as Error).message
      throw new Failure('broker-refused', `the broker does not let us listen to ${filter}: ${why}`)
    }
  }

  /** What is retained under the filters: the first `most`, or all until it is quiet. */
  const retained = async (most: number, ...filters: string[]): Promise<Map<string, Buffer>> => {
    const found = new Map<string, Buffer>()
    let wake = (): void => {}
    const key = randomUUID()
    listeners.set(key, (topic, payload) => {
      if (payload.length > 0) found.set(topic, payload)
      wake()
    })
    for (const filter of filters) await subscribe(filter)
    for (let before = -1; before < found.size && found.size < most;) {
      before = found.size
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, QUIET_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    listeners.delete(key)
    return found
  }

  return {
    address: addressOf(options.url),

    document: async (eventId) => {
      const topic = `${own}/${eventId}`
      const payload = (await retained(1, topic)).get(topic)
      return payload === undefined ? null : readDocument(payload, topic)
    },

    documents: async (strange) => {
      const found = await retained(MAX_EVENTS, `${own}/+`, topics.event('+'))
      return [...found].flatMap(([topic, payload]): Retained[] => {
        if (!topic.startsWith(`${own}/`)) return []
        const envelope = understood(payload, topic, strange)
        if (envelope === null) return []
        const state = found.get(topics.event(envelope.subject))
        const end = envelope.data.cancelAt ?? new Date(spanOf(envelope.data).endMs).toISOString()
        return [{ envelope, end, state: state === undefined ? null : readStep(state) }]
      })
    },

    follow: async (eventId, modification, hear) => {
      const heard = new Set<string>()
      listeners.set(`follow ${eventId}`, (topic, payload) => {
        if (topic !== topics.ack) return
        const step = readStep(payload)
        if (step === null || step.eventId !== eventId || step.modification !== modification) return
        if (heard.has(step.id)) return
        heard.add(step.id)
        hear(step)
      })
      await subscribe(topics.ack)
    },

    publish: (envelope) => publish(client, envelope, own, version),
    close: () => client.endAsync(),
  }
}

/** One document that somebody spoilt does not hide the others. */
const understood = (
  payload: Buffer,
  topic: string,
  strange: (reason: string) => void,
): WireEnvelope | null => {
  try {
    return readDocument(payload, topic)
  } catch (error) {
    strange((error as Failure).message)
    return null
  }
}

const publish = async (
  client: MqttClient,
  envelope: WireEnvelope,
  own: string,
  version: 4 | 5,
): Promise<void> => {
  const { data, time, correlationid = envelope.id } = envelope
  const afterMs = (parseDuration(data.recovery?.hold ?? 'PT0S') ?? 0) + AFTERLIFE_MS
  const keptS = Math.ceil((spanOf(data).endMs + afterMs - Date.parse(time)) / 1_000)
  try {
    await client.publishAsync(`${own}/${data.eventId}`, JSON.stringify(envelope), {
      qos: 1,
      retain: true,
      ...(version === 5
        ? {
            properties: {
              messageExpiryInterval: Math.max(1, keptS),
              contentType: 'application/cloudevents+json',
              correlationData: Buffer.from(correlationid),
            },
          }
        : {}),
    })
  } catch (error) {
    const why = (error as Error).message
    throw new Failure('broker-refused', `the broker does not take ${own}/${data.eventId}: ${why}`)
  }
}
