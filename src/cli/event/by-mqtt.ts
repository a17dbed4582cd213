import { newEventId } from '../../control/events/own-events.ts'
import { Failure } from '../failure.ts'
import { cancelEvent, checkDocument, draftEvent, spanOf, wrapEvent, type Wish } from './draft.ts'
import type { Outcome } from './outcome.ts'
import { isSettled, type Span, type Step } from './steps.ts'
import { connectUtility, type Utility, type UtilityOptions } from './utility.ts'

export interface Sending {
  readonly waitMs: number
  readonly now: () => number
  /** Called for each acknowledgement, as it comes. */
  readonly hear: (step: Step) => void
  /** Called once, when it is known what is said to whom, before it is said. */
  readonly announce: (what: string) => void
}

/** Publishes an event as a utility does, and hears what the party says. */
export const sendByMqtt = async (
  options: UtilityOptions,
  wish: Wish,
  given: { readonly id?: string; readonly modification?: number },
  sending: Sending,
): Promise<Outcome> => {
  const nowMs = sending.now()
  const eventId = given.id ?? newEventId(nowMs, { next: Math.random })
  // What makes no sense is told before anybody is asked.
  const draft = draftEvent(wish, eventId, given.modification ?? 0, nowMs)
  checkDocument(wrapEvent(draft, options.operator, nowMs))
  const utility = await connectUtility(options)
  try {
    const modification = given.modification ?? (await nextVersion(utility, given.id))
    const event = draftEvent(wish, eventId, modification, sending.now())
    sending.announce(`event ${eventId}, version ${modification}`)
    return await say(utility, options, event, spanOf(event), sending)
  } finally {
    await utility.close()
  }
}

/** An id that is given may have been used before. */
const nextVersion = async (utility: Utility, id: string | undefined): Promise<number> => {
  const earlier = id === undefined ? null : await utility.document(id)
  return earlier === null ? 0 : earlier.data.modification + 1
}

/** Publishes the cancellation of an event that is retained on the broker. */
export const cancelByMqtt = async (
  options: UtilityOptions,
  eventId: string,
  atMs: number | undefined,
  sending: Sending,
): Promise<Outcome> => {
  const utility = await connectUtility(options)
  try {
    const earlier = await utility.document(eventId)
    if (earlier === null) {
      throw new Failure(
        'not-found',
        `broker ${utility.address} keeps no event ${eventId} of ${options.operator} for ` +
          `${options.party}; \`busbar event list\` with the same options shows what there is`,
      )
    }
    const nowMs = sending.now()
    const endMs = atMs ?? nowMs
    const event = cancelEvent(earlier.data, endMs, nowMs)
    sending.announce(`cancels event ${eventId}, version ${event.modification}`)
    return await say(utility, options, event, { startMs: nowMs, endMs }, sending)
  } finally {
    await utility.close()
  }
}

const say = async (
  utility: Utility,
  { operator }: UtilityOptions,
  event: Parameters<typeof wrapEvent>[0],
  span: Span,
  { waitMs, now, hear }: Sending,
): Promise<Outcome> => {
  const steps: Step[] = []
  const deadlineMs = now() + waitMs
  const { promise, resolve } = Promise.withResolvers<void>()
  await utility.follow(event.eventId, event.modification, (step) => {
    steps.push(step)
    hear(step)
    if (isSettled(steps, span, deadlineMs)) resolve()
  })
  await utility.publish(wrapEvent(event, operator, now()))
  const patience = setTimeout(resolve, Math.max(0, deadlineMs - now()))
  await promise
  clearTimeout(patience)
  return { event, steps }
}
