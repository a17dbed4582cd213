import { randomUUID } from 'node:crypto'
import type { EventState, EventTransition } from '../../domain/signal.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Broker, PublishOptions } from '../broker.ts'
import { ackData, envelope, kw } from './acks.ts'
import type { Topics } from './topics.ts'

/** What we say to the authority about its events. */
export interface Outgoing {
  readonly bootId: string
  /** From here on it is published, what was said before first. */
  open(broker: Broker): void
  /** Remembers whose request a version was, for its acknowledgements. */
  correlate(eventId: string, modification: number, correlationId: string): void
  acknowledge(transition: EventTransition): void
  /** For documents that never became an event; leaves no state behind. */
  refuse(transition: EventTransition): void
  /** Average power that was delivered so far, into the event's state. */
  readonly delivered: (eventId: string, powerW: number) => void
  /** States by event, as last told. */
  states(): readonly Record<string, unknown>[]
  /** MQTT 3.1.1 knows no expiry: states that are old enough are taken back by hand. */
  expire(): void
  say(topic: string, type: string, subject: string, data: unknown, options: PublishOptions): void
}

interface EventReport {
  readonly last: EventTransition
  /** Outlives the step that said it. */
  readonly committed: EventTransition['committed']
  readonly deliveredW: number | null
}

const STATE_EXPIRY_S = 48 * 3_600
const MAX_REMEMBERED = 10_000

/**
 * @param source who we are, for the envelopes
 * @param expires whether the broker lets messages expire (MQTT 5)
 */
export const createOutgoing = (
  topics: Topics,
  source: string,
  clock: Clock,
  expires: boolean,
): Outgoing => {
  const bootId = randomUUID()
  const correlations = new Map<string, string>()
  const states = new Map<string, EventReport>()
  let broker: Broker | null = null
  let early: ((to: Broker) => void)[] = []
  let count = 0

  const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
    map.delete(key)
    map.set(key, value)
    const [oldest] = map.keys()
    if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest)
  }

  const say: Outgoing['say'] = (topic, type, subject, data, options) => {
    const id = `${bootId}-${count++}`
    const correlationId = options.correlation?.toString('utf8')
    const head = { id, type, source, subject, ...(correlationId ? { correlationId } : {}) }
    const body = envelope(head, clock.now(), data)
    const publish = (to: Broker): void =>
      to.publish(topic, body, { contentType: 'application/cloudevents+json', ...options })
    if (broker) publish(broker)
    else if (early.length < MAX_REMEMBERED) early.push(publish)
  }

  const correlationOf = ({ eventId, modification }: EventTransition): Buffer =>
    Buffer.from(
      correlations.get(`${eventId}#${modification}`) ?? `${eventId}.${modification}`,
      'utf8',
    )

  const ack = (transition: EventTransition): void =>
    say(topics.ack, 'gs.ack.v1', transition.eventId, ackData(transition), {
      expiryS: STATE_EXPIRY_S,
      correlation: correlationOf(transition),
    })

  const stateOf = ({ last, committed, deliveredW }: EventReport): Record<string, unknown> => ({
    ...ackData({ ...last, committed }),
    ...(deliveredW === null ? {} : { deliveredKw: kw(deliveredW) }),
  })

  const publishState = (eventId: string): void => {
    const state = states.get(eventId)
    if (!state) return
    say(topics.event(eventId), 'gs.state.v1', eventId, stateOf(state), {
      retain: true,
      expiryS: STATE_EXPIRY_S,
      correlation: correlationOf(state.last),
    })
  }

  return {
    bootId,
    open(to) {
      broker = to
      for (const publish of early) publish(to)
      early = []
    },
    correlate: (eventId, modification, correlationId) =>
      remember(correlations, `${eventId}#${modification}`, correlationId),
    acknowledge(transition) {
      ack(transition)
      const { eventId, modification } = transition
      const known = states.get(eventId)
      // A refused older version does not change what holds.
      if (known && modification < known.last.modification) return
      const newer = known && modification > known.last.modification
      // Nor does a newer one that is not followed, while the earlier one is.
      if (newer && isFollowed(known.last) && NOT_TAKEN.includes(transition.state)) return
      const committed = transition.committed ?? (newer ? null : (known?.committed ?? null))
      const deliveredW = known?.deliveredW ?? null
      remember(states, eventId, { last: transition, committed, deliveredW })
      publishState(eventId)
    },
    refuse: ack,
    delivered(eventId, powerW) {
      const known = states.get(eventId)
      if (!known) return
      states.set(eventId, { ...known, deliveredW: powerW })
      publishState(eventId)
    },
    states: () => [...states.values()].map(stateOf),
    expire() {
      for (const [eventId, { last }] of states) {
        if (clock.now() - last.atMs < STATE_EXPIRY_S * 1_000 || isFollowed(last)) continue
        states.delete(eventId)
        if (!expires) broker?.publish(topics.event(eventId), '', { retain: true })
      }
    },
    say,
  }
}

const NOT_TAKEN: readonly EventState[] = ['rejected', 'expired']

const isFollowed = ({ state }: EventTransition): boolean =>
  state === 'accepted' || state === 'partial' || state === 'started'
