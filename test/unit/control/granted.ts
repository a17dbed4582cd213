import { idlePower, type Asks } from '../../../src/control/asks.ts'
import { siteCaps } from '../../../src/control/caps.ts'
import type { EventCaps } from '../../../src/control/event-caps.ts'
import { createZones } from '../../../src/control/zones.ts'
import type { EvseState } from '../../../src/domain/evse-state.ts'
import type { Reason } from '../../../src/domain/reason.ts'
import type { Site } from '../../../src/domain/site.ts'
import { applyCaps } from '../../../src/engine/binding.ts'
import { compileTopology } from '../../../src/engine/topology.ts'
import { loads } from './planning/bench.ts'

/** What each EVSE gets under these caps, and what binds it first, as the controller decides it. */
export const granted = (
  site: Site,
  asks: Asks,
  states: readonly EvseState[],
  events: EventCaps,
): { amps: number[]; stoppedBy: (Reason | null)[] } => {
  const { topology, rows, allocate, bindings } = createZones(compileTopology(site))(events)
  const idleW = idlePower(topology, asks, states)
  const caps = siteCaps(topology, site, loads(site, 0), events, idleW, 0)
  applyCaps(rows, caps)
  const input = { ...asks, rows, stepA: 1 }
  const allocation = allocate(input)
  const bindingOf = bindings({ input, allocation, caps, freedA: asks.surplusA, nowMs: 0 })
  return {
    amps: [...allocation.grantA],
    stoppedBy: site.evses.map((_, e) => bindingOf(e).caps.at(0)?.reason ?? null),
  }
}
