import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import type {
  ApiToken,
  Condition,
  Evse,
  EvseState,
  GridEvent,
  LiveGrant,
  Node,
  Plan,
  Prices,
  Session,
  Site,
  Snapshot,
  Station,
} from '../wire.ts'
import { createKeyed, type Keyed } from './keyed.ts'

/** What the page knows, by resource of the API. `null` = not loaded yet, or there is none. */
export interface Store {
  readonly token: Signal<ApiToken | null>
  readonly site: Signal<Site | null>
  readonly nodes: Signal<readonly Node[]>
  /** By EVSE key. */
  readonly evses: Keyed<EvseState>
  readonly grants: Keyed<LiveGrant>
  readonly sessions: Keyed<Session>
  /** By `authority/eventId`: what matters now, and what was over lately. */
  readonly events: Keyed<GridEvent>
  /** Stations that the configuration does not name, and nobody turned away; by their id. */
  readonly strangers: Keyed<Station>
  /** What needs attention, by its key. */
  readonly conditions: Keyed<Condition>
  readonly plan: Signal<Plan | null>
  readonly prices: Signal<Prices | null>
  /** Names of nodes by their id. */
  readonly nodeNames: ReadonlySignal<ReadonlyMap<string, string>>
  /** When the controller last looked at the site, by the server's clock. */
  readonly atMs: ReadonlySignal<number | null>
}

export const createStore = (): Store => {
  const site = signal<Site | null>(null)
  const nodes = signal<readonly Node[]>([])
  return {
    token: signal(null),
    site,
    nodes,
    evses: createKeyed(),
    grants: createKeyed(),
    sessions: createKeyed(),
    events: createKeyed(),
    strangers: createKeyed(),
    conditions: createKeyed(),
    plan: signal(null),
    prices: signal(null),
    nodeNames: computed(() => new Map(nodes.value.map(({ id, name }) => [id, name]))),
    atMs: computed(() => (site.value?.at ? Date.parse(site.value.at) : null)),
  }
}

export const sessionKey = ({ stationId, evseId }: Session): string => `${stationId}/${evseId}`

export const takeSnapshot = (store: Store, snapshot: Snapshot): void =>
  batch(() => {
    const site = store.site.peek()
    if (site) store.site.value = { ...site, ...snapshot.site }
    store.nodes.value = snapshot.nodes
    store.grants.replace(snapshot.grants.map((grant) => [grant.key, grant]))
  })

/** An EVSE without its grant, which arrives on its own. */
export const stateOf = (evse: Evse): EvseState => {
  const { grant: _grant, ...state } = evse
  return state
}
