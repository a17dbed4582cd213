import { computed, signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { useDashboard } from '../dashboard.ts'
import {
  FILTERS,
  matches,
  ORDERS,
  sortChargers,
  type Charger,
  type Filter,
  type Order,
} from '../words/charger.ts'
import { ChargerRow } from './charger-row.tsx'
import { Panel } from './parts.tsx'

/** What the reader asked for; it outlives a new connection. */
const query = signal('')
const filter = signal<Filter>('all')
const order = signal<Order>('name')
const isDescending = signal(false)

const FILTER_NAMES = Object.keys(FILTERS) as Filter[]
const ORDER_NAMES = Object.keys(ORDERS) as Order[]

const sortBy = (next: Order): void => {
  isDescending.value = order.value === next && !isDescending.value
  order.value = next
}

/**
 * All chargers. Each row listens to its own charger only, and the order is worked out from all: a
 * change redraws one row, and a table of 500 stays quick.
 */
export const Chargers = () => {
  const { store } = useDashboard()
  const all = useMemo(
    () =>
      computed(() =>
        store.evses.all().map((evse): Charger => ({
          evse,
          grant: store.grants.at(evse.key).value,
          session: store.sessions.at(evse.key).value,
        })),
      ),
    [store],
  )
  const shown = useMemo(
    () =>
      computed(() => {
        const { holds } = FILTERS[filter.value]
        const names = store.nodeNames.value
        const found = all.value.filter(
          (charger) =>
            holds(charger) &&
            matches(charger, query.value, names.get(charger.evse.nodeId) ?? charger.evse.nodeId),
        )
        return sortChargers(found, order.value, isDescending.value).map(({ evse }) => evse.key)
      }),
    [store, all],
  )
  const keys = shown.value
  const total = store.evses.keys.value.length
  return (
    <Panel
      id="chargers"
      title="Chargers"
      aside={
        <p class="count" role="status">
          {keys.length === total ? total : `${keys.length} of ${total}`}
        </p>
      }
    >
      <Controls all={all.value} />
      <div class="table-frame">
        <table>
          <caption class="hidden">Chargers with their draw, limit, reason and session</caption>
          <thead>
            <tr>
              <Column of="name" />
              <Column of="state" />
              <Column of="draw" />
              <Column of="limit" />
              <th scope="col">Reason</th>
              <Column of="departure" />
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <ChargerRow key={key} id={key} />
            ))}
          </tbody>
        </table>
        {keys.length === 0 && (
          <p class="help">{total === 0 ? 'This site has no chargers.' : 'No charger fits.'}</p>
        )}
      </div>
    </Panel>
  )
}

const Controls = ({ all }: { all: readonly Charger[] }) => (
  <div class="controls">
    <input
      type="search"
      placeholder="Search name, feeder or reason"
      aria-label="Search chargers"
      value={query.value}
      onInput={(event) => {
        query.value = event.currentTarget.value
      }}
    />
    <div class="filters" role="group" aria-label="Show">
      {FILTER_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={filter.value === name}
          onClick={() => {
            filter.value = name
          }}
        >
          {FILTERS[name].words} <small>{all.filter(FILTERS[name].holds).length}</small>
        </button>
      ))}
    </div>
    <label class="sort">
      Sort by
      <select
        value={order.value}
        onChange={(event) => {
          order.value = event.currentTarget.value as Order
          isDescending.value = false
        }}
      >
        {ORDER_NAMES.map((name) => (
          <option key={name} value={name}>
            {ORDERS[name].words}
          </option>
        ))}
      </select>
    </label>
  </div>
)

const Column = ({ of }: { of: Order }) => {
  const isSorted = order.value === of
  const direction = isDescending.value ? 'descending' : 'ascending'
  return (
    <th scope="col" class={of} aria-sort={isSorted ? direction : undefined}>
      <button type="button" onClick={() => sortBy(of)}>
        {ORDERS[of].words}
        <svg class="arrow" viewBox="0 0 10 10" aria-hidden="true">
          {isSorted && <path d={isDescending.value ? 'M1 3h8L5 8z' : 'M1 7h8L5 2z'} />}
        </svg>
      </button>
    </th>
  )
}
