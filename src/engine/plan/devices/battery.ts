import type { BatteryTable } from '../device-tables.ts'
import { solveBattery, type BatteryState } from './battery-state.ts'
import { clearSets, endRun, endSet, freeSets, type Fleet } from './fleet.ts'

/**
 * Batteries and vehicles that can discharge: two opposite columns per step on one content. With
 * price q(t), worth of content y(t), centres and the price of moving eps as for vehicles,
 *
 *     charge     zc(t) = clip( zcb(t) + (gain y(t) - q(t)) / eps, 0, 1 )
 *     discharge  zd(t) = clip( zdb(t) + (q(t) - wear - loss y(t)) / eps, 0, 1 )
 *
 * y is found per storage by storage-path.ts, O(window) per pass. Charging and discharging at once
 * is not forbidden here; the repair nets it out (content.ts).
 */

/** The batteries `members` of the table as one fleet; all fleets share the state. */
export const batteryFleet = (
  batteries: BatteryTable,
  members: Int32Array,
  state: BatteryState,
  steps: number,
): Fleet => {
  const { offset, from, to } = batteries
  const { charge, discharge, chargeCentre, dischargeCentre, storage } = state
  const size = members.reduce((sum, i) => sum + to[i] - from[i], 0)
  const free = freeSets(size, 2 * size, 2 * size)

  /** Adds the stretches of `parts` strictly between 0 and 1 as a run. */
  const addRun = (
    parts: Float64Array,
    cell: number,
    first: number,
    last: number,
    full: number,
    perKWh: number,
  ): void => {
    if (full === 0) return
    let isOpen = false
    for (let k = first; k < last; k++) {
      const canMove = parts[k] > 0 && parts[k] < 1
      if (canMove === isOpen) continue
      if (canMove) free.from[free.stretches] = cell + k
      else free.to[free.stretches++] = cell + k
      isOpen = canMove
    }
    if (isOpen) free.to[free.stretches++] = cell + last
    endRun(free, full, full * perKWh)
  }

  /** Entries that can move in one segment: a run of charging, a run of discharging. */
  const addSegment = (i: number, first: number, last: number, isTied: boolean): void => {
    const cell = batteries.class[i] * steps + from[i]
    addRun(storage.chargePart, cell, first, last, batteries.chargeFull[i], batteries.gain[i])
    addRun(storage.dischargePart, cell, first, last, batteries.dischargeFull[i], batteries.loss[i])
    endSet(free, isTied)
  }

  /** Takes over the parts of the solved storage; returns their cost. */
  const accept = (i: number, prices: Float64Array, eps: number, loads: Float64Array): number => {
    const { chargePart, dischargePart, change, chargeFull, dischargeFull, length } = storage
    const at = offset[i]
    const cell = batteries.class[i] * steps + from[i]
    const wear = batteries.wear[i]
    const half = 0.5 * eps
    let content = storage.start
    let cost = 0
    for (let k = 0; k < length; k++) {
      const drawn = chargeFull * chargePart[k]
      const fed = dischargeFull * dischargePart[k]
      const moveC = chargePart[k] - chargeCentre[at + k]
      const moveD = dischargePart[k] - dischargeCentre[at + k]
      charge[at + k] = chargePart[k]
      discharge[at + k] = dischargePart[k]
      loads[cell + k] += drawn - fed
      content += change[k]
      cost += prices[cell + k] * (drawn - fed) + wear * fed
      cost += half * (chargeFull * moveC * moveC + dischargeFull * moveD * moveD)
    }
    return cost + batteries.price[i] * Math.max(0, batteries.targetKWh[i] - content)
  }

  const respondOne = (
    i: number,
    prices: Float64Array,
    eps: number,
    loads: Float64Array,
  ): number => {
    const cell = batteries.class[i] * steps + from[i]
    const own = prices.subarray(cell, cell + to[i] - from[i])
    const path = solveBattery(batteries, state, i, eps, own, chargeCentre, dischargeCentre)
    let first = 0
    for (let c = 0; c < path.contacts; c++) {
      addSegment(i, first, path.contact[c], true)
      first = path.contact[c]
    }
    if (first < storage.length) addSegment(i, first, storage.length, path.isEndTied)
    return accept(i, prices, eps, loads)
  }

  return {
    free,
    respond: (prices, eps, loads) => {
      clearSets(free)
      let cost = 0
      for (let m = 0; m < members.length; m++) cost += respondOne(members[m], prices, eps, loads)
      return cost
    },
  }
}
