import type { EvTable } from './device-tables.ts'
import type { Model, Schedule } from './model.ts'

/**
 * Ties between vehicles: whoever leaves first is charged first. Vehicles of one class see the same
 * limits and prices, so one that leaves early can have a kWh of now from one that stays for a kWh of
 * later, and no row, price or total knows the difference. It matters for what no plan knows: when
 * another vehicle comes, those that are still there have all their time left.
 *
 *     a leaves before b, now < later < departure of a:   a(now) + x, a(later) - x, b the reverse
 *
 * Those that leave together stay even, as the solver has them. A minimum is never moved out of its
 * time. O(T^2 * n^2) per class of n in the worst case; most pairs have nothing to exchange.
 */
const TRIFLE = 1e-9

/** Later energy is not taken from a step in which it serves a minimum into one in which it does not. */
const breaksMinimum = (evs: EvTable, b: number, now: number, later: number): boolean =>
  evs.minKWh[b] > 0 && now < evs.minBy[b] && later >= evs.minBy[b]

export const orderByDeparture = ({ evs, network, steps }: Model, { ev }: Schedule): void => {
  const at = (i: number, t: number): number => evs.offset[i] + t - evs.from[i]
  const space = (i: number, t: number): number =>
    evs.full[i] * evs.top[evs.topAt[i] + t - evs.from[i]] - ev[at(i, t)]

  /** Gives `a` what `b` has at `now` for what `a` has later, the latest first. */
  const exchange = (a: number, b: number, now: number): void => {
    for (let later = evs.to[a] - 1; later > now; later--) {
      const most = Math.min(space(a, now), ev[at(b, now)])
      if (most <= TRIFLE) return
      const kWh = Math.min(most, ev[at(a, later)], space(b, later))
      if (kWh <= TRIFLE || breaksMinimum(evs, b, now, later)) continue
      ev[at(a, now)] += kWh
      ev[at(b, now)] -= kWh
      ev[at(a, later)] -= kWh
      ev[at(b, later)] += kWh
    }
  }

  const laterKWh = (i: number, now: number): number => {
    let sum = 0
    for (let k = at(i, now + 1); k < evs.offset[i + 1]; k++) sum += ev[k]
    return sum
  }

  /** `members`: of one class, by departure. */
  const orderStep = (members: readonly number[], t: number): void => {
    const here = members.filter((i) => t >= evs.from[i] && t < evs.to[i])
    here.forEach((a, k) => {
      if (space(a, t) <= TRIFLE || laterKWh(a, t) <= TRIFLE) return
      for (let j = here.length - 1; j > k && evs.to[here[j]] > evs.to[a]; j--) {
        exchange(a, here[j], t)
      }
    })
  }

  const classes: number[][] = Array.from({ length: network.classes }, () => [])
  for (let i = 0; i < evs.count; i++) if (evs.to[i] > evs.from[i]) classes[evs.class[i]].push(i)
  for (const members of classes) {
    members.sort((a, b) => evs.to[a] - evs.to[b] || a - b)
    if (members.length < 2) continue
    for (let t = 0; t < steps; t++) orderStep(members, t)
  }
}
