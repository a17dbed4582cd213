import { Type } from 'typebox'
import { actorOf } from '../access.ts'
import { pageOfAll } from '../paging.ts'
import { ID_TOKEN, presentIdToken } from '../resources/token.ts'
import { choice, nullable, object, optional, PAGE, pageOf, time } from '../shapes.ts'
import { parseTimeOrNull } from '../time.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const ID_TOKEN_PARAMS = object({
  idToken: Type.String({ minLength: 1, maxLength: 36 }),
})

const short = (maxLength: number) => optional(nullable(Type.String({ minLength: 1, maxLength })))

export const idTokenRoutes = (api: Api, { csms: { idTokens } }: RouteDeps): void => {
  api.get(
    '/v1/id-tokens',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listIdTokens',
        tags: ['id-tokens'],
        summary: "Drivers' identifications",
        querystring: object({ state: optional(choice(['accepted', 'blocked'])), ...PAGE }),
        response: { 200: pageOf(ID_TOKEN) },
      },
    },
    ({ query }) => {
      const found = idTokens
        .list()
        .filter(({ state }) => query.state === undefined || state === query.state)
      return pageOfAll(found, query, presentIdToken)
    },
  )

  api.get(
    '/v1/id-tokens/:idToken',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getIdToken',
        tags: ['id-tokens'],
        summary: 'One identification',
        params: ID_TOKEN_PARAMS,
        response: { 200: ID_TOKEN },
      },
    },
    ({ params }) => presentIdToken(idTokens.get(params.idToken)),
  )

  api.put(
    '/v1/id-tokens/:idToken',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'putIdToken',
        tags: ['id-tokens'],
        summary: 'Create an identification, or replace what is known of it',
        params: ID_TOKEN_PARAMS,
        body: object({
          state: choice(['accepted', 'blocked']),
          type: short(20),
          groupId: short(36),
          expiresAt: optional(nullable(time())),
          note: short(500),
        }),
        response: { 200: ID_TOKEN, 201: ID_TOKEN },
      },
    },
    async (request, reply) => {
      const { idToken } = request.params
      const { state, type = null, groupId = null, expiresAt = null, note = null } = request.body
      const isNew = idTokens.find(idToken) === undefined
      const token = await idTokens.put(
        { idToken, state, type, groupId, expiresAtMs: parseTimeOrNull(expiresAt), note },
        actorOf(request),
      )
      return reply.code(isNew ? 201 : 200).send(presentIdToken(token))
    },
  )

  api.delete(
    '/v1/id-tokens/:idToken',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deleteIdToken',
        tags: ['id-tokens'],
        summary: 'Forget an identification',
        params: ID_TOKEN_PARAMS,
        response: { 204: Type.Null({ description: 'Forgotten' }) },
      },
    },
    async (request, reply) => {
      await idTokens.remove(request.params.idToken, actorOf(request))
      return reply.code(204).send(null)
    },
  )
}
