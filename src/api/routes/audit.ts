import { pageOfRows, windowPlusOne } from '../paging.ts'
import { AUDIT, presentAudit } from '../resources/record.ts'
import { object, optional, PAGE, pageOf, RANGE, text } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const auditRoutes = (api: Api, { storage }: RouteDeps): void => {
  api.get(
    '/v1/audit',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listAudit',
        tags: ['log'],
        summary: 'Who did what to what, latest first',
        querystring: object({
          actor: optional(text()),
          action: optional(text('such as event.create')),
          target: optional(text()),
          ...RANGE,
          ...PAGE,
        }),
        response: { 200: pageOf(AUDIT) },
      },
    },
    async ({ query }) => {
      const { actor, action, target } = query
      const rows = await storage.query('audit', {
        where: { actor, action, target },
        between: { column: 'atMs', ...rangeOf(query) },
        orderBy: 'atMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, presentAudit)
    },
  )
}
