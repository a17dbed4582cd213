import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { createDoor } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { DATA_HEADERS, TLS_HEADERS } from './headers.ts'
import { createMetrics } from './metrics/metrics.ts'
import { describeRoute, documentRoute, OPENAPI } from './openapi.ts'
import { pageRoutes } from './page.ts'
import { PROBLEM_TYPE, problemOf, publicDetails, toAppError } from './problem.ts'
import { ROUTES } from './routes/index.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import type { StreamHub } from './stream/hub.ts'
import type { Api } from './types.ts'
import { createValidatorCompiler, validationError } from './validation.ts'
import type { Words } from './words.ts'

/** A schedule of 1,000 intervals or a certificate chain fits; a file does not belong here. */
const MAX_BODY_BYTES = 512 * 1024
const MAX_PARAM_LENGTH = 256

/** All routes with what they have in common; listens nowhere. */
export const buildServer = (deps: ApiDeps, streams: StreamHub, words: Words): Api => {
  const { log, settings = {} } = deps
  const proxies = [...(settings.trustedProxies ?? [])]

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const fault = toAppError(error)
    if (fault.status >= 500 && !fault.code.startsWith('station-')) {
      log.error({ err: error, requestId: request.id, url: request.url }, 'a request failed')
    }
    const { retryAfterS } = publicDetails(fault)
    if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS))
    return reply.code(fault.status).type(PROBLEM_TYPE).send(problemOf(fault, request.id))
  }

  const api: Api = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: proxies.length > 0 ? proxies : false,
    // What watches over us asks with HEAD: what GET would say, without the body.
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Before any hook: a path that cannot be read.
    frameworkErrors: (error, request, reply) =>
      void fail(error, request, reply.headers(DATA_HEADERS)),
  }).withTypeProvider<TypeBoxTypeProvider>()

  api.removeContentTypeParser('text/plain')
  // Clients that always name the type send it without a body, too.
  const parseJson = api.getDefaultJsonParser('error', 'error')
  api.removeContentTypeParser('application/json')
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parseJson(request, String(body), done)
  })
  api.setValidatorCompiler(createValidatorCompiler())
  api.setSchemaErrorFormatter(validationError)
  // The schemas of answers document them (and tests hold them to it); they are written as they are.
  api.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  api.setErrorHandler(fail)
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]
    const detail = `There is nothing to ${request.method} at ${path}; see /openapi.json`
    return fail(new AppError('not-found', detail), request, reply)
  })

  api.decorateRequest('apiToken', null)
  const admit = createDoor(deps)
  api.addHook('onRequest', (request, reply, done) => {
    void reply.headers(DATA_HEADERS)
    if (request.protocol === 'https') void reply.headers(TLS_HEADERS)
    admit(request, reply)
    done()
  })
  api.addHook('preValidation', (request, _reply, done) => {
    // No body is an empty one: what is missing in it is named.
    if (request.routeOptions.schema?.body) request.body ??= {}
    done()
  })
  api.addHook('onRoute', describeRoute)

  const metrics = createMetrics(deps, streams)
  metrics.countRequests(api)
  void api.register(swagger, {
    openapi: { ...OPENAPI, info: { ...OPENAPI.info, version: deps.version } },
  })
  void api.register((scoped, _options, done) => {
    const given: RouteDeps = { ...deps, words, streams }
    const typed = scoped.withTypeProvider<TypeBoxTypeProvider>()
    for (const routes of ROUTES) routes(typed, given)
    metrics.route(typed)
    documentRoute(typed)
    done()
  })
  void api.register(pageRoutes, { webRoot: settings.webRoot ?? null })
  return api
}
