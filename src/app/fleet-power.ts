import type { SiteView } from '../control/view.ts'
import type { FleetPower } from '../control/events/decide.ts'
import { inSet, type GridView, type TargetSet } from '../engine/timeline/grid-view.ts'
import { wattsPerAmp } from '../domain/wiring.ts'

/** What the fleet can do and does, for events: from what the last tick saw. */
export const createFleetPower = (view: GridView, current: () => SiteView): FleetPower => {
  const { site } = view

  const otherLoadsW = (nodeId: string): number =>
    current().nodes.find(({ id }) => id === nodeId)?.uncontrolledW ?? 0

  const evsesOf = (set: TargetSet) => site.evses.filter((evse) => inSet(set, evse.key))

  return {
    capability: (scope, set) => {
      const members = evsesOf(set)
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
      const nodeId = set.nodeId ?? site.nodes[0].id
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
      const now = current()
      if (now.nodes.length === 0) return null
      if (scope === 'connection') {
        return (now.nodes.find(({ id }) => id === set.nodeId) ?? now.nodes[0]).loadW
      }
      return now.evses
        .filter((evse) => inSet(set, evse.key))
        .reduce((sum, evse) => sum + (evse.powerW ?? 0), 0)
    },
  }
}
