import { importAt } from './connection.ts'
import { book, room, roomBelowPeaks, type Ledger } from './ledger.ts'
import type { Model, Schedule } from './model.ts'

/**
 * Ties: as early as possible, then shared evenly. Of steps with the same price the earlier is
 * better (cars leave before their time), so energy moves there while there is room, without
 * raising a peak or importing what was surplus. At one step the room is shared in proportion to
 * what each vehicle could use of it.
 *
 * Vehicles only; a storage earns by its times. Not done in steps that follow a setpoint: there the
 * deviation has a price. Cost: O(vehicles * T) plus the moves.
 */

/** Prices closer than this, currency per kWh, are equal. */
const SAME_PRICE = 1e-6
const TRIFLE = 1e-9

/** Steps with the same import price, ascending, in groups of at least two. */
const tiedSteps = ({ connection, steps }: Model): number[][] => {
  const { setpoint } = connection
  const byPrice = Array.from({ length: steps }, (_, t) => t).filter(
    (t) => setpoint === null || setpoint.price[t] === 0,
  )
  byPrice.sort((a, b) => connection.importPrice[a] - connection.importPrice[b] || a - b)
  const groups: number[][] = []
  for (const t of byPrice) {
    const last = groups.at(-1)
    const isSame =
      last !== undefined &&
      connection.importPrice[t] - connection.importPrice[last[0]] <= SAME_PRICE
    if (isSame) last.push(t)
    else groups.push([t])
  }
  return groups.filter((group) => group.length > 1).map((group) => group.sort((a, b) => a - b))
}

export const moveEarlier = (model: Model, schedule: Schedule, ledger: Ledger): void => {
  const { evs, network, connection, steps } = model
  /** What vehicle i has at later steps of the group, and wants at this one. */
  const later = new Float64Array(evs.count)
  const wish = new Float64Array(evs.count)
  const wanted = new Float64Array(network.classes)
  const share = new Float64Array(network.classes)

  const entry = (i: number, t: number): number => evs.offset[i] + t - evs.from[i]
  const isHere = (i: number, t: number): boolean => t >= evs.from[i] && t < evs.to[i]
  const buys = (t: number): boolean => importAt(connection, t, ledger.total[t]) > TRIFLE
  const levels = Float64Array.from(connection.peaks, ({ kwPerKWh }, k) =>
    ledger.imported[k].reduce((most, kWh, w) => Math.max(most, kWh * kwPerKWh[w]), 0),
  )

  /** Most that a device may draw less at t without breaking a row that it helps, in kWh. */
  const spare = (cls: number, t: number): number => {
    let least = importAt(connection, t, ledger.total[t])
    for (let j = network.start[cls]; j < network.start[cls + 1]; j++) {
      if (network.coef[j] >= 0) continue
      const row = network.block[j] * steps + t
      least = Math.min(least, (ledger.load[row] - network.rhs[row]) / network.coef[j])
    }
    return Math.max(0, least)
  }

  /** Part of its wishes that each class can have at t when all are scaled alike. */
  const shareRoom = (t: number): void => {
    const adding = new Float64Array(network.blocks.length)
    let total = 0
    for (let c = 0; c < network.classes; c++) {
      total += wanted[c]
      for (let j = network.start[c]; j < network.start[c + 1]; j++) {
        if (network.coef[j] > 0) adding[network.block[j]] += network.coef[j] * wanted[c]
      }
    }
    const fits = Math.min(1, roomBelowPeaks(connection, ledger, levels, t) / total)
    for (let c = 0; c < network.classes; c++) {
      share[c] = fits
      for (let j = network.start[c]; j < network.start[c + 1]; j++) {
        const b = network.block[j]
        if (network.coef[j] <= 0) continue
        const left = network.rhs[b * steps + t] - ledger.load[b * steps + t]
        share[c] = Math.min(share[c], Math.max(0, left) / adding[b])
      }
    }
  }

  /** Moves up to `amount` of vehicle i to step t from the latest steps of the group. */
  const pull = (i: number, t: number, group: readonly number[], amount: number): void => {
    let open = amount
    for (let g = group.length - 1; g >= 0 && group[g] > t && open > TRIFLE; g--) {
      const from = group[g]
      if (!isHere(i, from) || !buys(from)) continue
      const cls = evs.class[i]
      const fits = Math.min(
        room(network, ledger, cls, t),
        roomBelowPeaks(connection, ledger, levels, t),
      )
      const has = Math.min(schedule.ev[entry(i, from)], spare(cls, from))
      const kWh = Math.min(open, has, fits)
      if (kWh <= TRIFLE) continue
      schedule.ev[entry(i, from)] -= kWh
      schedule.ev[entry(i, t)] += kWh
      book(model, ledger, cls, from, -kWh)
      book(model, ledger, cls, t, kWh)
      later[i] -= kWh
      open -= kWh
    }
  }

  const fillStep = (t: number, group: readonly number[]): void => {
    wanted.fill(0)
    let any = false
    for (let i = 0; i < evs.count; i++) {
      wish[i] = 0
      if (!isHere(i, t)) continue
      later[i] -= schedule.ev[entry(i, t)]
      const top = evs.full[i] * evs.top[evs.topAt[i] + t - evs.from[i]]
      wish[i] = Math.min(later[i], top - schedule.ev[entry(i, t)])
      if (wish[i] <= TRIFLE) continue
      wanted[evs.class[i]] += wish[i]
      any = true
    }
    if (!any || !buys(t)) return
    shareRoom(t)
    for (let i = 0; i < evs.count; i++) {
      if (wish[i] > TRIFLE) pull(i, t, group, wish[i] * share[evs.class[i]])
    }
  }

  for (const group of tiedSteps(model)) {
    for (let i = 0; i < evs.count; i++) {
      later[i] = 0
      for (const t of group) if (isHere(i, t)) later[i] += schedule.ev[entry(i, t)]
    }
    for (const t of group) fillStep(t, group)
  }
}
