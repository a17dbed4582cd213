import { Type } from 'typebox'
import { forecastScore } from '../../control/planning/forecast-score.ts'
import { AppError } from '../../errors.ts'
import { FORECAST_SCORE, presentForecastScore } from '../resources/forecast.ts'
import { object, optional, time } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const DAY_MS = 86_400_000
const USUAL_MS = 7 * DAY_MS
/** Scoring holds everything else up: a depot's fortnight (20,000 forecasts) for some 50 ms. */
const MOST_MS = 14 * DAY_MS

export const forecastRoutes = (api: Api, { storage, clock }: RouteDeps): void => {
  api.get(
    '/v1/forecasts/scores',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listForecastScores',
        tags: ['planning'],
        summary: 'How good the forecasts were, beside a simple rule, per kind and lead',
        querystring: object({
          from: optional(time('only forecasts made from then on; a week before `to`')),
          to: optional(time('only forecasts made before; now')),
        }),
        response: { 200: object({ items: Type.Array(FORECAST_SCORE) }) },
      },
    },
    async ({ query }) => {
      const { from, to: toMs = clock.now() } = rangeOf(query)
      const fromMs = from ?? toMs - USUAL_MS
      if (toMs - fromMs > MOST_MS) {
        throw new AppError(
          'query-invalid',
          'from and to may be 14 days apart; `busbar forecast score` scores any time',
        )
      }
      const { rows } = await forecastScore({ from: 'records', storage }, { fromMs, toMs })
      return { items: rows.map(presentForecastScore) }
    },
  )
}
