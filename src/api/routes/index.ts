import type { Api } from '../types.ts'
import { auditRoutes } from './audit.ts'
import { commandRoutes } from './commands.ts'
import { conditionRoutes } from './conditions.ts'
import { eventRoutes } from './events.ts'
import { evseRoutes } from './evses.ts'
import { forecastRoutes } from './forecasts.ts'
import { grantRoutes } from './grants.ts'
import { healthRoutes } from './health.ts'
import { idTokenRoutes } from './id-tokens.ts'
import { messageRoutes } from './messages.ts'
import { nodeRoutes } from './nodes.ts'
import { planRoutes } from './plans.ts'
import { priceRoutes } from './prices.ts'
import { problemRoutes } from './problems.ts'
import { readingRoutes } from './readings.ts'
import type { RouteDeps } from './route-deps.ts'
import { sessionRoutes } from './sessions.ts'
import { siteRoutes } from './site.ts'
import { stationRoutes } from './stations.ts'
import { streamRoutes } from './stream.ts'
import { tokenRoutes } from './tokens.ts'
import { transactionRoutes } from './transactions.ts'
import { whyRoutes } from './why.ts'

/** Every resource, in the order of the reference. */
export const ROUTES: readonly ((api: Api, deps: RouteDeps) => void)[] = [
  siteRoutes,
  nodeRoutes,
  evseRoutes,
  whyRoutes,
  grantRoutes,
  sessionRoutes,
  transactionRoutes,
  eventRoutes,
  planRoutes,
  priceRoutes,
  forecastRoutes,
  readingRoutes,
  stationRoutes,
  commandRoutes,
  idTokenRoutes,
  tokenRoutes,
  messageRoutes,
  auditRoutes,
  streamRoutes,
  healthRoutes,
  conditionRoutes,
  problemRoutes,
]
