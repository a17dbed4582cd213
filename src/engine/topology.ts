import type { Site } from '../domain/site.ts'
import { lineCurrent, wattsPerAmp } from '../domain/wiring.ts'

/**
 * A site's electrical tree as arrays, made once: what the tick and the planner loop over.
 * EVSEs are numbered as in `site.evses`; `order` lists them so that those below any node are one
 * contiguous range.
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
  readonly order: Int32Array
  /** The EVSEs below node n (itself included) are `order[first[n]]` to `order[last[n] - 1]`. */
  readonly first: Int32Array
  readonly last: Int32Array
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

  const order = new Int32Array(site.evses.length)
  const first = new Int32Array(nodeCount)
  const last = new Int32Array(nodeCount)
  let next = 0
  const visit = (node: number): void => {
    first[node] = next
    for (const evse of own[node]) order[next++] = evse
    for (const child of children[node]) visit(child)
    last[node] = next
  }
  visit(0)

  const re = new Float64Array(site.evses.length * 3)
  const im = new Float64Array(site.evses.length * 3)
  site.evses.forEach((evse, index) => {
    const current = lineCurrent(evse.wiring, site.supply)
    re.set(current.re, index * 3)
    im.set(current.im, index * 3)
  })
  return {
    nodeCount,
    nodeIds,
    parent,
    evseCount: site.evses.length,
    evseKeys: site.evses.map((evse) => evse.key),
    evseNode,
    order,
    first,
    last,
    re,
    im,
    watts: Float64Array.from(site.evses, (evse) => wattsPerAmp(evse.wiring, site.supply)),
  }
}
