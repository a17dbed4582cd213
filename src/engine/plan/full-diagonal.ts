import type { Model } from './model.ts'
import type { Relaxation } from './relaxation.ts'

/** Power of all devices that can be there, kWh per class and step. */
const fullPower = ({ evs, batteries, network, steps }: Model): Float64Array => {
  const power = new Float64Array(network.classes * steps)
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps
    for (let t = evs.from[i]; t < evs.to[i]; t++) power[at + t] += evs.full[i]
  }
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps
    const both = batteries.chargeFull[i] + batteries.dischargeFull[i]
    for (let t = batteries.from[i]; t < batteries.to[i]; t++) power[at + t] += both
  }
  return power
}

/**
 * The diagonal that the curvature would have if every entry of every window could move, times
 * eps: sum of coef^2 * full power on the rows of the network, the total on those of the
 * connection (without what the peak levels add). O(classes * rows * steps).
 */
export const fullDiagonal = ({ model, rows }: Relaxation): Float64Array => {
  const { network, connection, steps } = model
  const power = fullPower(model)
  const diagonal = new Float64Array(rows.count)
  const total = rows.exportable.slice()
  for (let c = 0; c < network.classes; c++) {
    for (let t = 0; t < steps; t++) total[t] += power[c * steps + t]
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      const square = network.coef[j] * network.coef[j]
      for (let t = 0; t < steps; t++) diagonal[row + t] += square * power[c * steps + t]
    }
  }
  if (rows.surplus >= 0) diagonal.set(total, rows.surplus)
  if (rows.setpoint >= 0) diagonal.set(total, rows.setpoint)
  connection.peaks.forEach(({ window, first }, k) => {
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) diagonal[rows.peaks[k] + first[window[t]]] += total[t]
    }
  })
  return diagonal
}
