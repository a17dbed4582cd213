import { setTimeout as sleep } from 'node:timers/promises'
import type { Static } from 'typebox'
import { EVENT, EVENT_DETAIL } from '../../api/resources/event.ts'
import { newEventId } from '../../control/events/own-events.ts'
import { path, type ApiClient } from '../api/client.ts'
import { Failure } from '../failure.ts'
import type { Sending } from './by-mqtt.ts'
import { draftEvent, toNewEvent, type Wish } from './draft.ts'
import type { Outcome } from './outcome.ts'
import { isSettled, type Step } from './steps.ts'
import { API_AUTHORITY } from './words.ts'

type Event = Static<typeof EVENT>
type Transition = Static<typeof EVENT_DETAIL>['history'][number]

const POLL_MS = 300

/** Makes an event in a running Busbar; an id that exists gets a new version. */
export const sendByApi = async (
  api: ApiClient,
  wish: Wish,
  id: string | undefined,
  sending: Sending,
): Promise<Outcome> => {
  const nowMs = sending.now()
  const draft = draftEvent(wish, id ?? newEventId(nowMs, { next: Math.random }), 0, nowMs)
  const body = toNewEvent(draft, wish, id)
  const made = await createOrReplace(api, body, id)
  sending.announce(`event ${made.eventId}, version ${made.modification}`)
  return follow(api, made, sending)
}

const createOrReplace = async (
  api: ApiClient,
  body: object,
  id: string | undefined,
): Promise<Event> => {
  try {
    return await api.send('POST', '/v1/events', body, EVENT)
  } catch (error) {
    const exists = error instanceof Failure && error.code === 'conflict'
    if (!exists || id === undefined) throw error
    return await api.send('PUT', path`/v1/events/${API_AUTHORITY}/${id}`, body, EVENT)
  }
}

export const cancelByApi = async (
  api: ApiClient,
  { authority, eventId }: { readonly authority: string; readonly eventId: string },
  atMs: number | undefined,
  sending: Sending,
): Promise<Outcome> => {
  const where = path`/v1/events/${authority}/${eventId}/cancel`
  const body = atMs === undefined ? {} : { at: new Date(atMs).toISOString() }
  const cancelled = await api.send('POST', where, body, EVENT)
  sending.announce(`cancels event ${eventId}, version ${cancelled.modification}`)
  return follow(api, cancelled, sending)
}

/** Looks at the history of a version until nothing more is to come, or the time is over. */
const follow = async (api: ApiClient, event: Event, sending: Sending): Promise<Outcome> => {
  const deadlineMs = sending.now() + sending.waitMs
  const where = path`/v1/events/${event.authority}/${event.eventId}`
  const steps: Step[] = []
  for (;;) {
    const { history, start, end } = await api.get(where, EVENT_DETAIL)
    const known = history.filter(({ modification }) => modification === event.modification)
    for (const transition of known.slice(steps.length)) {
      const step = stepOf(transition)
      steps.push(step)
      sending.hear(step)
    }
    const span = { startMs: Date.parse(start), endMs: Date.parse(end) }
    if (isSettled(steps, span, deadlineMs) || sending.now() >= deadlineMs) return { event, steps }
    await sleep(POLL_MS)
  }
}

const stepOf = ({ modification, state, at, code, reason, committed }: Transition): Step => ({
  modification,
  state,
  at,
  code,
  reason,
  committedW: committed && committed.map(({ powerW }) => powerW),
})
