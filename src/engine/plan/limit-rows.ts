import { atDeltaSide, type LineCurrent } from '../../domain/wiring.ts'
import { tangentsFor, type Phasor } from './phasor.ts'
import type { PlanNode, PlanProblem } from './problem.ts'

/**
 * The limits of every node as linear rows over the groups of devices below it (same node, same
 * wiring). Currents are scaled to the kWh that a single-phase load would draw, so that a
 * coefficient is 1 for such a load, 1/3 for a three-phase one, 1/2 for one between two lines of a
 * delta site.
 */
export type NetworkKind = 'phase' | 'power' | 'export' | 'imbalance'

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

export interface Candidate {
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

export const SMALL = 1e-9

/** Line-to-neutral voltage: a load draws `volts` watts per ampere and line in phase. */
const lineVolts = (classes: readonly Wired[]): number => {
  for (const { line, wattsPerAmp } of classes) {
    const inPhase = line.re[0] + line.re[1] + line.re[2]
    if (inPhase > SMALL) return wattsPerAmp / inPhase
  }
  return 230
}

/** Current of one line per kWh; with a turns ratio, at the delta side of the transformer. */
const phasorOf = (
  wired: Wired,
  line: number,
  volts: number,
  deltaRatio: number | null = null,
): Phasor => {
  const { re, im } = deltaRatio === null ? wired.line : atDeltaSide(wired.line, deltaRatio)
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
    const phasors = below.map((c) => phasorOf(classes[c], line, volts, node.deltaRatio ?? null))
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

/** All limits of the problem, one candidate per block of rows. */
export const limitRows = (problem: PlanProblem, wired: readonly Wired[]): Candidate[] => {
  const { nodes, stepS } = problem
  const scale = { volts: lineVolts(wired), hours: stepS / 3600 }
  const below = classesBelow(nodes, wired)
  const rows = nodes.flatMap((node, n) => [
    ...phaseRows(node, n, below[n], wired, scale),
    ...powerRows(node, n, below[n], scale),
  ])
  return [...rows, ...imbalanceRows(problem.imbalance, wired, scale)]
}
