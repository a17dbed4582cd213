import { idlePower, type Asks } from '../../../src/control/asks.ts'
import { fillCaps } from '../../../src/control/caps.ts'
import type { EventCaps } from '../../../src/control/event-caps.ts'
import { createZones } from '../../../src/control/zones.ts'
import type { EvseState } from '../../../src/domain/evse-state.ts'
import type { Reason } from '../../../src/domain/reason.ts'
import type { Site } from '../../../src/domain/site.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { loads } from './planning/bench.ts'

/** What each EVSE gets under these caps, and what stops it, as the controller decides it. */
export const granted = (
  site: Site,
  asks: Asks,
  states: readonly EvseState[],
  caps: EventCaps,
): { amps: number[]; stoppedBy: (Reason | null)[] } => {
  const { topology, rows, allocate } = createZones(compileTopology(site))(caps)
  const idleW = idlePower(topology, asks, states)
  const reasonOf = fillCaps(rows, topology, site, loads(site, 0), caps, idleW, 0)
  const { grantA, stoppedBy } = allocate({ ...asks, rows, stepA: 1 })
  return {
    amps: [...grantA],
    stoppedBy: Array.from(stoppedBy, (row) => (row < 0 ? null : reasonOf(row >> 2, row & 3))),
  }
}
