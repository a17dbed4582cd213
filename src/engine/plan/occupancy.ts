import type { PerPhase } from '../../domain/phases.ts'
import { atDeltaSide, type LineCurrent } from '../../domain/wiring.ts'

/** A point of the tree with what the devices below it may draw at one instant. */
export interface OccupancyNode {
  /** Index of the parent, -1 for the grid connection; parents before children. */
  readonly parent: number
  /** Per line, amperes; `null` = no limit. */
  readonly limitA: PerPhase | null
  /** In total, watts; below 0 counts as 0, `null` = no limit. */
  readonly limitW: number | null
  /** Turns ratio where `limitA` is meant at the delta side of a transformer; `null` = this side. */
  readonly deltaRatio: number | null
}

export interface OccupancyDevice {
  /** Index into the nodes. */
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
}

/**
 * Running loads of a tree, to ask how much more a device may draw. Every limit is one row
 * |sum over devices of (re + j im) * amperes| <= limit: lines in amperes as phasor sums, power in
 * watts without imaginary part. Asking for one device costs O(rows on its path).
 */
export interface Occupancy {
  readonly rows: readonly OccupancyRow[]
  clear(): void
  /** Puts `amps` more of a device on its rows. */
  add(device: number, amps: number): void
  /** Whether `amps` more would keep every row on its path, but for rounding. */
  fits(device: number, amps: number): boolean
  /** Largest addition up to `mostA` that keeps every row; 0 when a row is full. */
  room(device: number, mostA: number): number
  /** The row on its path that `amps` more would exceed by the largest part; `null` = none. */
  blocking(device: number, amps: number): OccupancyRow | null
  /** Load over limit of the fullest row, and which row that is; -1 when nothing is loaded. */
  fullest(): { readonly ratio: number; readonly row: number }
}

export interface OccupancyRow {
  readonly node: number
  /** 0..2 = line, 3 = power. */
  readonly line: number
  /** Amperes or watts. */
  readonly limit: number
}

const POWER = 3
const SMALL = 1e-12
/** What a row may be exceeded by for rounding. */
const tolerance = (limit: number): number => Math.max(1e-5, 1e-7 * limit)

const rowsOf = (nodes: readonly OccupancyNode[]): OccupancyRow[] =>
  nodes.flatMap(({ limitA, limitW }, node) => {
    const lines = limitA?.map((limit, line) => ({ node, line, limit: Math.max(0, limit) })) ?? []
    const power = limitW === null ? [] : [{ node, line: POWER, limit: Math.max(0, limitW) }]
    return [...lines, ...power]
  })

interface Entry {
  readonly row: number
  readonly re: number
  readonly im: number
}

/** What an ampere of a device adds to the rows on its path. */
const entriesOf = (
  { node, line, wattsPerAmp }: OccupancyDevice,
  nodes: readonly OccupancyNode[],
  rowOf: ReadonlyMap<number, number>,
): Entry[] => {
  const entries: Entry[] = []
  for (let n = node; n >= 0; n = nodes[n].parent) {
    const { deltaRatio } = nodes[n]
    const here = deltaRatio === null ? line : atDeltaSide(line, deltaRatio)
    for (let k = 0; k < 4; k++) {
      const row = rowOf.get(n * 4 + k)
      if (row === undefined) continue
      const re = k === POWER ? wattsPerAmp : here.re[k]
      const im = k === POWER ? 0 : here.im[k]
      if (Math.abs(re) > SMALL || Math.abs(im) > SMALL) entries.push({ row, re, im })
    }
  }
  return entries
}

export const createOccupancy = (
  nodes: readonly OccupancyNode[],
  devices: readonly OccupancyDevice[],
): Occupancy => {
  const rows = rowsOf(nodes)
  const rowOf = new Map(rows.map((row, index) => [row.node * 4 + row.line, index]))
  const start = new Int32Array(devices.length + 1)
  const entries: Entry[] = []
  devices.forEach((device, d) => {
    entries.push(...entriesOf(device, nodes, rowOf))
    start[d + 1] = entries.length
  })
  const row = Int32Array.from(entries, (entry) => entry.row)
  const re = Float64Array.from(entries, (entry) => entry.re)
  const im = Float64Array.from(entries, (entry) => entry.im)
  const loadRe = new Float64Array(rows.length)
  const loadIm = new Float64Array(rows.length)
  const limits = Float64Array.from(rows, ({ limit }) => limit)
  const squares = Float64Array.from(rows, ({ limit }) => (limit + tolerance(limit)) ** 2)

  return {
    rows,
    clear: () => {
      loadRe.fill(0)
      loadIm.fill(0)
    },
    add: (device, amps) => {
      for (let k = start[device]; k < start[device + 1]; k++) {
        loadRe[row[k]] += amps * re[k]
        loadIm[row[k]] += amps * im[k]
      }
    },
    fits: (device, amps) => {
      for (let k = start[device]; k < start[device + 1]; k++) {
        const x = loadRe[row[k]] + amps * re[k]
        const y = loadIm[row[k]] + amps * im[k]
        if (x * x + y * y > squares[row[k]]) return false
      }
      return true
    },
    blocking: (device, amps) => {
      let found: OccupancyRow | null = null
      let worst = 1
      for (let k = start[device]; k < start[device + 1]; k++) {
        const x = loadRe[row[k]] + amps * re[k]
        const y = loadIm[row[k]] + amps * im[k]
        const part = squares[row[k]] > 0 ? (x * x + y * y) / squares[row[k]] : Infinity
        if (part <= worst) continue
        worst = part
        found = rows[row[k]]
      }
      return found
    },
    room: (device, mostA) => {
      let amps = mostA
      for (let k = start[device]; k < start[device + 1]; k++) {
        // |load + amps * direction| = limit: a quadratic of which the larger root counts.
        const x = loadRe[row[k]]
        const y = loadIm[row[k]]
        const a = re[k] * re[k] + im[k] * im[k]
        const b = x * re[k] + y * im[k]
        const c = x * x + y * y - limits[row[k]] ** 2
        const square = b * b - a * c
        if (square < 0) return 0
        amps = Math.min(amps, (Math.sqrt(square) - b) / a)
        if (amps <= 0) return 0
      }
      return amps
    },
    fullest: () => {
      let ratio = 0
      let found = -1
      rows.forEach(({ limit }, r) => {
        const load = Math.hypot(loadRe[r], loadIm[r])
        const part = limit > 0 ? load / limit : load > tolerance(0) ? Infinity : 0
        if (part <= ratio) return
        ratio = part
        found = r
      })
      return { ratio, row: found }
    },
  }
}
