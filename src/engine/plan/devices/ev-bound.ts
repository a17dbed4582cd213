import type { EvTable } from '../device-tables.ts'

/**
 * The least that vehicles can cost at given prices: a fractional knapsack. One vehicle takes its
 * cheapest steps while they are cheaper than its shortfall price. With a minimum it is one of
 * three: the minimum is met anyway; it is missed even when its price is granted on every early
 * step; or it is met exactly, and the two parts are knapsacks of their own.
 * O(T) per vehicle. `order`: the steps of each class from the cheapest.
 */
interface Taken {
  kWh: number
  cost: number
}

export const evsBound = (
  evs: EvTable,
  prices: Float64Array,
  order: Int32Array,
  steps: number,
): number => {
  const taken: Taken = { kWh: 0, cost: 0 }

  /** Takes up to `amount` from the cheapest steps in [from, to) with a price below `cap`. */
  const take = (i: number, from: number, to: number, amount: number, cap: number): void => {
    const at = evs.class[i] * steps
    const top = evs.topAt[i] - evs.from[i]
    let rest = amount
    let cost = 0
    for (let j = 0; j < steps && rest > 0; j++) {
      const t = order[at + j]
      if (t < from || t >= to) continue
      const price = prices[at + t]
      if (price >= cap) break
      const kWh = Math.min(rest, evs.full[i] * evs.top[top + t])
      cost += price * kWh
      rest -= kWh
    }
    taken.kWh = amount - rest
    taken.cost = cost
  }

  /** As `take` over the whole window, with `bonus` off the early prices; returns early kWh. */
  const takeWithBonus = (i: number, bonus: number): number => {
    const at = evs.class[i] * steps
    const top = evs.topAt[i] - evs.from[i]
    const [from, by, to] = [evs.from[i], evs.minBy[i], evs.to[i]]
    const next = (j: number, low: number, high: number): number => {
      while (j < steps && (order[at + j] < low || order[at + j] >= high)) j++
      return j
    }
    let [e, l] = [next(0, from, by), next(0, by, to)]
    let rest = evs.needKWh[i]
    let early = 0
    let cost = 0
    while (rest > 0 && (e < steps || l < steps)) {
      const earlyPrice = e < steps ? prices[at + order[at + e]] - bonus : Infinity
      const latePrice = l < steps ? prices[at + order[at + l]] : Infinity
      if (Math.min(earlyPrice, latePrice) >= evs.price[i]) break
      const isEarly = earlyPrice <= latePrice
      const t = order[at + (isEarly ? e : l)]
      const kWh = Math.min(rest, evs.full[i] * evs.top[top + t])
      cost += prices[at + t] * kWh
      rest -= kWh
      if (isEarly) {
        early += kWh
        e = next(e + 1, from, by)
      } else l = next(l + 1, by, to)
    }
    taken.kWh = evs.needKWh[i] - rest
    taken.cost = cost
    return early
  }

  const withMinimum = (i: number): number => {
    const need = evs.needKWh[i]
    const minimum = evs.minKWh[i]
    const price = evs.price[i]
    if (takeWithBonus(i, 0) >= minimum) return taken.cost + price * (need - taken.kWh)
    const early = takeWithBonus(i, evs.minPrice[i])
    if (early <= minimum) {
      return taken.cost + price * (need - taken.kWh) + evs.minPrice[i] * (minimum - early)
    }
    take(i, evs.from[i], evs.minBy[i], minimum, Infinity)
    const first = taken.cost
    take(i, evs.minBy[i], evs.to[i], need - minimum, price)
    return first + taken.cost + price * (need - minimum - taken.kWh)
  }

  let bound = 0
  for (let i = 0; i < evs.count; i++) {
    if (evs.minKWh[i] > 0) {
      bound += withMinimum(i)
      continue
    }
    take(i, evs.from[i], evs.to[i], evs.needKWh[i], evs.price[i])
    bound += taken.cost + evs.price[i] * (evs.needKWh[i] - taken.kWh)
  }
  return bound
}
