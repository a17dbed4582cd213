import type { EvseMeasurement } from '../../src/domain/reading.ts'
import { evenly, perPhase, type PerPhase } from '../../src/domain/phases.ts'
import type { Site } from '../../src/domain/site.ts'
import { lineCurrent } from '../../src/domain/wiring.ts'
import { compileTopology } from '../../src/engine/topology.ts'
import type { LatestReading, Readings } from '../../src/ports/readings.ts'
import { MEAN_LOAD_A } from './site.ts'

const VOLTAGE_V = 231

/** What the building below a feeder draws: in every second half of them swing up, the others down. */
const loadA = (feeder: number, second: number): number =>
  (feeder + second) % 2 === 0 ? 2 * MEAN_LOAD_A : 0

/** The meters of the site, and what the cars draw under the limits that their stations hold. */
export const createMeters = (site: Site) => {
  const topology = compileTopology(site)
  const currents = site.evses.map((evse) => lineCurrent(evse.wiring, site.supply).re)
  const totals = new Float64Array(topology.nodeCount * 3)
  const latest = new Map<string, LatestReading>()

  const put = (meterId: string, atMs: number, currentA: PerPhase): void => {
    const powerW = VOLTAGE_V * (currentA[0] + currentA[1] + currentA[2])
    const times = { measuredAtMs: atMs, receivedAtMs: atMs }
    const reading = { meterId, ...times, quality: 'good' as const, currentA, powerW }
    latest.set(meterId, { reading, stale: false, ageS: 0 })
  }

  const addUp = (node: number, line: number, amps: number): void => {
    for (let n = node; n >= 0; n = topology.parent[n]) totals[n * 3 + line] += amps
  }

  return {
    readings: { latest: (meterId) => latest.get(meterId) ?? null } satisfies Readings,

    /** All meters read again. `limitA`: what each EVSE's station holds. */
    read: (atMs: number, second: number, limitA: Float64Array): void => {
      totals.fill(0)
      site.loads.forEach((load, k) => {
        const amps = loadA(k, second)
        put(load.meterId!, atMs, evenly(amps))
        const node = topology.nodeIds.indexOf(load.nodeId)
        for (let line = 0; line < 3; line++) addUp(node, line, amps)
      })
      currents.forEach((current, e) => {
        const node = topology.evseNode[e]
        for (let line = 0; line < 3; line++) addUp(node, line, limitA[e] * current[line])
      })
      site.nodes.forEach(({ meterId }, n) => {
        if (meterId === null) return
        const currentA = perPhase((line) => totals[n * 3 + line])
        put(meterId, atMs, currentA)
      })
    },

    /** What the EVSE's own meter says. */
    measure: (e: number, atMs: number, limitA: number): EvseMeasurement => {
      const currentA = perPhase((line) => limitA * currents[e][line])
      return {
        measuredAtMs: atMs,
        receivedAtMs: atMs,
        currentA,
        powerW: VOLTAGE_V * (currentA[0] + currentA[1] + currentA[2]),
        voltageV: evenly(VOLTAGE_V),
      }
    },
  }
}
