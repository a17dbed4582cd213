import { perPhase, type PerPhase } from '../../../domain/phases.ts'
import type { Site } from '../../../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../../../domain/wiring.ts'
import type { Network, NetworkNode } from './network.ts'

/**
 * A configured site as a network. Limits are what is left for charging when every measured load
 * draws its design current: the limit less its margin, less the design load below it.
 *
 * @param capacityKw limit of the grid connection; `null` = the site's own
 */
export const networkFromSite = (site: Site, capacityKw: number | null): Network => {
  const indexOf = new Map(site.nodes.map(({ id }, index) => [id, index]))
  const parent = site.nodes.map(({ parentId }) => (parentId === null ? -1 : indexOf.get(parentId)!))
  const design: PerPhase[] = site.nodes.map(() => [0, 0, 0])
  for (const { nodeId, designA } of site.loads) {
    for (let n = indexOf.get(nodeId)!; n >= 0; n = parent[n]) {
      const before = design[n]
      design[n] = perPhase((p) => before[p] + designA[p])
    }
  }
  const nodes = site.nodes.map(({ id, limitA, limitW, margin }, n): NetworkNode => {
    const designW = (design[n][0] + design[n][1] + design[n][2]) * site.supply.voltageV
    const givenW = n === 0 && capacityKw !== null ? capacityKw * 1000 : limitW
    return {
      id,
      parent: parent[n],
      limitA:
        limitA === null
          ? null
          : perPhase((p) => Math.max(0, limitA[p] * (1 - margin) - design[n][p])),
      limitW: givenW === null ? null : Math.max(0, givenW * (1 - margin) - designW),
      deltaRatio: null,
    }
  })
  return {
    name: capacityKw === null ? site.name : `${site.name}, ${capacityKw} kW`,
    nodes,
    evses: site.evses.map((evse) => ({
      id: evse.key,
      stationId: evse.stationId,
      node: indexOf.get(evse.nodeId)!,
      line: lineCurrent(evse.wiring, site.supply),
      wattsPerAmp: wattsPerAmp(evse.wiring, site.supply),
      minA: evse.minA,
      maxA: evse.maxA,
    })),
  }
}
