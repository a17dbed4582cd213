import type { Relaxation } from './relaxation.ts'

/**
 * The rows of the grid connection in the curvature. Each active one adds its sign to the price of
 * the steps it covers: +1 for setpoint and peaks, -1 for the surplus. Exports move with the rows
 * of surplus and peaks but not with the setpoint; a peak level that can move ties the rows of its
 * windows together.
 */
export interface ConnectionCurvature {
  /** Takes the `count` active rows (ascending ids); returns the place of its first one. */
  choose(active: Int32Array, count: number): number
  /** Change of the price per step for a change `v` of the duals. */
  down(v: Float64Array): Float64Array
  /** Adds to `out` what the load changes per step (kWh times eps) and the exports do. */
  up(v: Float64Array, loads: Float64Array, eps: number, delta: number, out: Float64Array): void
  /** Adds to `diagonal`, given the movable weight per step. */
  diagonal(weights: Float64Array, eps: number, delta: number, out: Float64Array): void
}

interface Entries {
  count: number
  readonly step: Int32Array
  readonly place: Int32Array
  readonly sign: Float64Array
  /** kWh of export that can move with the row. */
  readonly exported: Float64Array
  /** 1 where the row is one that exports see. */
  readonly isGrid: Uint8Array
}

/** Windows of peak levels that can move. */
interface Ties {
  count: number
  readonly peak: Int32Array
  readonly place: Int32Array
  readonly hours: Float64Array
}

export const connectionCurvature = (relaxation: Relaxation): ConnectionCurvature => {
  const { model, rows, surplus, peaks } = relaxation
  const { connection, steps } = model
  const most = steps * (2 + peaks.length)
  const entries: Entries = {
    count: 0,
    step: new Int32Array(most),
    place: new Int32Array(most),
    sign: new Float64Array(most),
    exported: new Float64Array(most),
    isGrid: new Uint8Array(most),
  }
  const ties: Ties = {
    count: 0,
    peak: new Int32Array(most),
    place: new Int32Array(most),
    hours: new Float64Array(most),
  }
  const stepIn = new Float64Array(steps)
  const gridIn = new Float64Array(steps)
  const pushed = new Float64Array(peaks.length)
  /** Place of each of the connection's rows among the active ones, -1 where it is not. */
  const places = new Int32Array(rows.count - rows.network)
  const placeOf = (row: number): number => places[row - rows.network]

  const movableExport = (t: number): number => {
    const part = surplus.part[t]
    return part > 0 && part < 1 ? rows.exportable[t] : 0
  }

  const add = (step: number, row: number, sign: number, isGrid: 0 | 1): void => {
    const place = placeOf(row)
    if (place < 0) return
    const at = entries.count++
    entries.step[at] = step
    entries.place[at] = place
    entries.sign[at] = sign
    entries.isGrid[at] = isGrid
    entries.exported[at] = isGrid === 1 ? movableExport(step) : 0
  }

  const tieWindows = (k: number): void => {
    const { hours, isFree } = peaks[k]
    const { first } = connection.peaks[k]
    if (!isFree) return
    for (let w = 0; w < first.length; w++) {
      const place = placeOf(rows.peaks[k] + first[w])
      if (place < 0) continue
      const at = ties.count++
      ties.peak[at] = k
      ties.place[at] = place
      ties.hours[at] = hours[w]
    }
  }

  return {
    choose: (active, count) => {
      places.fill(-1)
      let own = count
      while (own > 0 && active[own - 1] >= rows.network) own--
      for (let k = own; k < count; k++) places[active[k] - rows.network] = k
      entries.count = 0
      ties.count = 0
      for (let t = 0; t < steps; t++) {
        if (rows.surplus >= 0) add(t, rows.surplus + t, -1, 1)
        if (rows.setpoint >= 0) add(t, rows.setpoint + t, 1, 0)
        for (let k = 0; k < peaks.length; k++) {
          const { window, first } = connection.peaks[k]
          if (window[t] >= 0) add(t, rows.peaks[k] + first[window[t]], 1, 1)
        }
      }
      for (let k = 0; k < peaks.length; k++) tieWindows(k)
      return own
    },
    down: (v) => {
      const { count, step, place, sign, isGrid } = entries
      stepIn.fill(0)
      gridIn.fill(0)
      for (let e = 0; e < count; e++) {
        const change = sign[e] * v[place[e]]
        stepIn[step[e]] += change
        if (isGrid[e] === 1) gridIn[step[e]] += change
      }
      return stepIn
    },
    up: (v, loads, eps, delta, out) => {
      const { count, step, place, sign, exported } = entries
      for (let e = 0; e < count; e++) {
        const t = step[e]
        out[place[e]] += (sign[e] * (loads[t] + exported[e] * gridIn[t])) / eps
      }
      pushed.fill(0)
      for (let j = 0; j < ties.count; j++) pushed[ties.peak[j]] += ties.hours[j] * v[ties.place[j]]
      for (let j = 0; j < ties.count; j++) {
        out[ties.place[j]] += (ties.hours[j] * pushed[ties.peak[j]]) / delta
      }
    },
    diagonal: (weights, eps, delta, out) => {
      const { count, step, place, exported } = entries
      for (let e = 0; e < count; e++) out[place[e]] += (weights[step[e]] + exported[e]) / eps
      for (let j = 0; j < ties.count; j++) {
        out[ties.place[j]] += (ties.hours[j] * ties.hours[j]) / delta
      }
    },
  }
}
