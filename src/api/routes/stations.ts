import { Type } from 'typebox'
import type { StationView } from '../../csms/station-view.ts'
import { actorOf } from '../access.ts'
import type { ApiDeps } from '../deps.ts'
import { pageOfAll } from '../paging.ts'
import {
  presentStation,
  presentVariable,
  STATION,
  STATION_DETAIL,
  VARIABLE,
} from '../resources/station.ts'
import { choice, flag, nullable, object, optional, PAGE, pageOf, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const STATION_PARAMS = object({ stationId: text() })

const presentDetail = (view: StationView, { csms }: Pick<ApiDeps, 'csms'>) => ({
  ...presentStation(view),
  bootHold: csms.stations.find(view.stationId)?.hold ?? null,
})

export const stationRoutes = (api: Api, deps: RouteDeps): void => {
  const { stations, variables } = deps.csms

  api.get(
    '/v1/stations',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listStations',
        tags: ['stations'],
        summary: 'Charge points: configured, adopted, quarantined, removed',
        querystring: object({
          state: optional(choice(['known', 'adopted', 'quarantined', 'removed'])),
          online: optional(flag()),
          ...PAGE,
        }),
        response: { 200: pageOf(STATION) },
      },
    },
    ({ query }) => {
      const found = stations
        .list()
        .filter(
          ({ state, online }) =>
            (query.state === undefined || state === query.state) &&
            (query.online === undefined || online === query.online),
        )
      return pageOfAll(found, query, presentStation)
    },
  )

  api.get(
    '/v1/stations/:stationId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getStation',
        tags: ['stations'],
        summary: 'One charge point',
        params: STATION_PARAMS,
        response: { 200: STATION_DETAIL },
      },
    },
    ({ params }) => presentDetail(stations.get(params.stationId), deps),
  )

  api.get(
    '/v1/stations/:stationId/variables',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listVariables',
        tags: ['stations'],
        summary: 'Configuration keys and variables as the station reported them',
        params: STATION_PARAMS,
        querystring: object({
          component: optional(text('exactly')),
          variable: optional(text('exactly')),
          ...PAGE,
        }),
        response: { 200: pageOf(VARIABLE) },
      },
    },
    async ({ params, query }) => {
      const { stationId } = stations.get(params.stationId)
      const found = (await variables.list(stationId)).filter(
        ({ component, variable }) =>
          (query.component === undefined || component === query.component) &&
          (query.variable === undefined || variable === query.variable),
      )
      return pageOfAll(found, query, presentVariable)
    },
  )

  api.post(
    '/v1/stations/:stationId/adopt',
    {
      config: { access: 'admin', problems: ['conflict'] },
      schema: {
        operationId: 'adoptStation',
        tags: ['stations'],
        summary: 'Let a quarantined station in',
        description:
          'It stays powerless until the configuration gives its EVSEs a place in the site.',
        params: STATION_PARAMS,
        body: object({
          password: nullable(
            Type.String({
              minLength: 8,
              maxLength: 128,
              description: 'what it must show from now on; null = nothing',
            }),
          ),
        }),
        response: { 200: STATION_DETAIL },
      },
    },
    async (request) => {
      const { stationId } = stations.get(request.params.stationId)
      const { password } = request.body
      const passwordHash = password === null ? null : await deps.hashPassword(password)
      const view = await stations.adopt(stationId, { passwordHash }, actorOf(request))
      return presentDetail(view, deps)
    },
  )

  api.delete(
    '/v1/stations/:stationId',
    {
      config: { access: 'admin', problems: ['conflict'] },
      schema: {
        operationId: 'removeStation',
        tags: ['stations'],
        summary: 'Turn a station away from now on; its history stays',
        params: STATION_PARAMS,
        response: { 200: STATION_DETAIL },
      },
    },
    async (request) =>
      presentDetail(await stations.remove(request.params.stationId, actorOf(request)), deps),
  )

  api.put(
    '/v1/stations/:stationId/boot-hold',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'holdBoot',
        tags: ['stations'],
        summary: 'Answer the next boots of a station with Pending or Rejected',
        params: STATION_PARAMS,
        body: object({
          hold: nullable(choice(['pending', 'rejected'], 'null = accept again')),
        }),
        response: { 200: STATION_DETAIL },
      },
    },
    async (request) => {
      const { stationId } = request.params
      const view = await stations.holdBoot(stationId, request.body.hold, actorOf(request))
      return presentDetail(view, deps)
    },
  )
}
