import type { Site } from '../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../domain/wiring.ts'

/**
 * A site's electrical tree as arrays, made once: what the tick and the planner loop over. EVSEs are
 * numbered as in `site.evses`.
 *
 * Whatever EVSEs share is a *zone*: the nodes, numbered first, and after them groups, which are sets
 * of EVSEs that an event limits together though they are no node.
 */
export interface Topology {
  readonly nodeCount: number
  readonly nodeIds: readonly string[]
  /** Index of the parent, -1 for the grid connection; parents come first. */
  readonly parent: Int32Array
  readonly evseCount: number
  readonly evseKeys: readonly string[]
  /** Node of each EVSE. */
  readonly evseNode: Int32Array
  readonly zoneCount: number
  readonly zoneIds: readonly string[]
  /**
   * The zones of EVSE e are `zones[zonesFrom[e]]` to `zones[zonesFrom[e + 1] - 1]`: its node, then up
   * to the grid connection, then its groups.
   */
  readonly zones: Int32Array
  readonly zonesFrom: Int32Array
  /** EVSEs of each zone. */
  readonly members: readonly Int32Array[]
  /** Line current per ampere of each EVSE, in phase and leading: index `evse * 3 + line`. */
  readonly re: Float64Array
  readonly im: Float64Array
  readonly watts: Float64Array
}

export const compileTopology = (site: Site): Topology => {
  const nodeIds = site.nodes.map((node) => node.id)
  const indexOf = new Map(nodeIds.map((id, index) => [id, index]))
  const nodeCount = nodeIds.length
  const parent = Int32Array.from(site.nodes, (node) =>
    node.parentId === null ? -1 : indexOf.get(node.parentId)!,
  )
  const evseNode = Int32Array.from(site.evses, (evse) => indexOf.get(evse.nodeId)!)

  const children: number[][] = nodeIds.map(() => [])
  for (let n = 1; n < nodeCount; n++) children[parent[n]].push(n)
  const own: number[][] = nodeIds.map(() => [])
  evseNode.forEach((node, evse) => own[node].push(evse))

  // Depth first, the EVSEs below any node are one contiguous range.
  const order = new Int32Array(site.evses.length)
  const members: Int32Array[] = []
  let next = 0
  const visit = (node: number): void => {
    const first = next
    for (const evse of own[node]) order[next++] = evse
    for (const child of children[node]) visit(child)
    members[node] = order.subarray(first, next)
  }
  visit(0)

  const re = new Float64Array(site.evses.length * 3)
  const im = new Float64Array(site.evses.length * 3)
  site.evses.forEach((evse, index) => {
    const current = lineCurrent(evse.wiring, site.supply)
    re.set(current.re, index * 3)
    im.set(current.im, index * 3)
  })
  const pathOf = (node: number): number[] => (node < 0 ? [] : [node, ...pathOf(parent[node])])
  const paths = nodeIds.map((_, node) => pathOf(node))
  return {
    nodeCount,
    nodeIds,
    parent,
    evseCount: site.evses.length,
    evseKeys: site.evses.map((evse) => evse.key),
    evseNode,
    zoneCount: nodeCount,
    zoneIds: nodeIds,
    ...zonesOf(Array.from(evseNode, (node) => paths[node])),
    members,
    re,
    im,
    watts: Float64Array.from(site.evses, (evse) => wattsPerAmp(evse.wiring, site.supply)),
  }
}

/** EVSEs that share something although they are no node. */
export interface Group {
  readonly id: string
  /** Numbers of EVSEs. */
  readonly members: readonly number[]
}

/** The tree with these groups beside it, in their order. O(EVSEs). */
export const withGroups = (tree: Topology, groups: readonly Group[]): Topology => {
  const paths = Array.from({ length: tree.evseCount }, (_, evse) =>
    Array.from(tree.zones.subarray(tree.zonesFrom[evse], tree.zonesFrom[evse + 1])),
  )
  groups.forEach(({ members }, g) => {
    for (const evse of members) paths[evse].push(tree.zoneCount + g)
  })
  return {
    ...tree,
    zoneCount: tree.zoneCount + groups.length,
    zoneIds: [...tree.zoneIds, ...groups.map(({ id }) => id)],
    ...zonesOf(paths),
    members: [...tree.members, ...groups.map(({ members }) => Int32Array.from(members))],
  }
}

const zonesOf = (paths: readonly (readonly number[])[]): Pick<Topology, 'zones' | 'zonesFrom'> => {
  const zonesFrom = new Int32Array(paths.length + 1)
  paths.forEach((path, evse) => (zonesFrom[evse + 1] = zonesFrom[evse] + path.length))
  return { zonesFrom, zones: Int32Array.from(paths.flat()) }
}
