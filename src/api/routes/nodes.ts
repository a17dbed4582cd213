import { AppError } from '../../errors.ts'
import { NODE, presentNode } from '../resources/node.ts'
import { pageOfAll } from '../paging.ts'
import { object, PAGE, pageOf, text } from '../shapes.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const nodeRoutes = (api: Api, { site, controller, words }: RouteDeps): void => {
  api.get(
    '/v1/nodes',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listNodes',
        tags: ['sites'],
        summary: 'The electrical tree: limits, loads and headroom per phase',
        description: 'Parents before children; the first is the grid connection.',
        querystring: object(PAGE),
        response: { 200: pageOf(NODE) },
      },
    },
    ({ query }) => {
      const views = new Map(controller.view().nodes.map((view) => [view.id, view]))
      return pageOfAll(site.nodes, query, (node) => presentNode(node, views.get(node.id), words))
    },
  )

  api.get(
    '/v1/nodes/:nodeId',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getNode',
        tags: ['sites'],
        summary: 'One node',
        params: object({ nodeId: text() }),
        response: { 200: NODE },
      },
    },
    ({ params: { nodeId } }) => {
      const node = site.nodes.find(({ id }) => id === nodeId)
      if (!node) throw new AppError('not-found', `there is no node "${nodeId}"`)
      const view = controller.view().nodes.find(({ id }) => id === nodeId)
      return presentNode(node, view, words)
    },
  )
}
