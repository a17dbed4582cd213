import type { EventView } from '../../control/events/record.ts'
import type { Evse, Node, Site } from '../../domain/site.ts'
import { presentWhy, WHY } from '../resources/why.ts'
import type { Api } from '../types.ts'
import { EVSE_PARAMS, mustFindEvse } from './evses.ts'
import type { RouteDeps } from './route-deps.ts'

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
      const { evse } = state
      const view = controller.view()
      const path = pathOf(site, evse)
      const parts = {
        atMs: view.atMs,
        state,
        seen: view.evses.find(({ key }) => key === evse.key),
        nodes: path.map((node) => [node, view.nodes.find(({ id }) => id === node.id)] as const),
        profiles: controller
          .profiles()
          .filter(
            ({ stationId, evseId }) =>
              stationId === evse.stationId && (evseId === evse.evseId || evseId === 0),
          ),
        plan: deps.plan(),
        events: events.active().filter((event) => concerns(event, evse, path)),
      }
      return presentWhy(parts, words)
    },
  )
}
