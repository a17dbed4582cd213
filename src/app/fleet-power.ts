import type { SiteView } from '../control/view.ts'
import type { FleetPower } from '../control/events/decide.ts'
import type { EvseState } from '../domain/evse-state.ts'
import type { GridView } from '../engine/timeline/grid-view.ts'
import { wattsPerAmp } from '../domain/wiring.ts'

export interface FleetPowerDeps {
  readonly view: GridView
  readonly states: () => readonly EvseState[]
  /** What the last tick saw; costly, so it is asked for when an event is received only. */
  readonly current: () => SiteView
  /** Power through a node; `null` before the first tick. */
  readonly nodeW: (nodeId: string) => number | null
}

/** What the fleet can do and does, for events: from what the last tick saw. */
export const createFleetPower = ({ view, states, current, nodeW }: FleetPowerDeps): FleetPower => {
  const { site } = view
  const rootId = site.nodes[0].id

  const otherLoadsW = (nodeId: string): number =>
    current().nodes.find(({ id }) => id === nodeId)?.uncontrolledW ?? 0

  return {
    capability: (scope, set) => {
      const members = set.members.map((e) => site.evses[e])
      if (members.length === 0) return null
      const reach = new Map(current().evses.map((evse) => [evse.key, evse]))
      let floorW = 0
      let ceilingW = 0
      for (const evse of members) {
        const perAmpW = wattsPerAmp(evse.wiring, site.supply)
        const now = reach.get(evse.key)
        // A station that cannot be told anything keeps what it may draw.
        const held = now && !now.online ? now.mayDrawA : 0
        floorW += held * perAmpW
        ceilingW += evse.maxA * perAmpW
      }
      const nodeId = set.nodeId ?? rootId
      const rating = view.nodeRating(nodeId)
      const others = otherLoadsW(nodeId)
      return scope === 'controllable'
        ? { floorW, ceilingW }
        : {
            floorW: floorW + others,
            ceilingW: Math.min(ceilingW + others, rating?.powerW ?? Infinity),
          }
    },
    powerW: (scope, set) => {
      const throughW = nodeW(set.nodeId ?? rootId)
      if (scope === 'connection' || throughW === null) return throughW
      const now = states()
      return set.members.reduce((sum, e) => sum + (now[e].measured?.powerW ?? 0), 0)
    },
  }
}
