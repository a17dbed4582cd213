import type { BatteryTable } from '../device-tables.ts'
import { storageBound } from './battery-bound.ts'
import { findPath, storagePath, type StoragePath } from './storage-path.ts'
import { storageOf, type Storage } from './storage-segment.ts'

/** What is known of all batteries between two evaluations. */
export interface BatteryState {
  /** Parts of full power per entry of the table, as last answered. */
  readonly charge: Float64Array
  readonly discharge: Float64Array
  readonly chargeCentre: Float64Array
  readonly dischargeCentre: Float64Array
  /** Where the next search starts, per battery. */
  readonly paths: readonly StoragePath[]
  /** The eps that the levels of each path are measured in. */
  readonly pathEps: Float64Array
  /** Scratch: the battery that is being solved. */
  readonly storage: Storage
}

export const batteryState = (batteries: BatteryTable, steps: number): BatteryState => ({
  charge: new Float64Array(batteries.size),
  discharge: new Float64Array(batteries.size),
  chargeCentre: new Float64Array(batteries.size),
  dischargeCentre: new Float64Array(batteries.size),
  paths: Array.from({ length: batteries.count }, (_, i) =>
    storagePath(batteries.to[i] - batteries.from[i]),
  ),
  pathEps: new Float64Array(batteries.count).fill(1),
  storage: storageOf(steps),
})

const describe = (batteries: BatteryTable, i: number, eps: number, storage: Storage): void => {
  storage.length = batteries.to[i] - batteries.from[i]
  storage.chargeFull = batteries.chargeFull[i]
  storage.dischargeFull = batteries.dischargeFull[i]
  storage.gain = batteries.gain[i]
  storage.loss = batteries.loss[i]
  storage.start = batteries.startKWh[i]
  storage.low = batteries.lowKWh[i]
  storage.high = batteries.highKWh[i]
  storage.target = batteries.targetKWh[i]
  storage.shortfallPrice = batteries.price[i] / eps
}

/**
 * The best path of battery i when moving away from the two centres costs eps. `prices` are those
 * of its class from its first step on. Leaves the parts in `state.storage`.
 */
export const solveBattery = (
  batteries: BatteryTable,
  state: BatteryState,
  i: number,
  eps: number,
  prices: Float64Array,
  chargeCentre: Float64Array,
  dischargeCentre: Float64Array,
): StoragePath => {
  const { storage, paths, pathEps } = state
  const { chargeKey, dischargeKey } = storage
  const at = batteries.offset[i]
  const wear = batteries.wear[i]
  describe(batteries, i, eps, storage)
  for (let k = 0; k < storage.length; k++) {
    chargeKey[k] = chargeCentre[at + k] - prices[k] / eps
    dischargeKey[k] = dischargeCentre[at + k] + (prices[k] - wear) / eps
  }
  const path = paths[i]
  const rescale = pathEps[i] / eps
  if (rescale !== 1) for (let k = 0; k < storage.length; k++) path.level[k] *= rescale
  pathEps[i] = eps
  findPath(storage, path)
  return path
}

/** Moving price used for the bound: small, so that the worth of content is nearly exact. */
const BOUND_EPS = 1e-4

/**
 * Lower bound of what all batteries cost at these prices (`classes * steps`) without any centre:
 * the dual bound of each at the worth of content found close to its last answer.
 */
export const batteriesBound = (
  batteries: BatteryTable,
  state: BatteryState,
  prices: Float64Array,
  steps: number,
): number => {
  const { charge, discharge } = state
  let bound = 0
  for (let i = 0; i < batteries.count; i++) {
    const cell = batteries.class[i] * steps + batteries.from[i]
    const own = prices.subarray(cell, cell + batteries.to[i] - batteries.from[i])
    const { level } = solveBattery(batteries, state, i, BOUND_EPS, own, charge, discharge)
    bound += storageBound(batteries, i, level, BOUND_EPS, own)
  }
  return bound
}
