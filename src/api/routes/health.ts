import { Type } from 'typebox'
import { tokenOf } from '../access.ts'
import { flag, integer, named, object, optional, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

const READINESS = named('Readiness', 'Whether this process does its work', {
  ok: flag(),
  checks: Type.Array(
    named('ReadinessCheck', 'One thing that it needs', {
      name: text(),
      ok: flag(),
      detail: optional(text('for holders of a token')),
    }),
  ),
  conditions: named('ConditionCounts', 'How much needs attention; /v1/conditions tells what', {
    alarms: integer(),
    warnings: integer(),
  }),
})

export const healthRoutes = (api: Api, { ready, tokens, conditions }: RouteDeps): void => {
  api.get(
    '/health/live',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getLiveness',
        tags: ['health'],
        summary: 'The process answers',
        response: { 200: object({ ok: flag() }, { description: 'It does' }) },
      },
    },
    () => ({ ok: true }),
  )

  api.get(
    '/health/ready',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        tags: ['health'],
        summary: 'Storage, control loop, brokers and meters',
        response: { 200: READINESS, 503: READINESS },
      },
    },
    async (request, reply) => {
      const { ok, checks } = ready()
      // Details name hosts and files: not for everybody who can reach the port.
      const isTrusted = tokenOf(request, tokens) !== null
      const shown = checks.map(({ name, ok, detail }) =>
        isTrusted ? { name, ok, detail } : { name, ok },
      )
      const all = conditions.list()
      const alarms = all.filter(({ severity }) => severity === 'alarm').length
      const counts = { alarms, warnings: all.length - alarms }
      return reply.code(ok ? 200 : 503).send({ ok, checks: shown, conditions: counts })
    },
  )
}
