import type { Plan } from '../../domain/plan.ts'
import { AppError } from '../../errors.ts'
import { PLAN, presentPlan } from '../resources/plan.ts'
import { object, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const planRoutes = (api: Api, { plan, storage }: RouteDeps): void => {
  api.get(
    '/v1/plan',
    {
      config: { access: 'read', problems: ['not-found'] },
      schema: {
        operationId: 'getPlan',
        tags: ['planning'],
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
    '/v1/plans/:planId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getPastPlan',
        tags: ['planning'],
        summary: 'A plan of before, by the id that reasons and grants name',
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
