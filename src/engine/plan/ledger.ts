import { importAt, type Connection } from './connection.ts'
import type { Model, Schedule } from './model.ts'
import type { Network } from './network.ts'

/**
 * Running totals of a schedule on every row, so that a heuristic can ask "how much more fits
 * here" in O(rows on the path). Rows with helping (negative) entries count as they stand: room
 * that another device makes can be used.
 */
export interface Ledger {
  /** `blocks * steps`, kWh as the rows count it. */
  readonly load: Float64Array
  /** All planned devices together, kWh per step. */
  readonly total: Float64Array
  /** kWh imported per peak and window. */
  readonly imported: readonly Float64Array[]
}

const importedPerWindow = (connection: Connection, total: Float64Array): Float64Array[] =>
  connection.peaks.map(({ window, first }) => {
    const sums = new Float64Array(first.length)
    for (let t = 0; t < connection.steps; t++) {
      if (window[t] >= 0) sums[window[t]] += importAt(connection, t, total[t])
    }
    return sums
  })

export const emptyLedger = (model: Model): Ledger => {
  const total = new Float64Array(model.steps)
  return {
    load: new Float64Array(model.network.blocks.length * model.steps),
    total,
    imported: importedPerWindow(model.connection, total),
  }
}

/** Adds `kWh` (negative = less) of a device of class `cls` at step `t`. */
export const book = (model: Model, ledger: Ledger, cls: number, t: number, kWh: number): void => {
  const { network, connection, steps } = model
  for (let j = network.start[cls]; j < network.start[cls + 1]; j++) {
    ledger.load[network.block[j] * steps + t] += network.coef[j] * kWh
  }
  const before = importAt(connection, t, ledger.total[t])
  ledger.total[t] += kWh
  const change = importAt(connection, t, ledger.total[t]) - before
  connection.peaks.forEach(({ window }, k) => {
    if (window[t] >= 0) ledger.imported[k][window[t]] += change
  })
}

/** kWh that one more device of class `cls` may draw at step `t`; never negative. */
export const room = (network: Network, ledger: Ledger, cls: number, t: number): number => {
  const { start, block, coef, rhs, steps } = network
  let least = Infinity
  for (let j = start[cls]; j < start[cls + 1]; j++) {
    if (coef[j] <= 0) continue
    const row = block[j] * steps + t
    const fits = (rhs[row] - ledger.load[row]) / coef[j]
    if (fits < least) least = fits
  }
  return least > 0 ? least : 0
}

/** kWh that can still be imported at step `t` without lifting any peak above its level (kW). */
export const roomBelowPeaks = (
  connection: Connection,
  ledger: Ledger,
  levelsKw: Float64Array,
  t: number,
): number => {
  let least = Infinity
  for (let k = 0; k < connection.peaks.length; k++) {
    const { window, kwPerKWh } = connection.peaks[k]
    const w = window[t]
    if (w < 0) continue
    const fits = levelsKw[k] / kwPerKWh[w] - ledger.imported[k][w]
    if (fits < least) least = fits
  }
  return least > 0 ? least : 0
}

/** The ledger of a whole schedule. O(entries + classes * rows * steps). */
export const ledgerOf = (model: Model, schedule: Schedule): Ledger => {
  const { network, steps } = model
  const perClass = classLoads(model, schedule)
  const load = new Float64Array(network.blocks.length * steps)
  const total = new Float64Array(steps)
  for (let c = 0; c < network.classes; c++) {
    for (let t = 0; t < steps; t++) total[t] += perClass[c * steps + t]
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      for (let t = 0; t < steps; t++) load[row + t] += network.coef[j] * perClass[c * steps + t]
    }
  }
  return { load, total, imported: importedPerWindow(model.connection, total) }
}

/** Net kWh per class and step (`classes * steps`). */
const classLoads = ({ evs, batteries, network, steps }: Model, schedule: Schedule) => {
  const loads = new Float64Array(network.classes * steps)
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps + evs.from[i]
    const length = evs.to[i] - evs.from[i]
    for (let k = 0; k < length; k++) loads[at + k] += schedule.ev[evs.offset[i] + k]
  }
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps + batteries.from[i]
    const length = batteries.to[i] - batteries.from[i]
    for (let k = 0; k < length; k++) {
      const entry = batteries.offset[i] + k
      loads[at + k] += schedule.charge[entry] - schedule.discharge[entry]
    }
  }
  return loads
}
