import { createHeap } from './heap.ts'
import { POWER_ROW, type Draws, type Rows } from './rows.ts'
import type { Topology } from './topology.ts'

/**
 * Max-min fair filling of one priority class, by raising a common level.
 *
 * Everyone stands at its minimum. The level rises; an EVSE joins when the level passes its present
 * grant and leaves when it reaches its maximum or when a row of its zones is full. While nothing
 * changes, the load of a row is a straight line (for phasors: the length of a vector that moves
 * along a straight line), so the level at which it fills is a root of a quadratic. Leaving EVSEs
 * can only postpone that level, therefore a heap with lazy re-computation finds the next full row.
 * Cost: O(N depth log rows) per class. (Bertsekas, Gallager: Data Networks, 6.5.2.)
 */
export type Fill = (
  rows: Rows,
  draws: Draws,
  /** The class; each already counted in `rows` at its present grant. */
  members: readonly number[],
  /** In and out. */
  grantA: Float64Array,
  maxA: Float64Array,
  /** Out: `zone * 4 + row` that stopped the EVSE, -1 = its own maximum. */
  stoppedBy: Int32Array,
) => void

const WAITING = 0
const RISING = 1
const STOPPED = 2

/** Work space for one topology; the function it returns may be called any number of times. */
export const createFill = (topology: Topology): Fill => {
  const { zoneCount, zones, zonesFrom } = topology
  // How fast each row fills per ampere of level, and the level at which its load was last taken.
  const speedRe = new Float64Array(zoneCount * 3)
  const speedIm = new Float64Array(zoneCount * 3)
  const speedW = new Float64Array(zoneCount)
  const takenAt = new Float64Array(zoneCount)
  const state = new Uint8Array(topology.evseCount)
  const heap = createHeap(zoneCount * 4)
  const touched = new Uint8Array(zoneCount)

  const takeLoads = (rows: Rows, zone: number, level: number): void => {
    const rise = level - takenAt[zone]
    takenAt[zone] = level
    if (rise <= 0) return
    for (let k = zone * 3; k < zone * 3 + 3; k++) {
      rows.re[k] += rise * speedRe[k]
      rows.im[k] += rise * speedIm[k]
    }
    rows.loadW[zone] += rise * speedW[zone]
  }

  const changeSpeed = (
    rows: Rows,
    draws: Draws,
    evse: number,
    level: number,
    sign: 1 | -1,
  ): void => {
    for (let k = zonesFrom[evse]; k < zonesFrom[evse + 1]; k++) {
      const zone = zones[k]
      takeLoads(rows, zone, level)
      for (let line = 0; line < 3; line++) {
        speedRe[zone * 3 + line] += sign * draws.re[evse * 3 + line]
        speedIm[zone * 3 + line] += sign * draws.im[evse * 3 + line]
      }
      speedW[zone] += sign * draws.watts[evse]
    }
  }

  /** The level at which a row is full at the present speeds. */
  const fullAt = (rows: Rows, row: number): number => {
    const zone = row >> 2
    const line = row & 3
    if (line === POWER_ROW) {
      if (speedW[zone] <= 1e-9) return Infinity
      return takenAt[zone] + Math.max(0, rows.capW[zone] - rows.loadW[zone]) / speedW[zone]
    }
    const k = zone * 3 + line
    return takenAt[zone] + stepToLimit(rows.re[k], rows.im[k], speedRe[k], speedIm[k], rows.capA[k])
  }

  const enterRows = (rows: Rows): void => {
    for (let zone = 0; zone < zoneCount; zone++) {
      if (touched[zone] === 0) continue
      touched[zone] = 0
      for (let row = zone * 4; row < zone * 4 + 4; row++) {
        const cap = (row & 3) === POWER_ROW ? rows.capW[zone] : rows.capA[zone * 3 + (row & 3)]
        if (cap !== Infinity) heap.set(row, fullAt(rows, row))
      }
    }
  }

  /** The next row to fill: the top of the heap once its level is up to date. */
  const nextRow = (rows: Rows): number => {
    for (;;) {
      const row = heap.top()
      if (row < 0) return -1
      const level = fullAt(rows, row)
      if (level <= heap.key(row) + 1e-12) return level === Infinity ? -1 : row
      heap.set(row, level)
    }
  }

  return (rows, draws, members, grantA, maxA, stoppedBy) => {
    if (members.length === 0) return
    const joining = [...members].sort((a, b) => grantA[a] - grantA[b])
    const leaving = [...members].sort((a, b) => maxA[a] - maxA[b])
    for (const evse of members) state[evse] = WAITING
    let level = grantA[joining[0]]
    speedRe.fill(0)
    speedIm.fill(0)
    speedW.fill(0)
    takenAt.fill(level)
    heap.clear()
    let joined = 0
    let left = 0

    const stop = (evse: number, row: number): void => {
      if (state[evse] === RISING) changeSpeed(rows, draws, evse, level, -1)
      state[evse] = STOPPED
      stoppedBy[evse] = row
    }

    for (;;) {
      let anyJoined = false
      while (joined < joining.length && grantA[joining[joined]] <= level) {
        const evse = joining[joined++]
        if (state[evse] === STOPPED) continue
        if (maxA[evse] <= grantA[evse] + 1e-9) {
          stop(evse, -1)
          continue
        }
        state[evse] = RISING
        changeSpeed(rows, draws, evse, level, 1)
        for (let k = zonesFrom[evse]; k < zonesFrom[evse + 1]; k++) touched[zones[k]] = 1
        anyJoined = true
      }
      if (anyJoined) enterRows(rows)
      while (left < leaving.length && state[leaving[left]] === STOPPED) left++
      if (left === leaving.length) break

      const row = nextRow(rows)
      const rowLevel = row < 0 ? Infinity : Math.max(level, heap.key(row))
      const joinLevel = joined < joining.length ? grantA[joining[joined]] : Infinity
      const leaveLevel = maxA[leaving[left]]
      if (joinLevel < rowLevel && joinLevel < leaveLevel) {
        level = joinLevel
      } else if (leaveLevel <= rowLevel) {
        level = leaveLevel
        const evse = leaving[left++]
        grantA[evse] = level
        stop(evse, -1)
      } else {
        level = rowLevel
        heap.set(row, Infinity)
        stopBelow(topology, draws, row, (evse) => {
          if (state[evse] !== RISING) return
          grantA[evse] = level
          stop(evse, row)
        })
      }
    }
    for (let zone = 0; zone < zoneCount; zone++) takeLoads(rows, zone, level)
  }
}

/** Visits the EVSEs of a row's zone that load it. */
const stopBelow = (
  topology: Topology,
  draws: Draws,
  row: number,
  visit: (evse: number) => void,
): void => {
  const line = row & 3
  for (const evse of topology.members[row >> 2]) {
    const loads =
      line === POWER_ROW
        ? draws.watts[evse] > 0
        : draws.re[evse * 3 + line] !== 0 || draws.im[evse * 3 + line] !== 0
    if (loads) visit(evse)
  }
}

/** Smallest s >= 0 with |(re, im) + s (speedRe, speedIm)| = limit; 0 when already at or above it. */
const stepToLimit = (
  re: number,
  im: number,
  speedRe: number,
  speedIm: number,
  limit: number,
): number => {
  const a = speedRe * speedRe + speedIm * speedIm
  if (a <= 1e-18) return Infinity
  if (im === 0 && speedIm === 0) return Math.max(0, (limit - re) / speedRe)
  const c = re * re + im * im - limit * limit
  if (c >= 0 || limit <= 0) return 0
  const b = re * speedRe + im * speedIm
  return (Math.sqrt(b * b - a * c) - b) / a
}
