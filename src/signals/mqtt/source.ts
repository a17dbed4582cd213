import type { EventBook } from '../../control/events/record.ts'
import type { Reading } from '../../domain/reading.ts'
import type { GridEvent } from '../../domain/signal.ts'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Health } from '../../ports/meter-source.ts'
import type { Random } from '../../ports/random.ts'
import type { SignalSource } from '../../ports/signal-source.ts'
import { connectBroker, type Broker, type BrokerOptions, type MessageHandler } from '../broker.ts'
import { createAntiEntropy } from './anti-entropy.ts'
import { createIncoming, MAX_SKEW_MS } from './incoming.ts'
import { createManifestWatch } from './manifest-watch.ts'
import { createOutgoing } from './outgoing.ts'
import { answerQuery } from './query.ts'
import { createReadingWindow, type ReadingReport, type ReadingWindow } from './reading-window.ts'
import type { WireContext } from './to-domain.ts'
import { isLevel, topicsOf, type Topics } from './topics.ts'

export interface MqttSignalOptions {
  readonly id: string
  readonly broker: Omit<BrokerOptions, 'will'>
  /** `gs/v1` by default. */
  readonly prefix?: string
  readonly operator: string
  readonly party: string
  readonly groups?: readonly string[]
  /** Names that the authority uses for parts of the site; an empty list means all of it. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  /** Points of measurement whose readings the authority is told; `null` = all. */
  readonly points?: readonly string[] | null
  /** What ramps in percent are of, watts: the rating of all that we steer. */
  readonly ratedPowerW: number
  /** Agreed period of the manifest (60 s); `null` = this authority sends none and is never lost. */
  readonly manifestPeriodS?: number | null
  /** Period of published readings (60 s). */
  readonly readingPeriodS?: number
}

export interface MqttSignalDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** What the lifecycle knows of this authority's events; without it only this run counts. */
  readonly book?: EventBook
}

export interface MqttSignalSource extends SignalSource {
  /** Power and energy of one point of measurement, averaged and published once per period. */
  publishReading(point: string, reading: Reading): void
}

const WATCH_EVERY_MS = 5_000
const MAX_POINTS = 1_000
const MAX_MISSING_TOLD = 100
const SESSION_S = 24 * 3_600
const READING_EXPIRY_S = 24 * 3_600
/** A short break of the connection is not worth a word. */
const WILL_DELAY_S = 30

/**
 * The utility's curtailment events over MQTT (grid-signals profile, section 6): events, manifest and
 * queries in; acknowledgements, states, readings and presence out. Speaks MQTT 5 and 3.1.1: all that
 * MQTT 5 properties carry is also in the payloads.
 *
 * @throws AppError `config-invalid` for names that cannot be part of a topic; `start` for a broker
 *   configuration that makes no sense
 */
export const createMqttSignalSource = (
  options: MqttSignalOptions,
  deps: MqttSignalDeps,
): MqttSignalSource => {
  const { clock } = deps
  const { manifestPeriodS = 60, readingPeriodS = 60, points = null } = options
  const log = deps.log.child({ signalId: options.id })
  const topics = checkedTopics(options)
  const context = wireContext(options)
  const book = deps.book ?? null
  const windows = new Map<string, ReadingWindow>()
  const reports = new Map<string, ReadingReport>()
  let broker: Broker | null = null
  let cancelTimers = (): void => {}

  const outgoing = createOutgoing(
    topics,
    `${options.operator}/${options.party}`,
    clock,
    options.broker.version === 5,
  )
  const incoming = createIncoming({
    context,
    operator: options.operator,
    outgoing,
    clock,
    log,
    book,
    clockSkewMs: () => watch.clockSkewMs(),
  })
  const watch = createManifestWatch(clock.now(), (manifestPeriodS ?? 60) * 1_000, incoming.reached)
  const antiEntropy = createAntiEntropy({
    watch,
    context,
    book,
    clock,
    log,
    ask(missing) {
      // The broker may still hold what we lack; if not, the authority must send it again.
      for (const filter of topics.events) broker?.refresh(filter)
      const told = missing.slice(0, MAX_MISSING_TOLD)
      outgoing.say(topics.ask, 'gs.query.v1', 'events', { missing: told }, {})
    },
  })

  const presence = (online: boolean): string =>
    JSON.stringify({ online, bootId: outgoing.bootId, at: new Date(clock.now()).toISOString() })

  const onQuery: MessageHandler = (_topic, payload, { properties }) => {
    const answer = answerQuery(payload, properties, topics, {
      states: outgoing.states(),
      readings: [...reports].map(([point, report]) => ({ point, ...report })),
      comms: watch.comms(clock.now()).state,
    })
    if (!answer.ok) {
      log.warn({ reason: answer.reason }, 'a query was refused')
      return
    }
    const { topic, query, data, correlation } = answer
    outgoing.say(topic, 'gs.response.v1', query, data, correlation ? { correlation } : {})
  }

  const publishReadings = (): void => {
    for (const [point, window] of windows) {
      const report = window.close(clock.now(), watch.clockSkewMs())
      reports.set(point, report)
      const topic = topics.reading(point)
      outgoing.say(topic, 'gs.reading.v1', point, report, { expiryS: READING_EXPIRY_S })
    }
    outgoing.expire()
  }

  const connect = (accept: (event: GridEvent) => void): Broker => {
    const will = {
      topic: topics.connection,
      payload: presence(false),
      retain: true,
      delayS: WILL_DELAY_S,
    }
    const connection = connectBroker(
      { sessionExpiryS: SESSION_S, ...options.broker, will },
      { clock, random: deps.random, log },
    )
    const onEvent = incoming.handler(accept)
    for (const filter of topics.events) {
      connection.subscribe(filter, onEvent, { retainAsPublished: true })
    }
    // Nothing is queued for QoS 0: what is not stored state is live.
    if (manifestPeriodS !== null) {
      connection.subscribe(topics.manifest, antiEntropy.onManifest, { qos: 0 })
    }
    connection.subscribe(topics.query, onQuery)
    connection.onConnect(() => {
      connection.publish(topics.connection, presence(true), { retain: true })
    })
    return connection
  }

  return {
    id: options.id,
    async start(accept) {
      broker = connect(accept)
      outgoing.open(broker)
      const stopWatch = clock.every(WATCH_EVERY_MS, () => antiEntropy.tick())
      const stopReadings = clock.every(readingPeriodS * 1_000, publishReadings)
      cancelTimers = () => {
        stopWatch()
        stopReadings()
      }
    },
    acknowledge: (transition) => outgoing.acknowledge(transition),
    ...(manifestPeriodS === null ? {} : { comms: () => watch.comms(clock.now()) }),
    health(): Health {
      if (!broker) return { ok: false, sinceMs: 0, detail: 'not started' }
      const health = broker.health()
      if (!health.ok || manifestPeriodS === null) return health
      const { state, sinceMs } = watch.comms(clock.now())
      if (state === 'lost') return { ok: false, sinceMs, detail: 'the authority is silent' }
      const skewS = Math.round(watch.clockSkewMs() / 1_000)
      if (Math.abs(skewS) * 1_000 <= MAX_SKEW_MS) return health
      return { ok: false, sinceMs, detail: `the authority's clock differs by ${skewS} s` }
    },
    publishReading(point, reading) {
      if (points !== null && !points.includes(point)) return
      let window = windows.get(point)
      if (!window) {
        if (!isLevel(point) || windows.size >= MAX_POINTS) {
          log.warn({ point }, 'readings of this point cannot be published')
          return
        }
        window = createReadingWindow(clock.now())
        windows.set(point, window)
      }
      window.add(reading)
    },
    delivered: outgoing.delivered,
    async stop() {
      cancelTimers()
      broker?.publish(topics.connection, presence(false), { retain: true })
      await broker?.stop()
      broker = null
    },
  }
}

const checkedTopics = (options: MqttSignalOptions): Topics => {
  const { id, prefix = 'gs/v1', operator, party, groups = [] } = options
  for (const name of [...prefix.split('/'), operator, party, ...groups]) {
    if (isLevel(name)) continue
    throw new AppError(
      'config-invalid',
      `signal source ${id}: "${name}" cannot be a level of a topic; leave out /, + and #`,
    )
  }
  return topicsOf({ prefix, operator, party, groups })
}

const wireContext = ({
  id,
  party,
  groups = [],
  aliases = {},
  ratedPowerW,
}: MqttSignalOptions): WireContext => ({
  authority: id,
  // The party and its groups are the whole site.
  aliases: new Map<string, readonly string[]>([
    ...[party, ...groups].map((name): [string, readonly string[]] => [name, []]),
    ...Object.entries(aliases),
  ]),
  ratedPowerW,
})
