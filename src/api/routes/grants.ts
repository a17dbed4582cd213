import { Type } from 'typebox'
import type { Reason } from '../../domain/reason.ts'
import { evseKey } from '../../domain/site.ts'
import { pageOfAll, pageOfRows, windowPlusOne } from '../paging.ts'
import { GRANT, presentGrant } from '../resources/evse.ts'
import { presentReason, REASON } from '../resources/reason.ts'
import { named, number, object, PAGE, pageOf, RANGE, time } from '../shapes.ts'
import { iso, rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import { EVSE_PARAMS, mustFindEvse } from './evses.ts'
import type { RouteDeps } from './route-deps.ts'

const PAST_GRANT = named('PastGrant', 'A grant from this time on', {
  at: time(),
  limitA: number(),
  reasons: Type.Array(REASON),
})

export const grantRoutes = (api: Api, { controller, csms, storage, words }: RouteDeps): void => {
  api.get(
    '/v1/grants',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listGrants',
        tags: ['evses'],
        summary: 'What every EVSE may draw now, and why',
        querystring: object(PAGE),
        response: { 200: pageOf(GRANT) },
      },
    },
    ({ query }) => pageOfAll(controller.view().evses, query, (view) => presentGrant(view, words)),
  )

  api.get(
    '/v1/evses/:stationId/:evseId/grants',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listPastGrants',
        tags: ['evses'],
        summary: 'How the grant of an EVSE changed, latest first',
        params: EVSE_PARAMS,
        querystring: object({ ...RANGE, ...PAGE }),
        response: { 200: pageOf(PAST_GRANT) },
      },
    },
    async ({ params, query }) => {
      mustFindEvse(csms.fleet.states(), params)
      const rows = await storage.query('grant', {
        where: { key: evseKey(params.stationId, params.evseId) },
        between: { column: 'atMs', ...rangeOf(query) },
        orderBy: 'atMs',
        descending: true,
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, ({ atMs, limitA, reasons }) => ({
        at: iso(atMs ?? 0),
        limitA: limitA ?? 0,
        reasons: ((reasons ?? []) as readonly Reason[]).map((reason) =>
          presentReason(reason, words),
        ),
      }))
    },
  )
}
