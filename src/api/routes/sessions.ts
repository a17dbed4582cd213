import { Type } from 'typebox'
import { actorOf } from '../access.ts'
import { pageOfAll, pageOfRows, windowPlusOne } from '../paging.ts'
import { presentSession, presentSessionRow, SESSION } from '../resources/session.ts'
import { choice, nullable, object, optional, PAGE, pageOf, text, time } from '../shapes.ts'
import { parseTimeOrNull, rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const SESSION_PARAMS = object({ sessionId: text() })

export const sessionRoutes = (api: Api, { csms, storage }: RouteDeps): void => {
  const { sessions } = csms

  api.get(
    '/v1/sessions',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSessions',
        tags: ['sessions'],
        summary: 'Vehicles that are there now, or the sessions that have ended',
        querystring: object({
          state: optional(choice(['active', 'ended'], 'active (default), or ended, latest first')),
          stationId: optional(text()),
          from: optional(time('ended not before')),
          to: optional(time('ended before')),
          ...PAGE,
        }),
        response: { 200: pageOf(SESSION) },
      },
    },
    async ({ query }) => {
      const { state = 'active', stationId } = query
      if (state === 'active') {
        const open = sessions
          .open()
          .filter((session) => stationId === undefined || session.stationId === stationId)
        return pageOfAll(open, query, presentSession)
      }
      const rows = await storage.query('session', {
        where: { stationId },
        // A condition on the time leaves out the open sessions, which have none.
        between: { column: 'endedAtMs', ...rangeOf(query) },
        orderBy: 'endedAtMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, presentSessionRow)
    },
  )

  api.get(
    '/v1/sessions/:sessionId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSession',
        tags: ['sessions'],
        summary: 'One session',
        params: SESSION_PARAMS,
        response: { 200: SESSION },
      },
    },
    async ({ params }) => presentSession(await sessions.get(params.sessionId)),
  )

  api.patch(
    '/v1/sessions/:sessionId',
    {
      config: { access: 'operate' },
      schema: {
        operationId: 'changeSession',
        tags: ['sessions'],
        summary: 'Say what the driver needs, or how important the session is',
        params: SESSION_PARAMS,
        body: Type.Object(
          {
            need: optional(
              object({
                energyWh: nullable(
                  Type.Number({
                    minimum: 0,
                    maximum: 1_000_000,
                    description: 'over the whole session; null = until the vehicle is full',
                  }),
                ),
                departure: nullable(time('in the future; null = not known')),
              }),
            ),
            priority: optional(
              Type.Number({ minimum: -1_000, maximum: 1_000, description: 'higher comes first' }),
            ),
          },
          { additionalProperties: false, minProperties: 1 },
        ),
        response: { 200: SESSION },
      },
    },
    async (request) => {
      const { sessionId } = request.params
      const { need, priority } = request.body
      const by = actorOf(request)
      if (need !== undefined) {
        const { energyWh, departure } = need
        const departureMs = parseTimeOrNull(departure)
        await sessions.setNeed(sessionId, { energyWh, departureMs, source: 'api' }, by)
      }
      if (priority !== undefined) await sessions.setPriority(sessionId, priority, by)
      return presentSession(await sessions.get(sessionId))
    },
  )
}
