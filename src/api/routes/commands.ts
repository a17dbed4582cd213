import { Type } from 'typebox'
import { isPrivileged } from '../../csms/privileged-commands.ts'
import { actorOf, requireScope } from '../access.ts'
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
          'The action and its payload are those of the OCPP version that the station speaks. The answer is the payload of the CALLRESULT, whatever its status says. Scope `operate` covers remote control, availability, diagnostics, reservations, local lists, displays, and settings of metering and authorization. Whatever changes firmware, credentials, certificates, network or charging profiles needs scope `admin` as well, and so do vendor extensions and settings that are not of the standard.',
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
    async (request, reply) => {
      const { stationId, action } = request.params
      if (isPrivileged(action, request.body))
        requireScope(request, reply, 'admin', `${action} with this payload also needs`)
      const command = { stationId, action, detail: request.body }
      const { response } = await commandStation(deps, actorOf(request), command, () =>
        deps.gateway.call(stationId, action, request.body),
      )
      return response
    },
  )
}
