import { actorOf } from '../access.ts'
import { pageOfRows, windowPlusOne } from '../paging.ts'
import { presentSample, presentTransaction, SAMPLE, TRANSACTION } from '../resources/session.ts'
import { choice, object, optional, PAGE, pageOf, RANGE, text } from '../shapes.ts'
import { rangeOf } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const TRANSACTION_PARAMS = object({ stationId: text(), transactionId: text() })

export const transactionRoutes = (api: Api, { csms, storage }: RouteDeps): void => {
  const { transactions } = csms

  api.get(
    '/v1/transactions',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listTransactions',
        tags: ['transactions'],
        summary: 'Transactions, latest start first',
        querystring: object({
          stationId: optional(text()),
          state: optional(choice(['open', 'ended', 'orphan'])),
          ...PAGE,
        }),
        response: { 200: pageOf(TRANSACTION) },
      },
    },
    async ({ query }) => {
      const { stationId, state } = query
      const rows = await transactions.list({ stationId, state, ...windowPlusOne(query) })
      return pageOfRows(rows, query, presentTransaction)
    },
  )

  api.get(
    '/v1/transactions/:stationId/:transactionId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getTransaction',
        tags: ['transactions'],
        summary: 'One transaction',
        params: TRANSACTION_PARAMS,
        response: { 200: TRANSACTION },
      },
    },
    async ({ params }) =>
      presentTransaction(await transactions.get(params.stationId, params.transactionId)),
  )

  api.get(
    '/v1/transactions/:stationId/:transactionId/samples',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSamples',
        tags: ['transactions'],
        summary: 'Meter values of a transaction, oldest first',
        params: TRANSACTION_PARAMS,
        querystring: object({ ...RANGE, ...PAGE }),
        response: { 200: pageOf(SAMPLE) },
      },
    },
    async ({ params: { stationId, transactionId }, query }) => {
      await transactions.get(stationId, transactionId)
      const rows = await storage.query('sample', {
        where: { stationId, transactionId },
        between: { column: 'measuredAtMs', ...rangeOf(query) },
        orderBy: 'measuredAtMs',
        ...windowPlusOne(query),
      })
      return pageOfRows(rows, query, presentSample)
    },
  )

  api.post(
    '/v1/transactions/:stationId/:transactionId/close',
    {
      config: { access: 'operate', problems: ['conflict'] },
      schema: {
        operationId: 'closeTransaction',
        tags: ['transactions'],
        summary: 'End a transaction of which nothing more will come',
        description:
          'For transactions whose station is gone. To end one that is going on, stop it at its EVSE.',
        params: TRANSACTION_PARAMS,
        response: { 200: TRANSACTION },
      },
    },
    async (request) => {
      const { stationId, transactionId } = request.params
      return presentTransaction(
        await transactions.close(stationId, transactionId, actorOf(request)),
      )
    },
  )
}
