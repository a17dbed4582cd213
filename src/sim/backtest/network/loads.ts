import { atDeltaSide } from '../../../domain/wiring.ts'
import type { Network } from './network.ts'

/**
 * Every limit of a network as one row |sum over EVSEs of (re + j im) * amperes| <= limit: lines in
 * amperes as phasor sums, power in watts without imaginary part. Keeps the load on each row, so
 * that asking for one EVSE costs O(rows on its path).
 */
export interface Loads {
  readonly rows: readonly LoadRow[]
  clear(): void
  /** Puts `amps` more of an EVSE on its rows. */
  add(evse: number, amps: number): void
  /** Whether `amps` more would keep every row on its path. */
  fits(evse: number, amps: number): boolean
  /** Largest addition up to `mostA` that keeps every row; 0 when a row is full. */
  room(evse: number, mostA: number): number
  /** Load over limit of the fullest row, and which row that is; -1 when there is none. */
  fullest(): { readonly ratio: number; readonly row: number }
}

export interface LoadRow {
  readonly node: number
  /** 0..2 = line, 3 = power. */
  readonly line: number
  /** Amperes or watts. */
  readonly limit: number
}

const POWER = 3
const SMALL = 1e-12
/** What a row may be exceeded by for rounding: the tolerance of the ACN simulator. */
const tolerance = (limit: number): number => Math.max(1e-5, 1e-7 * limit)

export const createLoads = (network: Network): Loads => {
  const { nodes, evses } = network
  const rows: LoadRow[] = []
  const rowOf = new Map<number, number>()
  nodes.forEach(({ limitA, limitW }, node) => {
    const add = (line: number, limit: number): void => {
      rowOf.set(node * 4 + line, rows.length)
      rows.push({ node, line, limit })
    }
    limitA?.forEach((limit, line) => add(line, limit))
    if (limitW !== null) add(POWER, limitW)
  })

  const start = new Int32Array(evses.length + 1)
  const entries: { row: number; re: number; im: number }[] = []
  evses.forEach((evse, e) => {
    for (let n = evse.node; n >= 0; n = nodes[n].parent) {
      const { deltaRatio } = nodes[n]
      const line = deltaRatio === null ? evse.line : atDeltaSide(evse.line, deltaRatio)
      for (let k = 0; k < 4; k++) {
        const row = rowOf.get(n * 4 + k)
        if (row === undefined) continue
        const re = k === POWER ? evse.wattsPerAmp : line.re[k]
        const im = k === POWER ? 0 : line.im[k]
        if (Math.abs(re) > SMALL || Math.abs(im) > SMALL) entries.push({ row, re, im })
      }
    }
    start[e + 1] = entries.length
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
    add: (evse, amps) => {
      for (let k = start[evse]; k < start[evse + 1]; k++) {
        loadRe[row[k]] += amps * re[k]
        loadIm[row[k]] += amps * im[k]
      }
    },
    fits: (evse, amps) => {
      for (let k = start[evse]; k < start[evse + 1]; k++) {
        const x = loadRe[row[k]] + amps * re[k]
        const y = loadIm[row[k]] + amps * im[k]
        if (x * x + y * y > squares[row[k]]) return false
      }
      return true
    },
    room: (evse, mostA) => {
      let amps = mostA
      for (let k = start[evse]; k < start[evse + 1]; k++) {
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
