import type { Wired } from './limit-rows.ts'
import type { PlanPeak, PlanProblem, PlanSetpoint } from './problem.ts'

/**
 * The grid connection: what the total W(t) of all planned devices costs, in kWh per step.
 *
 *     net     = base + W                       import = max(0, net), export = max(0, -net)
 *     energy  = importPrice * import - exportPrice * export        (less the same for W = 0)
 *     tracking = setpointPrice * |W - setpoint|                    in the steps that have one
 *     peak k  = pricePerKw * max(0, highest window average of import - billed)
 *
 * All three are convex as long as feeding in earns no more than importing costs; where a tariff
 * says otherwise the export price counts as the import price.
 */
export interface Connection {
  readonly steps: number
  readonly hours: number
  readonly importPrice: Float64Array
  readonly exportPrice: Float64Array
  readonly baseKWh: Float64Array
  /** Per step; a price of 0 where there is none. */
  readonly setpoint: { readonly kWh: Float64Array; readonly price: Float64Array } | null
  readonly peaks: readonly Peak[]
  /** The most that all devices together can draw and feed back. */
  readonly draw: Float64Array
  readonly feed: Float64Array
}

/** One demand charge. */
export interface Peak {
  readonly pricePerKw: number
  readonly billedKw: number
  /** Window of each step, -1 where the step does not count. */
  readonly window: Int32Array
  /** First step of each window. */
  readonly first: Int32Array
  /** Average kW in the window per kWh imported; a window cut by the horizon counts what is inside. */
  readonly kwPerKWh: Float64Array
}

export const buildPeak = (peak: PlanPeak, steps: number, hours: number): Peak => {
  const { windowSteps, offset, mask } = peak
  const window = new Int32Array(steps).fill(-1)
  const first: number[] = []
  const lengths: number[] = []
  let previous = NaN
  for (let t = 0; t < steps; t++) {
    const index = Math.floor((t - offset) / windowSteps)
    if (index !== previous) {
      first.push(t)
      lengths.push(0)
      previous = index
    }
    lengths[lengths.length - 1]++
    if (mask[t] !== 0) window[t] = first.length - 1
  }
  return {
    pricePerKw: peak.pricePerKw,
    billedKw: peak.billedW / 1000,
    window,
    first: Int32Array.from(first),
    kwPerKWh: Float64Array.from(lengths, (length) => 1 / (length * hours)),
  }
}

const buildSetpoint = (
  { powerW, pricePerKwh, mask }: PlanSetpoint,
  hours: number,
): Connection['setpoint'] => ({
  kWh: powerW.map((watts, t) => (mask?.[t] === 0 ? 0 : (watts * hours) / 1000)),
  price: powerW.map((_, t) => (mask?.[t] === 0 ? 0 : pricePerKwh)),
})

export const buildConnection = (problem: PlanProblem, wired: readonly Wired[]): Connection => {
  const { steps, importPrice, exportPrice, setpoint } = problem
  const hours = problem.stepS / 3600
  const draw = new Float64Array(steps)
  const feed = new Float64Array(steps)
  for (const one of wired) {
    for (let t = 0; t < steps; t++) {
      draw[t] += one.draw[t]
      feed[t] += one.feed[t]
    }
  }
  return {
    steps,
    hours,
    importPrice,
    exportPrice: exportPrice.map((price, t) => Math.min(price, importPrice[t])),
    baseKWh: problem.baseW.map((watts) => (watts * hours) / 1000),
    setpoint: setpoint && buildSetpoint(setpoint, hours),
    peaks: problem.peaks.map((peak) => buildPeak(peak, steps, hours)),
    draw,
    feed,
  }
}

/** Import in kWh when the planned devices take `total`. */
export const importAt = (connection: Connection, t: number, total: number): number =>
  Math.max(0, connection.baseKWh[t] + total)

const energyAt = ({ importPrice, exportPrice }: Connection, t: number, net: number): number =>
  net > 0 ? importPrice[t] * net : exportPrice[t] * net

/** Highest window average of the import, kW. */
export const peakKw = (connection: Connection, peak: Peak, total: Float64Array): number => {
  const sums = new Float64Array(peak.first.length)
  for (let t = 0; t < connection.steps; t++) {
    if (peak.window[t] >= 0) sums[peak.window[t]] += importAt(connection, t, total[t])
  }
  let highest = 0
  for (let w = 0; w < sums.length; w++) highest = Math.max(highest, sums[w] * peak.kwPerKWh[w])
  return highest
}

export interface ConnectionCost {
  readonly energy: number
  readonly tracking: number
  readonly peak: number
}

/** `total`: kWh per step of all planned devices together. */
export const connectionCost = (connection: Connection, total: Float64Array): ConnectionCost => {
  const { setpoint, baseKWh } = connection
  let energy = 0
  let tracking = 0
  for (let t = 0; t < connection.steps; t++) {
    energy += energyAt(connection, t, baseKWh[t] + total[t]) - energyAt(connection, t, baseKWh[t])
    if (setpoint !== null) tracking += setpoint.price[t] * Math.abs(total[t] - setpoint.kWh[t])
  }
  let peak = 0
  for (const one of connection.peaks) {
    peak += one.pricePerKw * Math.max(0, peakKw(connection, one, total) - one.billedKw)
  }
  return { energy, tracking, peak }
}
