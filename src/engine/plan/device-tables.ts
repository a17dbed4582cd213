import type { PlanProblem } from './problem.ts'

/** The electric vehicles as columns. Steps of EV i are entries `offset[i] + (t - from[i])`. */
export interface EvTable {
  readonly count: number
  /** Total number of (EV, step) entries. */
  readonly size: number
  readonly class: Int32Array
  readonly from: Int32Array
  readonly to: Int32Array
  /** `count + 1` entries. */
  readonly offset: Int32Array
  /** kWh per step at full current. */
  readonly full: Float64Array
  /**
   * Upper limits as a part of `full`, 0..1: that of entry k of EV i is `top[topAt[i] + k]`.
   * Vehicles without events share one stretch of ones.
   */
  readonly top: Float64Array
  readonly topAt: Int32Array
  readonly needKWh: Float64Array
  readonly price: Float64Array
  /** Part of the need wanted before step `minBy` (0 where there is none) and its price. */
  readonly minKWh: Float64Array
  readonly minBy: Int32Array
  readonly minPrice: Float64Array
}

/** Batteries and V2G vehicles as columns; entries as in EvTable. */
export interface BatteryTable {
  readonly count: number
  readonly size: number
  readonly class: Int32Array
  readonly from: Int32Array
  readonly to: Int32Array
  readonly offset: Int32Array
  /** kWh per step at the grid side. */
  readonly chargeFull: Float64Array
  readonly dischargeFull: Float64Array
  /** Content gained per kWh drawn, and lost per kWh fed back. */
  readonly gain: Float64Array
  readonly loss: Float64Array
  readonly startKWh: Float64Array
  readonly lowKWh: Float64Array
  readonly highKWh: Float64Array
  readonly wear: Float64Array
  readonly targetKWh: Float64Array
  readonly price: Float64Array
}

interface Windows {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly offset: Int32Array
}

/** Devices that cannot do anything get an empty window and no entries. */
const windowsOf = <T extends { arrive: number; depart: number }>(
  devices: readonly T[],
  isActive: (device: T) => boolean,
): Windows => {
  const from = Int32Array.from(devices, ({ arrive }) => arrive)
  const to = Int32Array.from(devices, (device) =>
    isActive(device) ? device.depart : device.arrive,
  )
  const offset = new Int32Array(devices.length + 1)
  devices.forEach((_, i) => (offset[i + 1] = offset[i] + to[i] - from[i]))
  return { from, to, offset }
}

const column = <T>(rows: readonly T[], value: (row: T) => number): Float64Array =>
  Float64Array.from(rows, value)

/** A cap below the minimum current means a pause. */
const topsOf = (
  { evs, steps }: PlanProblem,
  { from, to }: Windows,
): Pick<EvTable, 'top' | 'topAt'> => {
  const topAt = new Int32Array(evs.length)
  let size = steps
  evs.forEach(({ capA }, i) => {
    if (capA === null) return
    topAt[i] = size
    size += to[i] - from[i]
  })
  const top = new Float64Array(size).fill(1)
  evs.forEach((ev, i) => {
    if (ev.capA === null) return
    for (let t = from[i]; t < to[i]; t++) {
      const limitA = ev.capA[t] < ev.minA ? 0 : Math.max(0, ev.capA[t])
      top[topAt[i] + t - from[i]] = Math.min(1, limitA / ev.maxA)
    }
  })
  return { top, topAt }
}

/** `classes[i]` is the class of EV i. */
export const evTable = (problem: PlanProblem, classes: Int32Array): EvTable => {
  const { evs, stepS } = problem
  const windows = windowsOf(evs, ({ maxA, needWh }) => maxA > 0 && needWh > 0)
  const kWhPerW = stepS / 3600 / 1000
  return {
    count: evs.length,
    size: windows.offset[evs.length],
    class: classes,
    ...windows,
    full: column(evs, ({ maxA, wattsPerAmp }) => maxA * wattsPerAmp * kWhPerW),
    ...topsOf(problem, windows),
    needKWh: column(evs, ({ needWh }) => needWh / 1000),
    price: column(evs, ({ shortfallPrice }) => shortfallPrice),
    minKWh: column(evs, ({ minimum, needWh }) => Math.min(minimum?.needWh ?? 0, needWh) / 1000),
    minBy: Int32Array.from(evs, ({ minimum, arrive, depart }) =>
      minimum === null ? arrive : Math.min(Math.max(minimum.by, arrive), depart),
    ),
    minPrice: column(evs, ({ minimum }) => minimum?.price ?? 0),
  }
}

/**
 * `classes[i]` is the class of battery i. A battery that arrives outside its limits may stay
 * there: the limit is moved to its content, so that doing nothing is always possible.
 */
export const batteryTable = (problem: PlanProblem, classes: Int32Array): BatteryTable => {
  const { batteries, stepS } = problem
  const windows = windowsOf(batteries, (b) => b.maxChargeW > 0 || b.maxDischargeW > 0)
  const kWhPerW = stepS / 3600 / 1000
  return {
    count: batteries.length,
    size: windows.offset[batteries.length],
    class: classes,
    ...windows,
    chargeFull: column(batteries, ({ maxChargeW }) => maxChargeW * kWhPerW),
    dischargeFull: column(batteries, ({ maxDischargeW }) => maxDischargeW * kWhPerW),
    gain: column(batteries, ({ chargeEfficiency }) => chargeEfficiency),
    loss: column(batteries, ({ dischargeEfficiency }) => 1 / dischargeEfficiency),
    startKWh: column(batteries, ({ energyWh }) => energyWh / 1000),
    lowKWh: column(
      batteries,
      ({ minEnergyWh, energyWh }) => Math.min(minEnergyWh, energyWh) / 1000,
    ),
    highKWh: column(
      batteries,
      ({ maxEnergyWh, energyWh }) => Math.max(maxEnergyWh, energyWh) / 1000,
    ),
    wear: column(batteries, ({ cyclePrice }) => cyclePrice),
    targetKWh: column(batteries, ({ targetWh }) => targetWh / 1000),
    price: column(batteries, ({ shortfallPrice }) => shortfallPrice),
  }
}
