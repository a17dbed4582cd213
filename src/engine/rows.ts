import type { PerPhase } from '../domain/phases.ts'
import type { Topology } from './topology.ts'

/**
 * The limits of the tree as rows: per node three lines (amperes, phasor sums) and one power row
 * (watts). Keeps the load that controllable draws put on each row.
 */
export interface Rows {
  /** Index `node * 3 + line`. `Infinity` = no limit. */
  readonly capA: Float64Array
  readonly capW: Float64Array
  readonly re: Float64Array
  readonly im: Float64Array
  readonly loadW: Float64Array
}

/** How each EVSE loads the lines, per ampere: the topology's, or less for a car on fewer phases. */
export interface Draws {
  readonly re: Float64Array
  readonly im: Float64Array
  readonly watts: Float64Array
}

/** Row within a node: a line, or its power. */
export const POWER_ROW = 3

const TOLERANCE = 1e-6

export const createRows = (topology: Topology): Rows => ({
  capA: new Float64Array(topology.nodeCount * 3).fill(Infinity),
  capW: new Float64Array(topology.nodeCount).fill(Infinity),
  re: new Float64Array(topology.nodeCount * 3),
  im: new Float64Array(topology.nodeCount * 3),
  loadW: new Float64Array(topology.nodeCount),
})

export const clearLoads = (rows: Rows): void => {
  rows.re.fill(0)
  rows.im.fill(0)
  rows.loadW.fill(0)
}

/** Adds `amps` of one EVSE to every row on its path to the grid connection. */
export const addLoad = (
  rows: Rows,
  topology: Topology,
  draws: Draws,
  evse: number,
  amps: number,
): void => {
  if (amps === 0) return
  const e = evse * 3
  for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
    const n = node * 3
    for (let line = 0; line < 3; line++) {
      rows.re[n + line] += amps * draws.re[e + line]
      rows.im[n + line] += amps * draws.im[e + line]
    }
    rows.loadW[node] += amps * draws.watts[evse]
  }
}

/** Which row on the EVSE's path would be exceeded by `amps` more; `null` = none. */
export const blockingRow = (
  rows: Rows,
  topology: Topology,
  draws: Draws,
  evse: number,
  amps: number,
): { node: number; row: number } | null => {
  const e = evse * 3
  for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
    const n = node * 3
    for (let line = 0; line < 3; line++) {
      const re = draws.re[e + line]
      const im = draws.im[e + line]
      if (re === 0 && im === 0) continue
      const cap = rows.capA[n + line]
      if (cap === Infinity) continue
      const sumRe = rows.re[n + line] + amps * re
      const sumIm = rows.im[n + line] + amps * im
      if (magnitude(sumRe, sumIm) > cap + TOLERANCE) return { node, row: line }
    }
    if (rows.loadW[node] + amps * draws.watts[evse] > rows.capW[node] + 1e-3) {
      return { node, row: POWER_ROW }
    }
  }
  return null
}

/** Line currents, all in phase, and watts of one ampere of an EVSE. */
export interface Draw {
  readonly lines: PerPhase
  readonly perAmpW: number
}

/** The most amperes of `draw` that every row on the EVSE's path can take; below 0 = none can. */
export const roomFor = (rows: Rows, topology: Topology, evse: number, draw: Draw): number => {
  let room = Infinity
  for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
    for (let line = 0; line < 3; line++) {
      const k = node * 3 + line
      if (draw.lines[line] === 0 || rows.capA[k] === Infinity) continue
      const leads = rows.im[k]
      const cap = rows.capA[k]
      const inPhase = leads === 0 ? cap : Math.sqrt(Math.max(0, cap * cap - leads * leads))
      room = Math.min(room, (inPhase - rows.re[k]) / draw.lines[line])
    }
    room = Math.min(room, (rows.capW[node] - rows.loadW[node]) / draw.perAmpW)
  }
  return room
}

export const magnitude = (re: number, im: number): number =>
  im === 0 ? Math.abs(re) : Math.sqrt(re * re + im * im)

/** Load on a row now, amperes or watts. */
export const rowLoad = (rows: Rows, node: number, row: number): number =>
  row === POWER_ROW ? rows.loadW[node] : magnitude(rows.re[node * 3 + row], rows.im[node * 3 + row])

export const rowCap = (rows: Rows, node: number, row: number): number =>
  row === POWER_ROW ? rows.capW[node] : rows.capA[node * 3 + row]
