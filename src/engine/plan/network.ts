import { limitRows, SMALL, type Block, type Candidate, type Wired } from './limit-rows.ts'
import type { PlanProblem } from './problem.ts'

/**
 * The electrical tree as sparse linear rows.
 *
 * Devices at the same node with the same wiring form a *class*: they see the same limits and
 * therefore the same price curve. Every limit of a node is a *block* of one row per step:
 *
 *     sum over classes c of coef(c, block) * X_c(t) <= rhs(block, t)        X in kWh per step
 *
 * Rows that cannot bind even with every device at full power are dropped.
 *
 * A *region* is what hangs below one node that is nobody else's: the classes whose deepest rows
 * are there. Rows that only see one region are local to it; the rest, and region 0, are shared.
 * Given the prices of the shared rows, regions do not know of each other (see polish.ts).
 *
 * A row that is already violated with nothing planned (event below the base load, unbalanced
 * building) is hard only as far as physics allows: it gets the finite price `top` per kWh over
 * the limit when some device can relieve it, and is moved to 0 when none can.
 */
export interface Network {
  readonly steps: number
  readonly blocks: readonly Block[]
  /** `blocks * steps`: kWh per step. */
  readonly rhs: Float64Array
  /** `blocks * steps`: largest dual price; `Infinity` for a hard row. */
  readonly top: Float64Array
  /** `blocks * steps`: 1 where the row can bind at all. */
  readonly can: Uint8Array
  readonly classes: number
  /** Rows of class c: entries `start[c] .. start[c + 1]` of `block` and `coef`. */
  readonly start: Int32Array
  readonly block: Int32Array
  readonly coef: Float64Array
  /** Classes of region r: `regionStart[r] .. regionStart[r + 1]`. */
  readonly regionStart: Int32Array
  /** The region that a block is local to; 0 = shared. */
  readonly blockRegion: Int32Array
}

/** The most and the least that the classes can add to a row. */
const reach = (
  { members, coef }: Candidate,
  classes: readonly Wired[],
  steps: number,
): { most: Float64Array; least: Float64Array } => {
  const most = new Float64Array(steps)
  const least = new Float64Array(steps)
  members.forEach((c, j) => {
    const k = coef[j]
    if (Math.abs(k) < SMALL) return
    const { draw, feed } = classes[c]
    const up = k > 0 ? draw : feed
    const down = k > 0 ? feed : draw
    const size = Math.abs(k)
    for (let t = 0; t < steps; t++) {
      most[t] += size * up[t]
      least[t] -= size * down[t]
    }
  })
  return { most, least }
}

interface Kept {
  readonly candidate: Candidate
  readonly rhs: Float64Array
  readonly top: Float64Array
  readonly can: Uint8Array
}

/** The candidate as it binds, or `null` when it never does. */
const keep = (
  candidate: Candidate,
  classes: readonly Wired[],
  steps: number,
  overloadPrice: number,
): Kept | null => {
  const { most, least } = reach(candidate, classes, steps)
  const rhs = candidate.rhs.slice()
  const top = new Float64Array(steps).fill(Infinity)
  const can = new Uint8Array(steps)
  let any = false
  for (let t = 0; t < steps; t++) {
    if (rhs[t] < 0 && least[t] > -SMALL) rhs[t] = 0
    if (rhs[t] < 0) top[t] = overloadPrice
    if (most[t] <= rhs[t] + SMALL) continue
    can[t] = 1
    any = true
  }
  return any ? { candidate, rhs, top, can } : null
}

type RowsOfClass = readonly (readonly [block: number, coef: number])[]

const rowsOfClasses = (kept: readonly Kept[], count: number): RowsOfClass[] => {
  const rows: [number, number][][] = Array.from({ length: count }, () => [])
  kept.forEach(({ candidate }, b) => {
    candidate.members.forEach((c, j) => {
      if (Math.abs(candidate.coef[j]) >= SMALL) rows[c].push([b, candidate.coef[j]])
    })
  })
  return rows
}

/** The deepest node on the path that has rows; 0 for the connection or none. */
const deepestNode = (rows: RowsOfClass, kept: readonly Kept[]): number =>
  rows.reduce((deepest, [b]) => Math.max(deepest, kept[b].candidate.block.node), 0)

interface Grouped {
  readonly classOf: Int32Array
  /** One entry per class, sorted by region. */
  readonly rows: readonly RowsOfClass[]
  readonly regionStart: Int32Array
}

/** Classes with the same rows become one; classes are numbered region by region. */
const groupClasses = (kept: readonly Kept[], count: number): Grouped => {
  const rowsOf = rowsOfClasses(kept, count)
  const byNode = new Map<number, Map<string, number[]>>([[0, new Map()]])
  rowsOf.forEach((rows, c) => {
    const node = deepestNode(rows, kept)
    const same = byNode.get(node) ?? new Map<string, number[]>()
    byNode.set(node, same)
    const key = rows.join(' ')
    same.set(key, [...(same.get(key) ?? []), c])
  })
  const classOf = new Int32Array(count)
  const rows: RowsOfClass[] = []
  const regionStart = [0]
  for (const same of byNode.values()) {
    for (const members of same.values()) {
      for (const c of members) classOf[c] = rows.length
      rows.push(rowsOf[members[0]])
    }
    regionStart.push(rows.length)
  }
  return { classOf, rows, regionStart: Int32Array.from(regionStart) }
}

/** The region of a block's classes when it is the same for all, else 0. */
const regionsOfBlocks = ({ rows, regionStart }: Grouped, blocks: number): Int32Array => {
  const region = new Int32Array(blocks).fill(-1)
  for (let r = 0; r + 1 < regionStart.length; r++) {
    for (let c = regionStart[r]; c < regionStart[r + 1]; c++) {
      for (const [b] of rows[c]) region[b] = region[b] === -1 || region[b] === r ? r : 0
    }
  }
  return region
}

const incidence = (
  kept: readonly Kept[],
  count: number,
): Omit<Network, 'steps' | 'blocks' | 'rhs' | 'top' | 'can'> & { classOf: Int32Array } => {
  const grouped = groupClasses(kept, count)
  const start = new Int32Array(grouped.rows.length + 1)
  grouped.rows.forEach((rows, c) => (start[c + 1] = start[c] + rows.length))
  return {
    classes: grouped.rows.length,
    classOf: grouped.classOf,
    start,
    block: Int32Array.from(grouped.rows.flatMap((rows) => rows.map(([b]) => b))),
    coef: Float64Array.from(grouped.rows.flatMap((rows) => rows.map(([, k]) => k))),
    regionStart: grouped.regionStart,
    blockRegion: regionsOfBlocks(grouped, kept.length),
  }
}

/**
 * Builds the rows for `wired` (one entry per node and wiring that occurs) and tells which class
 * each of them belongs to. O(classes * depth * steps).
 */
export const buildNetwork = (
  problem: PlanProblem,
  wired: readonly Wired[],
  overloadPrice: number,
): { network: Network; classOf: Int32Array } => {
  const { steps } = problem
  const kept = limitRows(problem, wired)
    .map((candidate) => keep(candidate, wired, steps, overloadPrice))
    .filter((row) => row !== null)
  const { classOf, ...entries } = incidence(kept, wired.length)
  const rhs = new Float64Array(kept.length * steps)
  const top = new Float64Array(kept.length * steps)
  const can = new Uint8Array(kept.length * steps)
  kept.forEach((row, b) => {
    rhs.set(row.rhs, b * steps)
    top.set(row.top, b * steps)
    can.set(row.can, b * steps)
  })
  const blocks = kept.map(({ candidate }) => candidate.block)
  return { network: { steps, blocks, rhs, top, can, ...entries }, classOf }
}
