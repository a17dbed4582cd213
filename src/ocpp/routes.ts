import type { Clock } from '../ports/clock.ts'
import { ACTIONS } from './actions.ts'
import type { Dialect, Direction, Handler } from './dialect.ts'
import { type Check, createCheck } from './validate.ts'

/** Everything about one action of one version, found by one lookup. */
export interface Route {
  readonly action: string
  readonly direction: Direction
  /** `null`: nobody answers it. */
  readonly handler: Handler | null
  readonly request: Check
  readonly response: Check
}

/** A map and not an object: stations also send actions named `constructor`. */
export type Routes = ReadonlyMap<string, Route>

/** One row for each action of the standard. A handler for an unknown action is a fault of ours. */
export const createRoutes = (dialect: Dialect, clock: Clock): Routes => {
  const { protocol, handlers } = dialect
  const actions = ACTIONS[protocol]
  const stray = Object.keys(handlers).find((action) => !Object.hasOwn(actions, action))
  if (stray !== undefined) throw new Error(`${protocol} has no action '${stray}' to handle`)
  const routes = new Map<string, Route>()
  for (const [action, direction] of Object.entries(actions)) {
    const request = createCheck(protocol, action, 'request', clock)
    const response = createCheck(protocol, action, 'response', clock)
    if (!request || !response) throw new Error(`The schemas lack ${protocol} ${action}`)
    const handler = Object.hasOwn(handlers, action) ? handlers[action] : null
    routes.set(action, { action, direction, handler, request, response })
  }
  return routes
}
