import { pageOfRows, windowPlusOne } from '../paging.ts'
import { MESSAGE, presentMessage } from '../resources/record.ts'
import { choice, object, optional, pageOf, RANGE, SHORT_PAGE, text } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const messageRoutes = (api: Api, { storage }: RouteDeps): void => {
  api.get(
    '/v1/messages',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listMessages',
        tags: ['log'],
        summary: 'OCPP frames as they went over the wire, latest first',
        querystring: object({
          stationId: optional(text()),
          direction: optional(choice(['in', 'out'])),
          kind: optional(choice(['call', 'result', 'error'])),
          action: optional(text()),
          messageId: optional(text()),
          ...RANGE,
          ...SHORT_PAGE,
        }),
        response: { 200: pageOf(MESSAGE) },
      },
    },
    async ({ query }) => {
      const { stationId, direction, kind, action, messageId } = query
      const rows = await storage.query('message', {
        where: { stationId, direction, kind, action, messageId },
        between: { column: 'atMs', ...rangeOf(query) },
        orderBy: 'atMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, presentMessage)
    },
  )
}
