import { presentSite, SITE } from '../resources/site.ts'
import type { Api } from '../types.ts'
import type { RouteDeps } from './route-deps.ts'

export const siteRoutes = (api: Api, deps: RouteDeps): void => {
  api.get(
    '/v1/site',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSite',
        tags: ['sites'],
        summary: 'The site and its power per source now',
        response: { 200: SITE },
      },
    },
    () => presentSite(deps.controller.view(), deps),
  )
}
