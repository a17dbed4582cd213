import { batch } from '@preact/signals'
import type {
  ApiToken,
  Condition,
  Evse,
  GridEvent,
  Node,
  Page,
  Plan,
  Prices,
  Session,
  Site,
  Station,
} from '../wire.ts'
import { Failure } from './failure.ts'
import type { Http } from './http.ts'
import { sessionKey, stateOf, type Store } from './store.ts'
import { isOver } from '../words/events.ts'

const PAGE_SIZE = 1_000
/** Pages of one list; more chargers than that are no site. */
const MAX_PAGES = 50
const ENDED_LATELY_MS = 3 * 3_600_000
const PRICE_SPAN_MS = 37 * 3_600_000

const readAll = async <T>(http: Http, path: string, abort: AbortSignal): Promise<T[]> => {
  const items: T[] = []
  let offset: number | null = 0
  for (let page = 0; page < MAX_PAGES && offset !== null; page++) {
    const mark = path.includes('?') ? '&' : '?'
    const url: string = `${path}${mark}limit=${PAGE_SIZE}&offset=${offset}`
    const found: Page<T> = await http.get<Page<T>>(url, abort)
    items.push(...found.items)
    offset = found.nextOffset
  }
  return items
}

/** A plan that is not there yet is no failure: the first one takes a moment. */
export const loadPlan = async (http: Http, store: Store, abort: AbortSignal): Promise<void> => {
  try {
    store.plan.value = await http.get<Plan>('v1/plan', abort)
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'absent') throw error
    store.plan.value = null
  }
}

export const loadPrices = async (http: Http, store: Store, abort: AbortSignal): Promise<void> => {
  const fromMs = Date.now() - 3_600_000
  const from = new Date(fromMs).toISOString()
  const to = new Date(fromMs + PRICE_SPAN_MS).toISOString()
  store.prices.value = await http.get<Prices>(`v1/prices?kind=import&from=${from}&to=${to}`, abort)
}

/** Reads everything anew. @throws Failure */
export const loadAll = async (http: Http, store: Store, abort: AbortSignal): Promise<void> => {
  const [token, site, nodes, evses, sessions, active, latest, quarantined, adopted, conditions] =
    await Promise.all([
      http.get<ApiToken>('v1/tokens/current', abort),
      http.get<Site>('v1/site', abort),
      readAll<Node>(http, 'v1/nodes', abort),
      readAll<Evse>(http, 'v1/evses', abort),
      readAll<Session>(http, 'v1/sessions', abort),
      readAll<GridEvent>(http, 'v1/events', abort),
      http.get<Page<GridEvent>>('v1/events?state=all&limit=50', abort),
      readAll<Station>(http, 'v1/stations?state=quarantined', abort),
      readAll<Station>(http, 'v1/stations?state=adopted', abort),
      readAll<Condition>(http, 'v1/conditions', abort),
      loadPlan(http, store, abort),
      loadPrices(http, store, abort),
    ])
  const sinceMs = Date.now() - ENDED_LATELY_MS
  const ended = latest.items.filter((event) => isOver(event) && Date.parse(event.since) > sinceMs)
  batch(() => {
    store.token.value = token
    store.site.value = site
    store.nodes.value = nodes
    store.evses.replace(evses.map((evse) => [evse.key, stateOf(evse)]))
    store.sessions.replace(sessions.map((session) => [sessionKey(session), session]))
    store.events.replace([...ended, ...active].map((event) => [event.id, event]))
    store.conditions.replace(conditions.map((condition) => [condition.key, condition]))
    store.strangers.replace(
      [...quarantined, ...adopted].map((station) => [station.stationId, station]),
    )
    store.grants.replace(
      evses.flatMap(({ key, grant, measured, online }) =>
        grant
          ? [
              [
                key,
                {
                  ...grant,
                  drawA: measured?.currentA ?? null,
                  powerW: measured?.powerW ?? null,
                  online,
                },
              ] as const,
            ]
          : [],
      ),
    )
  })
}
