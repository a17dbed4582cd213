import type { ApiDeps } from '../deps.ts'
import type { StreamHub } from '../stream/hub.ts'
import type { Words } from '../words.ts'

/** What routes get: the services, and what this folder makes of them. */
export interface RouteDeps extends ApiDeps {
  readonly words: Words
  readonly streams: StreamHub
}
