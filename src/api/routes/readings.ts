import { pageOfAll, pageOfRows, windowPlusOne } from '../paging.ts'
import { LATEST_READING, presentLatest, presentReadingRow, READING } from '../resources/reading.ts'
import { METER, presentMeter, presentSource, SOURCE } from '../resources/record.ts'
import { object, PAGE, pageOf, RANGE, text } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import { AppError } from '../../errors.ts'
import type { RouteDeps } from './route-deps.ts'

export const readingRoutes = (api: Api, { meters, sources, storage }: RouteDeps): void => {
  api.get(
    '/v1/readings',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listReadings',
        tags: ['meters'],
        summary: 'The newest reading of every meter that has said something',
        querystring: object(PAGE),
        response: { 200: pageOf(LATEST_READING) },
      },
    },
    ({ query }) => {
      const latest = meters.health().flatMap(({ meterId }) => meters.latest(meterId) ?? [])
      return pageOfAll(latest, query, presentLatest)
    },
  )

  api.get(
    '/v1/readings/:meterId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listPastReadings',
        tags: ['meters'],
        summary: 'Stored readings of a meter, latest first',
        params: object({ meterId: text() }),
        querystring: object({ ...RANGE, ...PAGE }),
        response: { 200: pageOf(READING) },
      },
    },
    async ({ params: { meterId }, query }) => {
      const rows = await storage.query('reading', {
        where: { meterId },
        between: { column: 'measuredAtMs', ...rangeOf(query) },
        orderBy: 'measuredAtMs',
        descending: true,
        ...windowPlusOne(query),
      })
      // Meters that are no longer configured keep their history.
      if (rows.length === 0 && !meters.health().some((meter) => meter.meterId === meterId)) {
        throw new AppError('not-found', `there is no meter "${meterId}"`)
      }
      return pageOfRows(rows, query, presentReadingRow)
    },
  )

  api.get(
    '/v1/meters',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listMeters',
        tags: ['meters'],
        summary: 'How well the meters are heard',
        querystring: object(PAGE),
        response: { 200: pageOf(METER) },
      },
    },
    ({ query }) => pageOfAll(meters.health(), query, presentMeter),
  )

  api.get(
    '/v1/sources',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSources',
        tags: ['meters'],
        summary: 'How well the sources of events and prices are heard',
        querystring: object(PAGE),
        response: { 200: pageOf(SOURCE) },
      },
    },
    ({ query }) => pageOfAll(sources(), query, presentSource),
  )
}
