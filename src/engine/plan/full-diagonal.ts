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
 * The diagonal that the curvature would have if everything could move: `devices / eps` from every
 * entry of every window (coef^2 * full power) and all exports, plus `peaks / delta` from the peak
 * levels (hours^2). One value per row.
 */
export interface FullDiagonal {
  readonly devices: Float64Array
  readonly peaks: Float64Array
}

/** O(classes * rows * steps). */
export const fullDiagonal = ({ model, rows, peaks }: Relaxation): FullDiagonal => {
  const { network, connection, steps } = model
  const power = fullPower(model)
  const diagonal = { devices: new Float64Array(rows.count), peaks: new Float64Array(rows.count) }
  const total = rows.exportable.slice()
  for (let c = 0; c < network.classes; c++) {
    for (let t = 0; t < steps; t++) total[t] += power[c * steps + t]
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      const square = network.coef[j] * network.coef[j]
      for (let t = 0; t < steps; t++) diagonal.devices[row + t] += square * power[c * steps + t]
    }
  }
  if (rows.surplus >= 0) diagonal.devices.set(total, rows.surplus)
  if (rows.setpoint >= 0) diagonal.devices.set(total, rows.setpoint)
  connection.peaks.forEach(({ window, first }, k) => {
    const at = rows.peaks[k]
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) diagonal.devices[at + first[window[t]]] += total[t]
    }
    peaks[k].hours.forEach((hours, w) => (diagonal.peaks[at + first[w]] = hours * hours))
  })
  return diagonal
}
