import type { PerPhase } from '../../domain/phases.ts'
import type { LineCurrent } from '../../domain/wiring.ts'

/** Running currents at every node of a tree, to ask how much more one device may draw. */
export interface ExecuteNode {
  /** Index of the parent, -1 for the root; parents before children. */
  readonly parent: number
  /** What the devices may draw per line, amperes; `null` = no limit. */
  readonly capA: PerPhase | null
  readonly capW: number | null
}

export interface Occupancy {
  readonly nodes: readonly ExecuteNode[]
  /** Three lines per node, amperes in phase and leading. */
  readonly re: Float64Array
  readonly im: Float64Array
  readonly watts: Float64Array
}

interface Device {
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
}

export const occupancyOf = (nodes: readonly ExecuteNode[]): Occupancy => ({
  nodes,
  re: new Float64Array(3 * nodes.length),
  im: new Float64Array(3 * nodes.length),
  watts: new Float64Array(nodes.length),
})

/** Largest a >= 0 with |(re, im) + a * (lineRe, lineIm)| <= limit; Infinity for a zero line. */
const roomInCircle = (
  re: number,
  im: number,
  lineRe: number,
  lineIm: number,
  limit: number,
): number => {
  const square = lineRe * lineRe + lineIm * lineIm
  if (square === 0) return Infinity
  const along = re * lineRe + im * lineIm
  const outside = re * re + im * im - limit * limit
  const root = along * along - square * outside
  if (limit <= 0 || root < 0) return 0
  return Math.max(0, (-along + Math.sqrt(root)) / square)
}

/** Amperes that a device may draw more, by every node above it. O(depth). */
export const roomFor = (occupancy: Occupancy, { node, line, wattsPerAmp }: Device): number => {
  const { nodes, re, im, watts } = occupancy
  let room = Infinity
  for (let n = node; n >= 0; n = nodes[n].parent) {
    const { capA, capW } = nodes[n]
    if (capW !== null) room = Math.min(room, Math.max(0, capW - watts[n]) / wattsPerAmp)
    if (capA === null) continue
    for (let p = 0; p < 3; p++) {
      const at = 3 * n + p
      room = Math.min(room, roomInCircle(re[at], im[at], line.re[p], line.im[p], capA[p]))
    }
  }
  return room
}

export const occupy = (
  { nodes, re, im, watts }: Occupancy,
  { node, line, wattsPerAmp }: Device,
  amps: number,
): void => {
  for (let n = node; n >= 0; n = nodes[n].parent) {
    watts[n] += amps * wattsPerAmp
    for (let p = 0; p < 3; p++) {
      re[3 * n + p] += amps * line.re[p]
      im[3 * n + p] += amps * line.im[p]
    }
  }
}
