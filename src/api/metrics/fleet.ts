import { Gauge, type Registry } from 'prom-client'
import type { ApiDeps } from '../deps.ts'
import { EVENT_STATES } from '../resources/event.ts'
import { EVSE_STATUSES } from '../resources/evse.ts'

/** How many of each there are: labels are states and codes, never names. */
const count = <K extends string>(keys: Iterable<K>): Map<K, number> => {
  const counts = new Map<K, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

const STATION_STATES = ['known', 'adopted', 'quarantined', 'removed'] as const

/** Stations, EVSEs, grants, sessions and events. */
export const collectFleet = (
  register: Registry,
  { csms, controller, events }: Pick<ApiDeps, 'csms' | 'controller' | 'events'>,
): void => {
  const registers = [register]

  const stations = new Gauge({
    name: 'busbar_stations',
    help: 'Stations by state and whether they are connected',
    labelNames: ['state', 'online'],
    registers,
    collect: () => {
      const counts = count(csms.stations.list().map(({ state, online }) => `${state} ${online}`))
      for (const state of STATION_STATES) {
        for (const online of ['true', 'false']) {
          stations.set({ state, online }, counts.get(`${state} ${online}`) ?? 0)
        }
      }
    },
  })

  const evses = new Gauge({
    name: 'busbar_evses',
    help: 'EVSEs by status',
    labelNames: ['status'],
    registers,
    collect: () => {
      const counts = count(csms.fleet.states().map(({ status }) => status))
      for (const status of EVSE_STATUSES) evses.set({ status }, counts.get(status) ?? 0)
    },
  })

  const sessions = new Gauge({
    name: 'busbar_sessions',
    help: 'Vehicles that are there',
    registers,
    collect: () => {
      sessions.set(csms.sessions.open().length)
    },
  })

  const power = new Gauge({
    name: 'busbar_ev_power_watts',
    help: 'Power of all vehicles',
    registers: [],
  })
  const grants = new Gauge({
    name: 'busbar_grants',
    help: 'EVSEs by the reason that binds them',
    labelNames: ['reason'],
    registers,
    collect: () => {
      const view = controller.view()
      grants.reset()
      for (const [reason, found] of count(
        view.evses.flatMap(({ reasons }) => reasons[0]?.code ?? []),
      )) {
        grants.set({ reason }, found)
      }
      power.set(view.evses.reduce((sum, { powerW }) => sum + (powerW ?? 0), 0))
    },
  })
  register.registerMetric(power)

  const known = new Gauge({
    name: 'busbar_events',
    help: 'Remembered grid events by state',
    labelNames: ['state'],
    registers,
    collect: () => {
      const counts = count(events.all().map(({ state }) => state))
      for (const state of EVENT_STATES) known.set({ state }, counts.get(state) ?? 0)
    },
  })
}
