import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { MqttClient } from 'mqtt'
import { parseDuration } from '../../signals/mqtt/duration.ts'
import { addressOf, checkOptions, createClient } from '../../signals/mqtt-client.ts'
import { checkEvent } from '../../signals/mqtt/schemas.ts'
import { isLevel, topicsOf, type Topics } from '../../signals/mqtt/topics.ts'
import type { WireEnvelope } from '../../signals/mqtt/wire.ts'
import { Failure, UsageError } from '../failure.ts'
import { spanOf } from './draft.ts'
import type { Step } from './steps.ts'

export interface UtilityOptions {
  readonly url: string
  readonly version: 4 | 5
  readonly prefix: string
  readonly operator: string
  readonly party: string
  readonly username?: string
  readonly password?: string
  /** Files. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** A utility for one moment: publishes events to one party and hears what it answers. */
export interface Utility {
  /** Broker without credentials, for people. */
  readonly address: string
  /** What is retained for an event; `null` = nothing. Rejects when the broker does not show it. */
  document(eventId: string): Promise<WireEnvelope | null>
  /** Everything that is retained, with the state that the party last told. */
  documents(): Promise<readonly Retained[]>
  /** Hears the acknowledgements of one version from now on, each once. */
  follow(eventId: string, modification: number, hear: (step: Step) => void): Promise<void>
  /** Retained, as the profile wants; resolves when the broker has it. */
  publish(envelope: WireEnvelope): Promise<void>
  close(): Promise<void>
}

export interface Retained {
  readonly envelope: WireEnvelope
  readonly state: Step | null
}

const CONNECT_MS = 10_000
/** Retained messages follow at once on a subscription; where none comes there is none. */
const QUIET_MS = 500
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
  const client = await connect(options)
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

  /** Everything that is retained under the filters, until it is quiet. */
  const retained = async (...filters: string[]): Promise<Map<string, Buffer>> => {
    const found = new Map<string, Buffer>()
    const key = randomUUID()
    let wake = (): void => {}
    listeners.set(key, (topic, payload) => {
      if (payload.length > 0) found.set(topic, payload)
      wake()
    })
    for (const filter of filters) await subscribe(filter)
    for (let before = -1; before < found.size; ) {
      before = found.size
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, QUIET_MS)
      })
    }
    listeners.delete(key)
    return found
  }

  return {
    address: addressOf(options.url),

    document: async (eventId) => {
      const topic = `${own}/${eventId}`
      const payload = (await retained(topic)).get(topic)
      return payload === undefined ? null : readDocument(payload, topic)
    },

    documents: async () => {
      const found = await retained(`${own}/+`, topics.event('+'))
      return [...found].flatMap(([topic, payload]): Retained[] => {
        if (!topic.startsWith(`${own}/`)) return []
        const envelope = readDocument(payload, topic)
        const state = found.get(topics.event(envelope.subject))
        return [{ envelope, state: state === undefined ? null : readStep(state) }]
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

const connect = async (options: UtilityOptions): Promise<MqttClient> => {
  const { url, version, username, password, ca, cert, key } = options
  const settings = {
    url,
    version,
    clientId: `busbar-cli-${randomUUID().slice(0, 8)}`,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca: fileText(ca) }),
    ...(cert === undefined ? {} : { cert: fileText(cert) }),
    ...(key === undefined ? {} : { key: fileText(key) }),
  }
  checkOptions(settings)
  const client = createClient(settings)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const patience = setTimeout(() => reject(new Error('no answer')), CONNECT_MS)
  client.once('connect', () => resolve())
  client.on('error', reject)
  client.once('close', () => reject(new Error('it closed the connection')))
  try {
    await promise
    return client
  } catch (error) {
    client.end(true)
    throw refusal(error, options)
  } finally {
    clearTimeout(patience)
  }
}

const fileText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** CONNACK codes of MQTT 3.1.1 and 5 about the version, and about who we are. */
const VERSION_CODES: readonly unknown[] = [1, 132]
const DOOR_CODES: readonly unknown[] = [4, 5, 134, 135]

const refusal = (error: unknown, { url, version }: UtilityOptions): Failure => {
  const { message, code } = error as Error & { code?: unknown }
  const remedy = VERSION_CODES.includes(code)
    ? `it does not speak MQTT ${version}; try --mqtt-version ${version === 5 ? 4 : 5}`
    : DOOR_CODES.includes(code)
      ? 'give --username and --password, or --cert and --key'
      : 'is it running, and is the address right?'
  const why = message === '' ? String(code) : message
  return new Failure('broker-unreachable', `broker ${addressOf(url)}: ${why}; ${remedy}`)
}

const readDocument = (payload: Buffer, topic: string): WireEnvelope => {
  const document = parse(payload)
  const checked = checkEvent(document)
  if (checked.ok) return checked.value
  throw new Failure('not-understood', `what is retained on ${topic} is no event: ${checked.reason}`)
}

interface HeardStep extends Step {
  /** Of the message: one that comes again has the same. */
  readonly id: string
  readonly eventId: string
}

const WIRE_STATES: Readonly<Record<string, string>> = { optedOut: 'opted-out' }

/** An acknowledgement or a state; `null` for what is neither. */
const readStep = (payload: Buffer): HeardStep | null => {
  const document = parse(payload) as { id?: unknown; data?: Record<string, unknown> } | undefined
  const { eventId, modification, state, at, code, reason, committed } = document?.data ?? {}
  if (typeof eventId !== 'string' || typeof modification !== 'number') return null
  if (typeof state !== 'string' || typeof at !== 'string') return null
  return {
    id: String(document?.id),
    eventId,
    modification,
    state: WIRE_STATES[state] ?? state,
    at,
    code: typeof code === 'string' ? code : null,
    reason: typeof reason === 'string' ? reason : null,
    committedW: Array.isArray(committed)
      ? committed.map((promise: { kw?: unknown }) => Number(promise.kw) * 1_000)
      : null,
  }
}

const parse = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
