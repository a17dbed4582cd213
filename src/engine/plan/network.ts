import { atDeltaSide, type LineCurrent } from '../../domain/wiring.ts'
import { tangentsFor, type Phasor } from './phasor.ts'
import type { PlanNode, PlanProblem } from './problem.ts'

/**
 * The electrical tree as sparse linear rows.
 *
 * Devices at the same node with the same wiring form a *class*: they see the same limits and
 * therefore the same price curve. Every limit of a node is a *block* of one row per step:
 *
 *     sum over classes c of coef(c, block) * X_c(t) <= rhs(block, t)        X in kWh per step
 *
 * Currents are scaled to the kWh that a single-phase load would draw, so that a coefficient is 1
 * for such a load, 1/3 for a three-phase one, 1/2 for one between two lines of a delta site.
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
export type NetworkKind = 'phase' | 'power' | 'export' | 'imbalance'

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

export interface Block {
  readonly node: number
  readonly kind: NetworkKind
  readonly line: number
  /** What one kWh of a resistive single-phase load on `line` adds to the row. */
  readonly inPhase: number
}

/** What devices of one wiring at one node can draw and feed back, kWh per step. */
export interface Wired {
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
  readonly draw: Float64Array
  readonly feed: Float64Array
  canFeed: boolean
}

interface Candidate {
  readonly block: Block
  /** Indices of the classes below the node, and the coefficient of each. */
  readonly members: readonly number[]
  readonly coef: Float64Array
  readonly rhs: Float64Array
}

interface Scale {
  readonly volts: number
  readonly hours: number
}

const SMALL = 1e-9

/** Line-to-neutral voltage: a load draws `volts` watts per ampere and line in phase. */
const lineVolts = (classes: readonly Wired[]): number => {
  for (const { line, wattsPerAmp } of classes) {
    const inPhase = line.re[0] + line.re[1] + line.re[2]
    if (inPhase > SMALL) return wattsPerAmp / inPhase
  }
  return 230
}

const phasorOf = (wired: Wired, line: number, volts: number, deltaRatio?: number): Phasor => {
  const { re, im } = deltaRatio === undefined ? wired.line : atDeltaSide(wired.line, deltaRatio)
  return {
    re: (re[line] * volts) / wired.wattsPerAmp,
    im: (im[line] * volts) / wired.wattsPerAmp,
  }
}

/** `below[n]`: classes at or under node n. */
const classesBelow = (nodes: readonly PlanNode[], classes: readonly Wired[]): number[][] => {
  const below: number[][] = nodes.map(() => [])
  classes.forEach((wired, c) => {
    for (let n = wired.node; n >= 0; n = nodes[n].parent) below[n].push(c)
  })
  return below
}

const phaseRows = (
  node: PlanNode,
  index: number,
  below: readonly number[],
  classes: readonly Wired[],
  { volts, hours }: Scale,
): Candidate[] => {
  if (node.capA === null) return []
  const rows: Candidate[] = []
  const kWhPerAmp = (volts * hours) / 1000
  for (let line = 0; line < 3; line++) {
    const phasors = below.map((c) =>
      phasorOf(classes[c], line, volts, node.deltaRatio ?? undefined),
    )
    const directions: Phasor[] = []
    phasors.forEach(({ re, im }, k) => {
      if (Math.hypot(re, im) < SMALL) return
      directions.push({ re, im })
      if (classes[below[k]].canFeed) directions.push({ re: -re, im: -im })
    })
    for (const { cos, sin, scale } of tangentsFor(directions)) {
      const back = cos < -SMALL
      const limit = back ? (node.exportCapA ?? node.capA)[line] : node.capA[line]
      rows.push({
        block: { node: index, kind: back ? 'export' : 'phase', line, inPhase: cos },
        members: below,
        coef: Float64Array.from(phasors, ({ re, im }) => cos * re + sin * im),
        rhs: limit.map((limitA) => limitA * scale * kWhPerAmp),
      })
    }
  }
  return rows
}

const powerRows = (
  node: PlanNode,
  index: number,
  below: readonly number[],
  { hours }: Scale,
): Candidate[] => {
  const row = (kind: 'power' | 'export', sign: number, limitW: Float64Array): Candidate => ({
    block: { node: index, kind, line: -1, inPhase: sign },
    members: below,
    coef: new Float64Array(below.length).fill(sign),
    rhs: limitW.map((watts) => (watts * hours) / 1000),
  })
  const rows: Candidate[] = []
  if (node.capW !== null) rows.push(row('power', 1, node.capW))
  if (node.exportCapW !== null) rows.push(row('export', -1, node.exportCapW))
  return rows
}

/** Six rows at the connection: line a minus line b, in-phase parts, for every ordered pair. */
const imbalanceRows = (
  imbalance: PlanProblem['imbalance'],
  classes: readonly Wired[],
  { volts, hours }: Scale,
): Candidate[] => {
  if (imbalance === null) return []
  const rows: Candidate[] = []
  const kWhPerAmp = (volts * hours) / 1000
  const { limitA, baseA } = imbalance
  const members = classes.map((_, c) => c)
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      if (a === b) continue
      const coef = Float64Array.from(
        classes,
        (wired) => phasorOf(wired, a, volts).re - phasorOf(wired, b, volts).re,
      )
      const rhs = baseA[a].map((ampsA, t) => (limitA - (ampsA - baseA[b][t])) * kWhPerAmp)
      rows.push({ block: { node: 0, kind: 'imbalance', line: a, inPhase: 1 }, members, coef, rhs })
    }
  }
  return rows
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
  const { nodes, steps, stepS } = problem
  const scale = { volts: lineVolts(wired), hours: stepS / 3600 }
  const below = classesBelow(nodes, wired)
  const candidates = nodes.flatMap((node, n) => [
    ...phaseRows(node, n, below[n], wired, scale),
    ...powerRows(node, n, below[n], scale),
  ])
  candidates.push(...imbalanceRows(problem.imbalance, wired, scale))
  const kept = candidates
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
