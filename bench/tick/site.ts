import { evenly } from '../../src/domain/phases.ts'
import type { Evse, LoadNode, Node, Site } from '../../src/domain/site.ts'
import type { Wiring } from '../../src/domain/wiring.ts'

/** EVSEs below one feeder, feeders below one panel, panels below the connection. */
export const FEEDER_EVSES = 20
const PANEL_FEEDERS = 10
const MAX_A = 16
/** Of the building load below each feeder; it swings between nothing and twice this. */
export const MEAN_LOAD_A = 20

const WIRINGS: readonly Wiring[] = ['L1L2L3', 'L2L3L1', 'L3L1L2', 'L1', 'L2', 'L3']

/** Amperes per line that one EVSE draws on average, over the wirings above. */
const MEAN_A = (MAX_A * (3 + 1)) / 6

const node = (
  id: string,
  parentId: string | null,
  limitA: number,
  meterId: string | null,
): Node => ({
  id,
  name: id,
  parentId,
  limitA: evenly(limitA),
  limitW: meterId === null ? null : limitA * 3 * 225,
  meterId,
  margin: 0.05,
})

/**
 * A tree of three levels with limits per phase that are too small for everybody: feeders at 90 % of
 * what their EVSEs could draw, panels at 97 %, the connection at 95 %. The connection and each panel
 * have a meter and a limit in kW, too; each feeder has a building load with a meter.
 */
export const tickSite = (evseCount: number): Site => {
  const feederCount = Math.ceil(evseCount / FEEDER_EVSES)
  const panelCount = Math.ceil(feederCount / PANEL_FEEDERS)
  const feederA = FEEDER_EVSES * MEAN_A
  const panelA = Math.min(feederCount, PANEL_FEEDERS) * feederA
  const panels = Array.from({ length: panelCount }, (_, k) =>
    node(
      `panel-${k}`,
      'connection',
      0.97 * panelA + PANEL_FEEDERS * MEAN_LOAD_A,
      `meter-panel-${k}`,
    ),
  )
  const feeders = Array.from({ length: feederCount }, (_, k) =>
    node(
      `feeder-${k}`,
      `panel-${Math.floor(k / PANEL_FEEDERS)}`,
      0.9 * feederA + MEAN_LOAD_A,
      null,
    ),
  )
  return {
    id: 'bench',
    name: 'bench',
    timeZone: 'UTC',
    supply: { kind: 'three-phase', voltageV: 230 },
    nodes: [
      node(
        'connection',
        null,
        0.95 * evseCount * MEAN_A + feederCount * MEAN_LOAD_A,
        'meter-connection',
      ),
      ...panels,
      ...feeders,
    ],
    loads: feeders.map((feeder, k): LoadNode => ({
      id: `load-${k}`,
      name: `load-${k}`,
      nodeId: feeder.id,
      kind: 'building',
      meterId: `meter-load-${k}`,
      wiring: 'L1L2L3',
      designA: evenly(2 * MEAN_LOAD_A),
    })),
    evses: Array.from({ length: evseCount }, (_, k): Evse => ({
      key: `S${k}/1`,
      stationId: `S${k}`,
      evseId: 1,
      nodeId: feeders[Math.floor(k / FEEDER_EVSES)].id,
      wiring: WIRINGS[k % WIRINGS.length],
      current: 'AC',
      maxA: MAX_A,
      minA: 6,
      failsafeA: 6,
      priority: 0,
      efficiency: 1,
    })),
  }
}
