import { batteryFleet } from './devices/battery.ts'
import { batteryState, type BatteryState } from './devices/battery-state.ts'
import { evFleet, evState, type EvState } from './devices/ev.ts'
import type { Fleet } from './devices/fleet.ts'
import { peakLevel, type PeakLevel } from './devices/peak.ts'
import { surplusOf, type Surplus } from './devices/surplus.ts'
import type { Model } from './model.ts'
import { layRows, type Rows } from './rows.ts'
import { regionScope, wholeScope, type Scope } from './scope.ts'
import { markPriced, sumClasses, sweepLoads, sweepPrices } from './sweeps.ts'

/**
 * The problem with its coupling rows priced instead of enforced. At dual prices `duals` every
 * device answers for itself; what is left is the value
 *
 *     G(duals) = sum of the devices' costs + cost at the connection - duals * rhs
 *
 * which with a moving price eps > 0 is concave and differentiable, its gradient being how much
 * each row is exceeded. One evaluation is O(entries * passes + classes * rows * steps).
 */
export interface Relaxation {
  readonly model: Model
  readonly rows: Rows
  readonly duals: Float64Array
  readonly evs: EvState
  readonly batteries: BatteryState
  readonly surplus: Surplus
  readonly peaks: readonly PeakLevel[]
  readonly whole: Scope
  /** One per region of the network that has rows of its own. */
  readonly regions: readonly Scope[]
  /** Price of a kWh and load in kWh per class and step at the last evaluation. */
  readonly prices: Float64Array
  readonly classLoads: Float64Array
  readonly rowLoads: Float64Array
  /** kWh per step of all devices, and exported. */
  readonly total: Float64Array
  readonly exported: Float64Array
  /** By how much each row is exceeded, kWh. */
  readonly gradient: Float64Array
  readonly stepPrice: Float64Array
  /** Blocks of the network with a dual other than 0. */
  readonly isPriced: Uint8Array
  /** sig - rho per step: what the rows of the connection pay for export. */
  readonly push: Float64Array
  /** Part of the price per step that is not in the true cost: later is dearer by a trifle. */
  readonly tieBreak: Float64Array
}

/** How much dearer the last step is than the first, as a part of the mean price. */
const TIE_BREAK = 1e-3

const tieBreakOf = ({ connection, steps }: Model): Float64Array => {
  let mean = 0
  for (const price of connection.importPrice) mean += Math.abs(price) / steps
  return Float64Array.from({ length: steps }, (_, t) => (TIE_BREAK * mean * t) / steps)
}

/** The devices of each region that have a window. */
const membersOf = (
  table: { count: number; class: Int32Array; from: Int32Array; to: Int32Array },
  regionStart: Int32Array,
): Int32Array[] => {
  const regions = regionStart.length - 1
  const regionOfClass = new Int32Array(regionStart[regions])
  for (let r = 0; r < regions; r++) regionOfClass.fill(r, regionStart[r], regionStart[r + 1])
  const members: number[][] = Array.from({ length: regions }, () => [])
  for (let i = 0; i < table.count; i++) {
    if (table.to[i] > table.from[i]) members[regionOfClass[table.class[i]]].push(i)
  }
  return members.map((list) => Int32Array.from(list))
}

export const relax = (model: Model): Relaxation => {
  const { steps, network, connection } = model
  const rows = layRows(model)
  const evs = evState(model.evs, steps)
  const batteries = batteryState(model.batteries, steps)
  const batteriesOf = membersOf(model.batteries, network.regionStart)
  const fleetsOf = membersOf(model.evs, network.regionStart).map((members, r) => {
    const fleets: Fleet[] = []
    if (members.length > 0) fleets.push(evFleet(model.evs, members, evs, steps))
    if (batteriesOf[r].length > 0) {
      fleets.push(batteryFleet(model.batteries, batteriesOf[r], batteries, steps))
    }
    return fleets
  })
  const regions: Scope[] = []
  for (let r = 1; r < fleetsOf.length; r++) {
    regions.push(regionScope(network, rows, fleetsOf[r], r))
  }
  return {
    model,
    rows,
    duals: new Float64Array(rows.count),
    evs,
    batteries,
    surplus: surplusOf(connection, rows.exportable),
    peaks: connection.peaks.map((peak) => peakLevel(peak)),
    whole: wholeScope(network, rows, fleetsOf.flat()),
    regions: regions.filter((region) => region.rows.length > 0),
    prices: new Float64Array(network.classes * steps),
    classLoads: new Float64Array(network.classes * steps),
    rowLoads: new Float64Array(rows.network),
    total: new Float64Array(steps),
    exported: new Float64Array(steps),
    gradient: new Float64Array(rows.count),
    stepPrice: new Float64Array(steps),
    isPriced: new Uint8Array(network.blocks.length),
    push: new Float64Array(steps),
    tieBreak: tieBreakOf(model),
  }
}

/** Fills `push` and `stepPrice` from the duals of the connection's rows. */
export const priceConnection = (relaxation: Relaxation, duals: Float64Array): void => {
  const { model, rows, push, stepPrice, tieBreak } = relaxation
  const { connection, steps } = model
  for (let t = 0; t < steps; t++) push[t] = rows.surplus >= 0 ? duals[rows.surplus + t] : 0
  for (let k = 0; k < connection.peaks.length; k++) {
    const { window, first } = connection.peaks[k]
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) push[t] -= duals[rows.peaks[k] + first[window[t]]]
    }
  }
  for (let t = 0; t < steps; t++) {
    stepPrice[t] = connection.importPrice[t] + tieBreak[t] - push[t]
    if (rows.setpoint >= 0) stepPrice[t] += duals[rows.setpoint + t]
  }
}

/** Lets the devices of a scope answer to the present duals; returns their cost. */
const respond = (relaxation: Relaxation, scope: Scope, eps: number): number => {
  const { model, prices, classLoads, duals, stepPrice, isPriced } = relaxation
  const { firstClass, lastClass, fleets, blocks } = scope
  markPriced(blocks, model.steps, duals, isPriced)
  sweepPrices(model.network, duals, isPriced, stepPrice, prices, firstClass, lastClass)
  classLoads.fill(0, firstClass * model.steps, lastClass * model.steps)
  let cost = 0
  for (const fleet of fleets) cost += fleet.respond(prices, eps, classLoads)
  return cost
}

/** Loads and gradient of the network rows of a scope; returns - duals * rhs. */
const loadNetwork = (relaxation: Relaxation, scope: Scope): number => {
  const { model, rowLoads, classLoads, gradient, duals } = relaxation
  const { network, steps } = model
  const { blocks } = scope
  for (const b of blocks) rowLoads.fill(0, b * steps, (b + 1) * steps)
  sweepLoads(scope, steps, classLoads, rowLoads)
  let value = 0
  for (const b of blocks) {
    for (let row = b * steps; row < (b + 1) * steps; row++) {
      gradient[row] = rowLoads[row] - network.rhs[row]
      if (duals[row] !== 0) value -= duals[row] * network.rhs[row]
    }
  }
  return value
}

/** What base load and setpoint add to the value; needs `push` at these duals. */
export const connectionConstant = (relaxation: Relaxation, duals: Float64Array): number => {
  const { model, rows, push } = relaxation
  const { baseKWh, importPrice, exportPrice, setpoint, steps } = model.connection
  let value = 0
  for (let t = 0; t < steps; t++) {
    value -= push[t] * baseKWh[t]
    if (baseKWh[t] < 0) value += (importPrice[t] - exportPrice[t]) * baseKWh[t]
    if (setpoint !== null) value -= duals[rows.setpoint + t] * setpoint.kWh[t]
  }
  return value
}

const connectionGradient = (relaxation: Relaxation): void => {
  const { model, rows, total, exported, gradient, peaks } = relaxation
  const { connection, steps } = model
  const { baseKWh, setpoint } = connection
  for (let t = 0; t < steps; t++) {
    if (rows.surplus >= 0) gradient[rows.surplus + t] = -(baseKWh[t] + total[t] + exported[t])
    if (setpoint !== null) gradient[rows.setpoint + t] = total[t] - setpoint.kWh[t]
  }
  connection.peaks.forEach(({ window, first }, k) => {
    const at = rows.peaks[k]
    for (let w = 0; w < first.length; w++) {
      gradient[at + first[w]] = -peaks[k].level * peaks[k].hours[w]
    }
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) gradient[at + first[window[t]]] += baseKWh[t] + total[t] + exported[t]
    }
  })
}

/**
 * Evaluates a scope at the present duals (which must be within their limits): devices, loads,
 * gradient. Returns its part of G; parts of different scopes cannot be compared. `delta` is the
 * moving price of the peaks, currency per kW and kW. A region needs the `stepPrice` of an earlier
 * evaluation of the whole.
 */
export const evaluate = (
  relaxation: Relaxation,
  scope: Scope,
  eps: number,
  delta: number,
): number => {
  const { model, rows, duals, surplus, peaks } = relaxation
  if (scope.isWhole) priceConnection(relaxation, duals)
  let value = respond(relaxation, scope, eps) + loadNetwork(relaxation, scope)
  if (!scope.isWhole) return value
  sumClasses(model.network, relaxation.classLoads, relaxation.total)
  value += surplus.respond(relaxation.push, eps, relaxation.exported)
  for (let k = 0; k < peaks.length; k++) value += peaks[k].respond(duals, rows.peaks[k], delta)
  connectionGradient(relaxation)
  return value + connectionConstant(relaxation, duals)
}

/** The answers of the last evaluation become the centres of the next. */
export const recentre = ({ evs, batteries, surplus, peaks }: Relaxation): void => {
  evs.centre.set(evs.profile)
  batteries.chargeCentre.set(batteries.charge)
  batteries.dischargeCentre.set(batteries.discharge)
  surplus.recentre()
  for (const peak of peaks) peak.centre = peak.level
}
