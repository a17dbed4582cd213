import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ErrorCode } from '../errors.ts'
import type { Access } from './access.ts'
import type { ApiToken } from './tokens.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; every route says it. */
    access?: Access
    /** What it may answer with, beside what its access and its schemas imply. */
    problems?: readonly ErrorCode[]
  }
  interface FastifyRequest {
    /** Whose request it is; `null` on public routes. */
    apiToken: ApiToken | null
  }
}

/** The HTTP framework with handlers typed by the schemas of their route. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
