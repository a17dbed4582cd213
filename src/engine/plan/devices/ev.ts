import type { EvTable } from '../device-tables.ts'
import { findWorth, type Wish, type Worth } from './ev-worth.ts'
import { clearSets, endRun, endSet, freeSets, type Fleet } from './fleet.ts'
import type { Vessels } from './threshold.ts'

/**
 * Vehicles that only charge. With price q(t) and centre zb(t) the best profile z of one vehicle is
 *
 *     z(t) = clip( zb(t) + (mu - q(t)) / eps , 0, top(t) )       mu <= shortfall price
 *
 * where mu, the worth of a kWh to this vehicle, is its shortfall price if that does not overfill
 * it, and otherwise the level at which its need is just met (threshold.ts). A minimum "by step b"
 * gives the steps before b a mu of their own when it would be missed (ev-worth.ts).
 *
 * O(window) per vehicle and pass, two or three passes; no allocation.
 */
export interface EvState {
  /** Part of full power per entry of the table, as last answered. */
  readonly profile: Float64Array
  readonly centre: Float64Array
  /** Worth of a kWh at the last answer, where the next search starts; NaN at first. */
  readonly worth: Float64Array
  readonly keys: Float64Array
}

export const evState = (evs: EvTable, steps: number): EvState => ({
  profile: new Float64Array(evs.size),
  centre: new Float64Array(evs.size),
  worth: new Float64Array(evs.count).fill(NaN),
  keys: new Float64Array(steps),
})

/** The vehicles `members` of the table as one fleet; all fleets share the state. */
export const evFleet = (
  evs: EvTable,
  members: Int32Array,
  state: EvState,
  steps: number,
): Fleet => {
  const { profile, centre, worth: lastWorth } = state
  const size = members.reduce((sum, i) => sum + evs.to[i] - evs.from[i], 0)
  const free = freeSets(2 * members.length, 2 * members.length, size)
  const vessels: Vessels = { keys: state.keys, tops: evs.top }
  const worth: Worth = { early: 0, late: 0, isMet: false, isSplit: false }
  const wish: Wish = { length: 0, topShift: 0, need: 0, cap: 0, minimum: 0, by: 0, bonus: 0 }

  const search = (i: number, prices: Float64Array, eps: number): void => {
    const { keys } = vessels
    const scale = 1 / eps
    const at = evs.offset[i]
    const cell = evs.class[i] * steps + evs.from[i]
    const length = evs.to[i] - evs.from[i]
    let cheapest = Infinity
    for (let k = 0; k < length; k++) {
      const key = prices[cell + k] * scale - centre[at + k]
      keys[k] = key
      if (key < cheapest) cheapest = key
    }
    wish.length = length
    wish.topShift = evs.topAt[i]
    wish.need = evs.needKWh[i] / evs.full[i]
    wish.cap = evs.price[i] * scale
    wish.minimum = evs.minKWh[i] / evs.full[i]
    wish.by = evs.minBy[i] - evs.from[i]
    wish.bonus = evs.minPrice[i] * scale
    const last = lastWorth[i]
    findWorth(vessels, wish, last === last ? last * scale : cheapest, worth)
    lastWorth[i] = worth.late * eps
  }

  /** Sets entries `first .. last` of vehicle i for one level; returns their cost. */
  const fill = (
    i: number,
    first: number,
    last: number,
    level: number,
    prices: Float64Array,
    eps: number,
    loads: Float64Array,
  ): number => {
    const { keys, tops } = vessels
    const at = evs.offset[i]
    const cell = evs.class[i] * steps + evs.from[i]
    const full = evs.full[i]
    const topShift = evs.topAt[i]
    const half = 0.5 * eps
    let stretches = free.stretches
    let isOpen = false
    let cost = 0
    for (let k = first; k < last; k++) {
      const before = centre[at + k]
      let part = level - keys[k]
      const top = tops[k + topShift]
      const canMove = part > 0 && part < top
      if (canMove !== isOpen) {
        if (canMove) free.from[stretches] = cell + k
        else free.to[stretches++] = cell + k
        isOpen = canMove
      }
      if (part <= 0) {
        profile[at + k] = 0
        if (before !== 0) cost += half * before * before
        continue
      }
      if (part > top) part = top
      profile[at + k] = part
      loads[cell + k] += full * part
      const move = part - before
      cost += prices[cell + k] * part + half * move * move
    }
    if (isOpen) free.to[stretches++] = cell + last
    free.stretches = stretches
    return cost * full
  }

  const delivered = (i: number, entries: number): number => {
    let parts = 0
    for (let k = evs.offset[i]; k < evs.offset[i] + entries; k++) parts += profile[k]
    return parts * evs.full[i]
  }

  const shortfall = (i: number): number => {
    const missing = evs.needKWh[i] - delivered(i, evs.to[i] - evs.from[i])
    const early = delivered(i, evs.minBy[i] - evs.from[i])
    return (
      evs.price[i] * Math.max(0, missing) + evs.minPrice[i] * Math.max(0, evs.minKWh[i] - early)
    )
  }

  const respondOne = (
    i: number,
    prices: Float64Array,
    eps: number,
    loads: Float64Array,
  ): number => {
    search(i, prices, eps)
    const { early, late, isMet, isSplit } = worth
    const full = evs.full[i]
    const by = early === late ? 0 : wish.by
    let cost = fill(i, 0, by, early, prices, eps, loads)
    if (isSplit) {
      endRun(free, full, full)
      endSet(free, true)
    }
    cost += fill(i, by, wish.length, late, prices, eps, loads)
    endRun(free, full, full)
    endSet(free, isMet)
    return isMet && wish.minimum === 0 ? cost : cost + shortfall(i)
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
