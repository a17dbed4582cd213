import type { Connection, Peak } from './connection.ts'
import type { Model } from './model.ts'

/**
 * All coupling rows of the problem in one vector: the blocks of the network, then those of the
 * grid connection, every block with one place per step. Their dual prices (currency per kWh) are
 * the unknowns of the solver.
 *
 *     network     sum coef X - rhs <= 0                       0 <= lam <= top
 *     surplus     -(base + W + u) <= 0                        sig >= 0     (import >= 0)
 *     setpoint    W - target = over - under                   |tau| <= price
 *     peak k      sum over window (base + W + u) - P c <= 0   rho >= 0, sum rho c <= pricePerKw
 *
 * with W the planned total, u the export, P the peak in kW and c the hours of the window. A peak
 * window keeps its row at its first step.
 */
export interface Rows {
  readonly count: number
  /** Rows of the network are 0 .. network. */
  readonly network: number
  /** First row of the block; -1 where there is none. */
  readonly surplus: number
  readonly setpoint: number
  readonly peaks: Int32Array
  /** 1 where the row can bind at all. */
  readonly can: Uint8Array
  readonly low: Float64Array
  readonly high: Float64Array
  /** The most that can be exported at each step, kWh; 0 where import is certain. */
  readonly exportable: Float64Array
}

/** Hours that one kW of peak covers in each window: kWh per kW. */
export const windowHours = ({ kwPerKWh }: Peak): Float64Array => kwPerKWh.map((kw) => 1 / kw)

const exportableOf = ({ baseKWh, feed }: Connection): Float64Array =>
  baseKWh.map((base, t) => Math.max(0, feed[t] - base))

const markPeak = (
  rows: Pick<Rows, 'can' | 'high'>,
  first: number,
  peak: Peak,
  { baseKWh, draw }: Connection,
): void => {
  const most = new Float64Array(peak.first.length)
  peak.window.forEach((w, t) => {
    if (w >= 0) most[w] += Math.max(0, baseKWh[t] + draw[t])
  })
  most.forEach((kWh, w) => {
    if (kWh * peak.kwPerKWh[w] <= peak.billedKw) return
    rows.can[first + peak.first[w]] = 1
    rows.high[first + peak.first[w]] = Infinity
  })
}

export const layRows = ({ network, connection, steps }: Model): Rows => {
  const exportable = exportableOf(connection)
  const isSurplus = exportable.some((kWh) => kWh > 0)
  const networkRows = network.blocks.length * steps
  let count = networkRows
  const claim = (wanted: boolean): number => {
    if (!wanted) return -1
    count += steps
    return count - steps
  }
  const surplus = claim(isSurplus)
  const setpoint = claim(connection.setpoint !== null)
  const peaks = Int32Array.from(connection.peaks, () => claim(true))
  const can = new Uint8Array(count)
  const low = new Float64Array(count)
  const high = new Float64Array(count)
  can.set(network.can)
  high.set(network.top)
  for (let t = 0; t < steps; t++) {
    if (isSurplus && exportable[t] > 0) {
      can[surplus + t] = 1
      high[surplus + t] = Infinity
    }
    if (connection.setpoint !== null) {
      const price = connection.setpoint.price[t]
      can[setpoint + t] = price > 0 ? 1 : 0
      low[setpoint + t] = -price
      high[setpoint + t] = price
    }
  }
  connection.peaks.forEach((peak, k) => markPeak({ can, high }, peaks[k], peak, connection))
  return { count, network: networkRows, surplus, setpoint, peaks, can, low, high, exportable }
}
