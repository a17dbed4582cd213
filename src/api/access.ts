import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { createThrottle } from './throttle.ts'
import type { ApiToken, ApiTokens, Scope } from './tokens.ts'
import './types.ts'

/** `public`: everybody; `token`: any token; else a token with this scope. */
export type Access = 'public' | 'token' | Scope

export interface AccessDeps {
  readonly tokens: Pick<ApiTokens, 'find'>
  readonly clock: Clock
  readonly log: Log
}

const BEARER = /^Bearer +([\x21-\x7e]{1,200}) *$/i

/** The token that a request shows; `null` when it shows none, or none that counts. */
export const tokenOf = (
  request: FastifyRequest,
  tokens: Pick<ApiTokens, 'find'>,
): ApiToken | null => {
  const secret = BEARER.exec(request.headers.authorization ?? '')?.[1]
  return secret === undefined ? null : tokens.find(secret)
}

/** Who acts, for the audit trail. */
export const actorOf = (request: FastifyRequest): string => {
  const token = request.apiToken
  if (token === null) throw new AppError('unauthenticated', 'This needs a bearer token')
  return `token:${token.id}/${token.label}`
}

const insufficient = (
  { scopes }: ApiToken,
  reply: FastifyReply,
  scope: string,
  subject: string,
): AppError => {
  void reply.header(
    'www-authenticate',
    `Bearer realm="busbar", error="insufficient_scope", scope="${scope}"`,
  )
  return new AppError(
    'forbidden',
    `${subject} a token with scope ${scope}; yours has ${scopes.join(', ')}`,
  )
}

/** For what needs a scope beyond that of its route. `subject`: "UpdateFirmware needs". Throws `forbidden`. */
export const requireScope = (
  request: FastifyRequest,
  reply: FastifyReply,
  scope: Scope,
  subject: string,
): void => {
  const token = request.apiToken
  if (token === null || token.scopes.includes(scope)) return
  throw insufficient(token, reply, scope, subject)
}

/** The door of every route: refuses what the route's `access` does not allow, and what says nothing. */
export const createDoor = ({ tokens, clock, log }: AccessDeps) => {
  const throttle = createThrottle(clock)

  const refuse = (request: FastifyRequest, reply: FastifyReply): AppError => {
    if (request.headers.authorization === undefined) {
      void reply.header('www-authenticate', 'Bearer realm="busbar"')
      return new AppError(
        'unauthenticated',
        'Send the header "Authorization: Bearer bsb_..."; `busbar token create` makes a token',
      )
    }
    const waitS = throttle.failed(request.ip)
    if (waitS !== null) {
      return new AppError(
        'too-many-requests',
        `Too many wrong tokens came from ${request.ip}; try again in ${waitS} s`,
        { details: { retryAfterS: waitS } },
      )
    }
    log.warn({ remoteAddress: request.ip, url: request.url }, 'a wrong API token was refused')
    void reply.header('www-authenticate', 'Bearer realm="busbar", error="invalid_token"')
    return new AppError('unauthenticated', 'This token is unknown, revoked or expired')
  }

  return (request: FastifyRequest, reply: FastifyReply): void => {
    if (request.is404) return
    const { access } = request.routeOptions.config
    if (access === 'public') return
    const token = tokenOf(request, tokens)
    if (token === null) throw refuse(request, reply)
    request.apiToken = token
    if (access === 'token') return
    if (access !== undefined && token.scopes.includes(access)) return
    throw insufficient(token, reply, access ?? '', 'This needs')
  }
}
