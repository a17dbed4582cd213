import type { NodeLoad } from '../../../../src/control/node-loads.ts'
import { DEFAULT_CAPABILITY, type EvseState } from '../../../../src/domain/evse-state.ts'
import type { PerPhase } from '../../../../src/domain/phases.ts'
import type { Session } from '../../../../src/domain/session.ts'
import type { LoadNode, Node, Site } from '../../../../src/domain/site.ts'
import type { Readings } from '../../../../src/ports/readings.ts'
import type { Storage } from '../../../../src/ports/storage.ts'
import { createMemoryStorage } from '../../../../src/storage/memory.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { SITE } from '../../../fixtures/grid-site.ts'

export const MIN_MS = 60_000
export const HOUR_MS = 60 * MIN_MS
export const DAY_MS = 24 * HOUR_MS
/** A Monday, midnight. */
export const MONDAY_MS = Date.UTC(2026, 0, 5)
export const UTC = { offsetMs: () => 0, isHoliday: () => false }

const node = (id: string, parentId: string | null, meterId: string | null): Node => ({
  id,
  name: id,
  parentId,
  limitA: [100, 100, 100],
  limitW: null,
  meterId,
  margin: 0,
})

const load = (id: string, nodeId: string, kind: LoadNode['kind']): LoadNode => ({
  id,
  name: id,
  nodeId,
  kind,
  meterId: `meter-${id}`,
  wiring: 'L1L2L3',
  designA: kind === 'pv' ? [0, 0, 0] : [50, 50, 50],
})

/** A connection with a building and a roof, and a panel with the EVSEs of `grid-site`. */
export const SUNNY: Site = {
  ...SITE,
  timeZone: 'UTC',
  nodes: [node('grid', null, null), node('a', 'grid', null), node('b', 'grid', null)],
  loads: [load('office', 'grid', 'building'), load('roof', 'grid', 'pv')],
}

export const memory = (): { storage: Storage; log: ReturnType<typeof recordingLog> } => {
  const log = recordingLog()
  return { storage: createMemoryStorage({ log: log.log }), log }
}

/** Uncontrolled loads as the controller sees them: `watts` at the connection, evenly on all lines. */
export const loads = (site: Site, watts: number, meteredW: number | null = null): NodeLoad[] =>
  site.nodes.map(({ id, parentId }) => {
    const own = parentId === null ? watts : 0
    const amps = own / 690
    return {
      nodeId: id,
      uncontrolledA: [amps, amps, amps],
      uncontrolledW: own,
      meteredA: null,
      meteredW: parentId === null ? meteredW : null,
      stale: [],
    }
  })

/** Meters that say what `values` holds now; `null` = silent. */
export const readings = (values: Record<string, number | null>): Readings => ({
  latest: (meterId) => {
    const powerW = values[meterId]
    if (powerW === undefined) return null
    return {
      reading: {
        meterId,
        measuredAtMs: 0,
        receivedAtMs: 0,
        quality: 'good',
        ...(powerW === null ? {} : { powerW }),
      },
      stale: powerW === null,
      ageS: 0,
    }
  },
})

export const session = (id: string, given: Partial<Session> = {}): Session => ({
  id,
  stationId: 's1',
  evseId: 1,
  transactionId: `t-${id}`,
  idToken: null,
  connectedAtMs: MONDAY_MS,
  startedAtMs: MONDAY_MS,
  endedAtMs: null,
  energyWh: 0,
  need: { energyWh: null, departureMs: null, source: 'default' },
  priority: 0,
  ...given,
})

/** One state per EVSE of the site, with these sessions on them. */
export const states = (site: Site, sessions: readonly (Session | null)[]): EvseState[] =>
  site.evses.map((evse, e) => ({
    evse,
    ready: true,
    generation: 1,
    status: sessions[e] ? 'charging' : 'available',
    session: sessions[e] ?? null,
    measured: null,
    capability: DEFAULT_CAPABILITY,
  }))

export const amps = (watts: number): PerPhase => [watts / 690, watts / 690, watts / 690]
