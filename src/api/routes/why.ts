import { Type } from 'typebox'
import type { EventView } from '../../control/events/record.ts'
import type { Evse, Node, Site } from '../../domain/site.ts'
import { EVENT, presentEvent } from '../resources/event.ts'
import { EVSE, presentEvse } from '../resources/evse.ts'
import { NODE, presentNode } from '../resources/node.ts'
import { PLANNED_SESSION, presentPlannedSession } from '../resources/plan.ts'
import { PROFILE_RECORD, presentProfileRecord } from '../resources/profile.ts'
import { presentSession, SESSION } from '../resources/session.ts'
import { named, nullable, number, text, time } from '../shapes.ts'
import { iso } from '../time.ts'
import type { Api } from '../types.ts'
import { EVSE_PARAMS, mustFindEvse } from './evses.ts'
import type { RouteDeps } from './route-deps.ts'

const WHY = named('Why', 'Why an EVSE has the limit that it has', {
  at: nullable(time('of the control tick that decided; null before the first')),
  summary: text('the limit and what binds it, in one sentence'),
  evse: EVSE,
  session: nullable(SESSION),
  nodes: Type.Array(NODE, { description: 'from the EVSE up to the grid connection' }),
  profiles: Type.Array(PROFILE_RECORD),
  plan: nullable(
    named('PlanPart', 'What the plan wants for the session', {
      planId: text(),
      start: time('of the first step'),
      stepS: number(),
      session: PLANNED_SESSION,
    }),
  ),
  events: Type.Array(EVENT, { description: 'not over, and about this EVSE' }),
})

/** From the EVSE up to the grid connection. */
const pathOf = (site: Site, evse: Evse): Node[] => {
  const nodes = new Map(site.nodes.map((node) => [node.id, node]))
  const path: Node[] = []
  let node = nodes.get(evse.nodeId)
  while (node) {
    path.push(node)
    node = node.parentId === null ? undefined : nodes.get(node.parentId)
  }
  return path
}

const concerns = ({ event }: EventView, evse: Evse, path: readonly Node[]): boolean =>
  event.targets.length === 0 ||
  event.targets.some(
    (target) =>
      target === evse.key || target === evse.stationId || path.some(({ id }) => id === target),
  )

export const whyRoutes = (api: Api, deps: RouteDeps): void => {
  const { site, controller, csms, events, words } = deps

  api.get(
    '/v1/evses/:stationId/:evseId/why',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'explainEvse',
        tags: ['evses'],
        summary: 'Why an EVSE has its limit: reasons, nodes, profiles, plan and events',
        params: EVSE_PARAMS,
        response: { 200: WHY },
      },
    },
    ({ params }) => {
      const state = mustFindEvse(csms.fleet.states(), params)
      const { evse, session } = state
      const view = controller.view()
      const seen = view.evses.find(({ key }) => key === evse.key)
      const path = pathOf(site, evse)
      const plan = deps.plan()
      const planned = plan?.sessions.find(({ sessionId }) => sessionId === session?.id)
      return {
        at: view.atMs > 0 ? iso(view.atMs) : null,
        summary: seen
          ? `${seen.limitA} A: ${seen.reasons.map((reason) => words.reason(reason)).join('; ')}`
          : 'Nothing has been decided yet',
        evse: presentEvse(state, seen, words),
        session: session && presentSession(session),
        nodes: path.map((node) =>
          presentNode(
            node,
            view.nodes.find(({ id }) => id === node.id),
            words,
          ),
        ),
        profiles: controller
          .profiles()
          .filter(
            ({ stationId, evseId }) =>
              stationId === evse.stationId && (evseId === evse.evseId || evseId === 0),
          )
          .map(presentProfileRecord),
        plan:
          plan && planned
            ? {
                planId: plan.id,
                start: iso(plan.startMs),
                stepS: plan.stepS,
                session: presentPlannedSession(planned),
              }
            : null,
        events: events
          .active()
          .filter((event) => concerns(event, evse, path))
          .map(presentEvent),
      }
    },
  )
}
