import { Type } from 'typebox'
import { actorOf } from '../access.ts'
import { COMMAND_PROBLEMS, commandStation } from '../command.ts'
import { object, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const PAYLOAD = Type.Record(Type.String(), Type.Unknown(), {
  description: "The payload of the action, by the schema of the station's OCPP version",
})

export const commandRoutes = (api: Api, deps: RouteDeps): void => {
  api.post(
    '/v1/stations/:stationId/commands/:action',
    {
      config: { access: 'operate', problems: COMMAND_PROBLEMS },
      schema: {
        operationId: 'sendCommand',
        tags: ['stations'],
        summary: 'Send any OCPP action and return the answer of the station',
        description:
          'The action and its payload are those of the OCPP version that the station speaks. The answer is the payload of the CALLRESULT, whatever its status says.',
        params: object({
          stationId: text(),
          action: Type.String({ pattern: '^[A-Za-z]{1,64}$', description: 'such as Reset' }),
        }),
        body: PAYLOAD,
        response: {
          200: Type.Unknown({ description: 'The payload of the answer' }),
        },
      },
    },
    async (request) => {
      const { stationId, action } = request.params
      const command = { stationId, action, detail: request.body }
      const { response } = await commandStation(deps, actorOf(request), command, () =>
        deps.gateway.call(stationId, action, request.body),
      )
      return response
    },
  )
}
