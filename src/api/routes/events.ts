import { isNoEvent } from '../../control/events/ledger.ts'
import { API } from '../../control/events/own-events.ts'
import { fromRow, viewOf, type EventView } from '../../control/events/record.ts'
import { AppError } from '../../errors.ts'
import { actorOf } from '../access.ts'
import { pageOfAll, pageOfRows, windowPlusOne } from '../paging.ts'
import { EVENT, EVENT_DETAIL, presentEvent, presentTransition } from '../resources/event.ts'
import {
  CANCEL,
  EVENT_PARAMS,
  EVENT_STATE_FILTER,
  NEW_EVENT,
  OPT_OUT,
  readNewEvent,
} from '../resources/new-event.ts'
import { object, optional, PAGE, pageOf, RANGE, text } from '../shapes.ts'
import { parseTime, rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const eventRoutes = (api: Api, { events, storage, clock }: RouteDeps): void => {
  /** Remembered, or whatever the storage has. */
  const findAny = async (authority: string, eventId: string): Promise<EventView> => {
    const known = events.find(authority, eventId)
    if (known) return known
    if (!isNoEvent(eventId)) {
      const [row] = await storage.query('event', { where: { authority, eventId }, limit: 1 })
      if (row) return viewOf(fromRow(row))
    }
    throw new AppError('not-found', `there is no event "${authority}/${eventId}"`)
  }

  api.get(
    '/v1/events',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listEvents',
        tags: ['events'],
        summary: 'Grid events that act or will act, or all that are stored',
        querystring: object({
          state: optional(EVENT_STATE_FILTER),
          authority: optional(text()),
          ...RANGE,
          ...PAGE,
        }),
        response: { 200: pageOf(EVENT) },
      },
    },
    async ({ query }) => {
      const { state = 'active', authority } = query
      if (state === 'active') {
        const { from = -Infinity, to = Infinity } = rangeOf(query)
        const active = events
          .active()
          .filter(
            ({ event, startMs }) =>
              (authority === undefined || event.authority === authority) &&
              startMs >= from &&
              startMs < to,
          )
        return pageOfAll(active, query, presentEvent)
      }
      const rows = await storage.query('event', {
        where: { authority },
        // What an authority's silence means is kept beside the events, without times.
        between: { column: 'startMs', ...rangeOf(query) },
        orderBy: 'startMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, (row) => presentEvent(viewOf(fromRow(row))))
    },
  )

  api.get(
    '/v1/events/:authority/:eventId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getEvent',
        tags: ['events'],
        summary: 'One event with the history of its states',
        params: EVENT_PARAMS,
        response: { 200: EVENT_DETAIL },
      },
    },
    async ({ params: { authority, eventId } }) => {
      const view = await findAny(authority, eventId)
      const history = await events.history(authority, eventId)
      return { ...presentEvent(view), history: history.map(presentTransition) }
    },
  )

  api.post(
    '/v1/events',
    {
      config: { access: 'operate', problems: ['conflict', 'too-many-requests'] },
      schema: {
        operationId: 'createEvent',
        tags: ['events'],
        summary: 'Make an event, for instance a limit for the next half hour',
        description: `Its authority is \`${API}\`. Times that are left out follow one another from now on.`,
        body: NEW_EVENT,
        response: { 201: EVENT },
      },
    },
    async (request, reply) => {
      const given = readNewEvent(request.body, clock.now())
      const view = await events.create(given, actorOf(request))
      return reply.code(201).header('location', `/v1/events/${view.id}`).send(presentEvent(view))
    },
  )

  api.put(
    '/v1/events/:authority/:eventId',
    {
      config: { access: 'operate', problems: ['conflict'] },
      schema: {
        operationId: 'replaceEvent',
        tags: ['events'],
        summary: 'Replace an event that was made here by a new version',
        params: EVENT_PARAMS,
        body: NEW_EVENT,
        response: { 200: EVENT },
      },
    },
    async (request) => {
      const { authority, eventId } = request.params
      if (authority !== API) {
        await findAny(authority, eventId)
        throw new AppError(
          'conflict',
          `only ${authority} can change event "${authority}/${eventId}"; opt out of it, or make one of your own`,
        )
      }
      if (request.body.eventId !== undefined && request.body.eventId !== eventId) {
        throw new AppError('conflict', `the body is about event "${request.body.eventId}"`)
      }
      const given = readNewEvent(request.body, clock.now())
      return presentEvent(await events.replace(eventId, given, actorOf(request)))
    },
  )

  api.post(
    '/v1/events/:authority/:eventId/cancel',
    {
      config: { access: 'operate', problems: ['conflict'] },
      schema: {
        operationId: 'cancelEvent',
        tags: ['events'],
        summary: 'End an event that was made here, now or later',
        params: EVENT_PARAMS,
        body: CANCEL,
        response: { 200: EVENT },
      },
    },
    async (request) => {
      const { authority, eventId } = request.params
      const { at } = request.body
      const atMs = at === undefined ? undefined : parseTime(at)
      return presentEvent(await events.cancel(authority, eventId, actorOf(request), atMs))
    },
  )

  api.post(
    '/v1/events/:authority/:eventId/opt-out',
    {
      config: { access: 'operate', problems: ['conflict'] },
      schema: {
        operationId: 'optOutOfEvent',
        tags: ['events'],
        summary: 'Do not follow an event (any more)',
        description:
          'Emergency and mandatory events, and those that do not offer it, can be left for safety only.',
        params: EVENT_PARAMS,
        body: OPT_OUT,
        response: { 200: EVENT },
      },
    },
    async (request) => {
      const { authority, eventId } = request.params
      const { code, reason } = request.body
      const actor = actorOf(request)
      const result = await events.optOut(authority, eventId, { code, reason, actor })
      if (result.ok) return presentEvent(result.event)
      throw new AppError('conflict', `event "${authority}/${eventId}": ${result.reason}`)
    },
  )
}
