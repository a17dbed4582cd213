import { faultOf } from '../../control/events/soundness.ts'
import type { GridEvent } from '../../domain/signal.ts'
import { checkEvent } from './schemas.ts'
import { toGridEvent, type WireContext } from './to-domain.ts'

export type EventReading =
  | {
      readonly ok: true
      readonly event: GridEvent
      readonly envelopeId: string
      readonly correlationId: string
      readonly sentAtMs: number
    }
  | EventFault

/** A document that cannot be an event, with what can be said about whose it was. */
export interface EventFault {
  readonly ok: false
  readonly eventId: string
  readonly modification: number
  readonly correlationId: string
  readonly code: 'schema' | 'unauthorized'
  readonly reason: string
}

/** What the topic of a document says about it. */
export interface EventTopic {
  readonly operator: string
  /** Its last level. */
  readonly eventId: string
}

const MAX_CORRELATION = 1024

/**
 * Reads one delivery: JSON, schema, and the rules that no schema can say (subject = eventId = last
 * level of the topic; a signal whose kind, unit and scope fit; intervals in order).
 *
 * @param topic where it came
 */
export const readEvent = (
  payload: Buffer,
  topic: EventTopic,
  context: WireContext,
): EventReading => {
  const { eventId: topicEventId } = topic
  let document: unknown
  try {
    document = JSON.parse(payload.toString('utf8'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return fault(topicEventId, undefined, `the payload is not JSON: ${why}`)
  }
  const checked = checkEvent(document)
  if (!checked.ok) return fault(topicEventId, document, checked.reason)
  const { value: envelope } = checked
  const { eventId } = envelope.data
  if (envelope.source !== topic.operator) {
    const reason = `source ${envelope.source} is not the operator of this topic, ${topic.operator}`
    return { ...fault(topicEventId, document, reason), code: 'unauthorized' }
  }
  if (envelope.subject !== eventId) {
    return fault(topicEventId, document, `subject ${envelope.subject} is not eventId ${eventId}`)
  }
  if (eventId !== topicEventId) {
    return fault(topicEventId, document, `event ${eventId} came on the topic of ${topicEventId}`)
  }
  const event = toGridEvent(envelope.data, context)
  const unsound = faultOf(event)
  if (unsound !== null) return fault(topicEventId, document, unsound)
  return {
    ok: true,
    event,
    envelopeId: envelope.id,
    correlationId: envelope.correlationid ?? envelope.id,
    sentAtMs: Date.parse(envelope.time),
  }
}

const fault = (topicEventId: string, document: unknown, reason: string): EventFault => {
  const data = field(document, 'data')
  const modification = field(data, 'modification')
  const known = typeof modification === 'number' && Number.isSafeInteger(modification)
  const correlation = field(document, 'correlationid') ?? field(document, 'id')
  return {
    ok: false,
    eventId: topicEventId,
    modification: known && modification >= 0 ? modification : 0,
    correlationId: isCorrelation(correlation) ? correlation : topicEventId,
    code: 'schema',
    reason,
  }
}

/** One that the schema allows: a longer one would not fit into an answer. */
const isCorrelation = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_CORRELATION

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
