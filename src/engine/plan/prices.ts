import type { RowPrice } from './problem.ts'
import type { Relaxation } from './relaxation.ts'

/** Duals below this, currency per kWh, are noise of the solver. */
const NOISE = 1e-4

/**
 * The dual prices of all limits that bind. The rows of one line current (tangents of a circle)
 * add up to one price, that of a kWh of a resistive single-phase load on the line; a peak has its
 * price at every step of the window.
 */
export const rowPrices = ({ model, rows, duals }: Relaxation): RowPrice[] => {
  const { network, connection, steps } = model
  const merged = new Map<string, RowPrice>()
  const add = (price: RowPrice): void => {
    const key = `${price.kind} ${price.node} ${price.line} ${price.step}`
    const pricePerKwh = price.pricePerKwh + (merged.get(key)?.pricePerKwh ?? 0)
    merged.set(key, { ...price, pricePerKwh })
  }
  network.blocks.forEach(({ kind, node, line, inPhase }, b) => {
    for (let step = 0; step < steps; step++) {
      const dual = duals[b * steps + step]
      if (dual <= NOISE) continue
      add({ kind, node, line, step, pricePerKwh: dual * Math.abs(inPhase) })
    }
  })
  connection.peaks.forEach(({ window, first }, k) => {
    for (let step = 0; step < steps; step++) {
      if (window[step] < 0) continue
      const dual = duals[rows.peaks[k] + first[window[step]]]
      if (dual > NOISE) add({ kind: 'peak', node: 0, line: -1, step, pricePerKwh: dual })
    }
  })
  return [...merged.values()]
}
