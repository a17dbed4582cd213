import type { Plan } from '../../domain/plan.ts'
import { AppError } from '../../errors.ts'
import { pageOfRows, windowPlusOne } from '../page.ts'
import { PLAN, PLAN_ENTRY, presentPlan } from '../resources/plan.ts'
import { object, PAGE, pageOf, RANGE, text } from '../shapes.ts'
import { iso, rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const planRoutes = (api: Api, { plan, storage }: RouteDeps): void => {
  api.get(
    '/v1/plan',
    {
      config: { access: 'read', problems: ['not-found'] },
      schema: {
        operationId: 'getPlan',
        tags: ['plan'],
        summary: 'The plan that is followed now',
        response: { 200: PLAN },
      },
    },
    () => {
      const current = plan()
      if (current) return presentPlan(current)
      throw new AppError('not-found', 'there is no plan yet; the first one comes within a minute')
    },
  )

  api.get(
    '/v1/plans',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listPlans',
        tags: ['plan'],
        summary: 'Plans that were made, latest first',
        querystring: object({ ...RANGE, ...PAGE }),
        response: { 200: pageOf(PLAN_ENTRY) },
      },
    },
    async ({ query }) => {
      const rows = await storage.query('plan', {
        between: { column: 'createdAtMs', ...rangeOf(query) },
        orderBy: 'createdAtMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, ({ id, createdAtMs }) => ({
        id,
        createdAt: iso(createdAtMs ?? 0),
      }))
    },
  )

  api.get(
    '/v1/plans/:planId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getPastPlan',
        tags: ['plan'],
        summary: 'One plan',
        params: object({ planId: text() }),
        response: { 200: PLAN },
      },
    },
    async ({ params: { planId } }) => {
      const current = plan()
      if (current?.id === planId) return presentPlan(current)
      const [row] = await storage.query('plan', { where: { id: planId }, limit: 1 })
      if (!row) throw new AppError('not-found', `there is no plan "${planId}"`)
      return presentPlan(row.document as Plan)
    },
  )
}
