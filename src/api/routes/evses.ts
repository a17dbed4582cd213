import { Type } from 'typebox'
import type { EvseState } from '../../domain/evse-state.ts'
import { evseKey } from '../../domain/site.ts'
import { AppError } from '../../errors.ts'
import { actorOf } from '../access.ts'
import { commandStation, COMMAND_PROBLEMS } from '../command.ts'
import { pageOfAll } from '../paging.ts'
import { EVSE, EVSE_STATUSES, presentEvse } from '../resources/evse.ts'
import { anything, choice, flag, object, optional, PAGE, pageOf, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const EVSE_PARAMS = object({
  stationId: text(),
  evseId: Type.Integer({ minimum: 1, maximum: 1_000 }),
})

interface EvseParams {
  readonly stationId: string
  readonly evseId: number
}

/** Throws `not-found` for an EVSE that has no place in the site. */
export const mustFindEvse = (
  states: readonly EvseState[],
  { stationId, evseId }: EvseParams,
): EvseState => {
  const key = evseKey(stationId, evseId)
  const state = states.find(({ evse }) => evse.key === key)
  if (state) return state
  throw new AppError('not-found', `the site has no EVSE "${key}"`)
}

const ANSWER = object(
  { response: anything('what the station answered') },
  { description: 'The station accepted' },
)

export const evseRoutes = (api: Api, deps: RouteDeps): void => {
  const { controller, csms, gateway, words } = deps

  api.get(
    '/v1/evses',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listEvses',
        tags: ['evses'],
        summary: 'All EVSEs of the site with status, measurement and grant',
        querystring: object({
          stationId: optional(text()),
          nodeId: optional(text('directly at this node')),
          status: optional(choice(EVSE_STATUSES)),
          ...PAGE,
        }),
        response: { 200: pageOf(EVSE) },
      },
    },
    ({ query }) => {
      const views = new Map(controller.view().evses.map((view) => [view.key, view]))
      const found = csms.fleet
        .states()
        .filter(
          ({ evse, status }) =>
            (query.stationId === undefined || evse.stationId === query.stationId) &&
            (query.nodeId === undefined || evse.nodeId === query.nodeId) &&
            (query.status === undefined || status === query.status),
        )
      return pageOfAll(found, query, (state) =>
        presentEvse(state, views.get(state.evse.key), words),
      )
    },
  )

  api.get(
    '/v1/evses/:stationId/:evseId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getEvse',
        tags: ['evses'],
        summary: 'One EVSE',
        params: EVSE_PARAMS,
        response: { 200: EVSE },
      },
    },
    ({ params }) => {
      const state = mustFindEvse(csms.fleet.states(), params)
      const view = controller.view().evses.find(({ key }) => key === state.evse.key)
      return presentEvse(state, view, words)
    },
  )

  api.post(
    '/v1/evses/:stationId/:evseId/start',
    {
      config: { access: 'operate', problems: COMMAND_PROBLEMS },
      schema: {
        operationId: 'startCharging',
        tags: ['evses'],
        summary: 'Start a transaction for a driver',
        description: 'The token is let in for five minutes, known or not.',
        params: EVSE_PARAMS,
        body: object({ idToken: Type.String({ minLength: 1, maxLength: 36 }) }),
        response: { 200: ANSWER },
      },
    },
    async (request) => {
      const { stationId, evseId } = mustFindEvse(csms.fleet.states(), request.params).evse
      const { idToken } = request.body
      const command = { stationId, action: 'start', detail: { evseId, idToken } }
      return await commandStation(deps, actorOf(request), command, () =>
        gateway.remoteStart(stationId, evseId, idToken, null),
      )
    },
  )

  api.post(
    '/v1/evses/:stationId/:evseId/stop',
    {
      config: { access: 'operate', problems: [...COMMAND_PROBLEMS, 'conflict'] },
      schema: {
        operationId: 'stopCharging',
        tags: ['evses'],
        summary: 'Stop the running transaction',
        params: EVSE_PARAMS,
        response: { 200: ANSWER },
      },
    },
    async (request) => {
      const { evse, session } = mustFindEvse(csms.fleet.states(), request.params)
      const { stationId, evseId } = evse
      const transactionId = session?.transactionId ?? null
      if (transactionId === null) {
        throw new AppError('conflict', `no transaction is running at EVSE "${evse.key}"`)
      }
      const command = { stationId, action: 'stop', detail: { evseId, transactionId } }
      return await commandStation(deps, actorOf(request), command, () =>
        gateway.remoteStop(stationId, transactionId),
      )
    },
  )

  api.post(
    '/v1/evses/:stationId/:evseId/unlock',
    {
      config: { access: 'operate', problems: COMMAND_PROBLEMS },
      schema: {
        operationId: 'unlockConnector',
        tags: ['evses'],
        summary: 'Release the cable',
        params: EVSE_PARAMS,
        body: object({
          connectorId: optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1 })),
        }),
        response: { 200: ANSWER },
      },
    },
    async (request) => {
      const { stationId, evseId } = mustFindEvse(csms.fleet.states(), request.params).evse
      const { connectorId = 1 } = request.body
      const command = { stationId, action: 'unlock', detail: { evseId, connectorId } }
      return await commandStation(deps, actorOf(request), command, () =>
        gateway.unlock(stationId, evseId, connectorId),
      )
    },
  )

  api.post(
    '/v1/evses/:stationId/:evseId/availability',
    {
      config: { access: 'operate', problems: COMMAND_PROBLEMS },
      schema: {
        operationId: 'setAvailability',
        tags: ['evses'],
        summary: 'Take an EVSE out of service, or back',
        params: EVSE_PARAMS,
        body: object({ operative: flag() }),
        response: { 200: ANSWER },
      },
    },
    async (request) => {
      const { stationId, evseId } = mustFindEvse(csms.fleet.states(), request.params).evse
      const { operative } = request.body
      const command = { stationId, action: 'availability', detail: { evseId, operative } }
      return await commandStation(deps, actorOf(request), command, () =>
        gateway.changeAvailability(stationId, evseId, operative),
      )
    },
  )
}
