import { batteriesBound } from './devices/battery-state.ts'
import { evsBound } from './devices/ev-bound.ts'
import { pushOf } from './devices/peak.ts'
import { connectionConstant, priceConnection, type Relaxation } from './relaxation.ts'
import type { StepOrder } from './step-order.ts'
import { markPriced, sweepPrices } from './sweeps.ts'

/**
 * The certificate: for any admissible duals the Lagrangian without moving prices is a lower bound
 * of the cost of every plan,
 *
 *     sum of what devices cost at least at these prices - duals * rhs + connection
 *
 * Admissible means within the limits of rows.ts; the duals of each peak are scaled down so that
 * together they pay no more than its price, and the tie-break is left out. Leaves the prices and
 * the order of the steps by price for the repair. `scratch` holds the admissible duals.
 */
export const dualBound = (
  relaxation: Relaxation,
  scratch: Float64Array,
  order: StepOrder,
): number => {
  const { duals, model, rows, peaks, prices, stepPrice, tieBreak, whole, isPriced } = relaxation
  const { connection, network, steps } = model
  scratch.set(duals)
  let bound = 0
  connection.peaks.forEach((peak, k) => {
    const push = pushOf(peak, peaks[k].hours, scratch, rows.peaks[k])
    if (push <= peak.pricePerKw) return
    const shrink = peak.pricePerKw / push
    for (const t of peak.first) scratch[rows.peaks[k] + t] *= shrink
  })
  connection.peaks.forEach((peak, k) => {
    bound -= pushOf(peak, peaks[k].hours, scratch, rows.peaks[k]) * peak.billedKw
  })
  priceConnection(relaxation, scratch)
  for (let t = 0; t < steps; t++) stepPrice[t] -= tieBreak[t]
  markPriced(whole.blocks, steps, scratch, isPriced)
  sweepPrices(network, scratch, isPriced, stepPrice, prices)
  order.sort(prices)
  bound += evsBound(model.evs, prices, order.order, steps)
  bound += batteriesBound(model.batteries, relaxation.batteries, prices, steps)
  for (let row = 0; row < rows.network; row++) {
    if (scratch[row] !== 0) bound -= scratch[row] * network.rhs[row]
  }
  return bound + relaxation.surplus.bound(relaxation.push) + connectionConstant(relaxation, scratch)
}
