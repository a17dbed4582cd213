import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from '../deps.ts'
import type { StreamHub } from '../stream/hub.ts'
import type { Api } from '../types.ts'
import { collectConditions } from './conditions.ts'
import { collectFleet } from './fleet.ts'
import { collectNodes } from './nodes.ts'
import { collectProcess } from './process.ts'

export interface Metrics {
  /** Counts the requests of a server by route, method and status. */
  countRequests(app: FastifyInstance): void
  route(api: Api): void
}

const DURATIONS_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]

/** `/metrics` in the text format of Prometheus. Every series has bounded labels. */
export const createMetrics = (deps: ApiDeps, streams: StreamHub): Metrics => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  collectNodes(register, deps)
  collectFleet(register, deps)
  collectProcess(register, deps, streams)
  collectConditions(register, deps)

  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'busbar_api_requests_total',
    help: 'Requests by method, route and status',
    labelNames,
    registers: [register],
  })
  const durations = new Histogram({
    name: 'busbar_api_request_seconds',
    help: 'Time to answer a request',
    buckets: DURATIONS_S,
    registers: [register],
  })

  return {
    countRequests: (app) => {
      app.addHook('onResponse', (request, reply, done) => {
        // The pattern, not the path: labels must not grow with what is asked for.
        const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown')
        requests.inc({ method: request.method, route, status: reply.statusCode })
        durations.observe(reply.elapsedTime / 1_000)
        done()
      })
    },
    route: (api) => {
      const access = deps.settings?.openMetrics ? ('public' as const) : ('read' as const)
      api.get('/metrics', { config: { access }, schema: { hide: true } }, async (_request, reply) =>
        reply.type(register.contentType).send(await register.metrics()),
      )
    },
  }
}
