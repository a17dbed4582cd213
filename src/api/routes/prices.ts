import { Type } from 'typebox'
import { PRICE_KINDS, PRICE_SERIES, presentPrices } from '../resources/plan.ts'
import { choice, named, nullable, number, object, optional, RANGE, text } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const PRICES = named('Prices', 'What is known about prices; of two sources the later one holds', {
  currency: text('of the site, ISO 4217'),
  now: named('PricesNow', 'null = nothing is known', {
    import: nullable(number('per kWh')),
    export: nullable(number('per kWh')),
    carbon: nullable(number('g/kWh')),
  }),
  series: Type.Array(PRICE_SERIES),
})

export const priceRoutes = (api: Api, { prices, clock, currency }: RouteDeps): void => {
  api.get(
    '/v1/prices',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getPrices',
        tags: ['planning'],
        summary: 'Price and carbon curves of all sources',
        querystring: object({ kind: optional(choice(PRICE_KINDS)), ...RANGE }),
        response: { 200: PRICES },
      },
    },
    ({ query }) => {
      const { from, to } = rangeOf(query)
      const nowMs = clock.now()
      return {
        currency,
        now: {
          import: prices.at('import', nowMs),
          export: prices.at('export', nowMs),
          carbon: prices.at('carbon', nowMs),
        },
        series: prices
          .all()
          .filter(({ kind }) => query.kind === undefined || kind === query.kind)
          .map((series) => presentPrices(series, from, to)),
      }
    },
  )
}
