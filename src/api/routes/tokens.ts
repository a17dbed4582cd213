import { Type } from 'typebox'
import { actorOf } from '../access.ts'
import { AppError } from '../../errors.ts'
import { pageOfAll } from '../paging.ts'
import { API_TOKEN, NEW_API_TOKEN, presentApiToken } from '../resources/token.ts'
import { choice, object, optional, PAGE, pageOf, text, time } from '../shapes.ts'
import { parseTime } from '../time.ts'
import { SCOPES } from '../tokens.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const tokenRoutes = (api: Api, { tokens }: RouteDeps): void => {
  api.get(
    '/v1/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listTokens',
        tags: ['tokens'],
        summary: 'Keys to this API, without their secrets',
        querystring: object(PAGE),
        response: { 200: pageOf(API_TOKEN) },
      },
    },
    ({ query }) => pageOfAll(tokens.list(), query, presentApiToken),
  )

  api.get(
    '/v1/tokens/current',
    {
      config: { access: 'token' },
      schema: {
        operationId: 'getCurrentToken',
        tags: ['tokens'],
        summary: 'The token of this request and what it may do',
        response: { 200: API_TOKEN },
      },
    },
    ({ apiToken }) => {
      if (apiToken) return presentApiToken(apiToken)
      throw new AppError('unauthenticated', 'This needs a bearer token')
    },
  )

  api.post(
    '/v1/tokens',
    {
      config: { access: 'admin', problems: ['conflict'] },
      schema: {
        operationId: 'createToken',
        tags: ['tokens'],
        summary: 'Make a key to this API; its secret is shown this once',
        body: object({
          label: Type.String({ minLength: 1, maxLength: 64 }),
          scopes: Type.Array(choice(SCOPES), { minItems: 1, maxItems: SCOPES.length }),
          expiresAt: optional(time('absent = never')),
        }),
        response: { 201: NEW_API_TOKEN },
      },
    },
    async (request, reply) => {
      const { label, scopes, expiresAt } = request.body
      const expiresAtMs = expiresAt === undefined ? null : parseTime(expiresAt)
      const made = await tokens.create({ label, scopes, expiresAtMs }, actorOf(request))
      return reply.code(201).send({ ...presentApiToken(made.token), secret: made.secret })
    },
  )

  api.delete(
    '/v1/tokens/:tokenId',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'revokeToken',
        tags: ['tokens'],
        summary: 'Revoke a key; streams that it opened end',
        params: object({ tokenId: text() }),
        response: { 204: Type.Null({ description: 'Revoked' }) },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.tokenId, actorOf(request))
      return reply.code(204).send(null)
    },
  )
}
