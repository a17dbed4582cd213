import { pageOfAll } from '../paging.ts'
import { CONDITION, presentCondition } from '../resources/condition.ts'
import { object, PAGE, pageOf } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const conditionRoutes = (api: Api, { conditions }: RouteDeps): void => {
  api.get(
    '/v1/conditions',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listConditions',
        tags: ['health'],
        summary: 'Everything that needs attention now',
        description:
          'Alarms first, then the latest first. A condition is here for as long as it holds; the log has a line for its begin and its end, and the stream a message.',
        querystring: object(PAGE),
        response: { 200: pageOf(CONDITION) },
      },
    },
    ({ query }) => pageOfAll(conditions.list(), query, presentCondition),
  )
}
