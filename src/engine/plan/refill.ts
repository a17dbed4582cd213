import { bandAt } from './bands.ts'
import { evShortfall } from './cost.ts'
import { book, room, roomBelowPeaks, type Ledger } from './ledger.ts'
import type { Model, Schedule } from './model.ts'

/** kWh that are not worth placing. */
const TRIFLE = 1e-9

/**
 * Gives vehicles that a repair left short what still fits, dearest shortfall first: into the
 * steps that are cheapest at the dual prices of their class, so that room which others need more
 * is used last, and nowhere at more than it is worth. `order`: steps of each class from the cheapest. O(short vehicles * T * depth).
 */
export const refill = (
  model: Model,
  schedule: Schedule,
  ledger: Ledger,
  order: Int32Array,
  levelsKw: Float64Array,
): void => {
  const { evs, network, connection, steps } = model

  const place = (i: number, before: number, wanted: number, price: number): void => {
    const cls = evs.class[i]
    let missing = wanted
    for (let j = cls * steps; j < (cls + 1) * steps && missing > TRIFLE; j++) {
      const t = order[j]
      if (t < evs.from[i] || t >= before) continue
      const k = evs.offset[i] + t - evs.from[i]
      const limit = evs.full[i] * evs.top[evs.topAt[i] + t - evs.from[i]]
      let open = Math.min(missing, limit - schedule.ev[k])
      if (open > TRIFLE) open = Math.min(open, room(network, ledger, cls, t))
      while (open > TRIFLE) {
        const band = bandAt(connection, t, ledger.total[t])
        let kWh = Math.min(open, band.room)
        if (band.imports) kWh = Math.min(kWh, roomBelowPeaks(connection, ledger, levelsKw, t))
        if (kWh <= TRIFLE || band.price >= price) break
        schedule.ev[k] += kWh
        open -= kWh
        missing -= kWh
        book(model, ledger, cls, t, kWh)
      }
    }
  }

  const early = (i: number): number => {
    let kWh = evs.minKWh[i]
    const end = evs.offset[i] + evs.minBy[i] - evs.from[i]
    for (let k = evs.offset[i]; k < end; k++) kWh -= schedule.ev[k]
    return kWh
  }

  const short: number[] = []
  const missing = new Float64Array(evs.count)
  for (let i = 0; i < evs.count; i++) {
    missing[i] = evShortfall(model, schedule, i)
    if (missing[i] > TRIFLE) short.push(i)
  }
  short.sort((a, b) => evs.price[b] - evs.price[a] || missing[b] - missing[a])
  for (const i of short) {
    if (evs.minKWh[i] === 0) continue
    place(i, evs.minBy[i], Math.min(missing[i], early(i)), evs.price[i] + evs.minPrice[i])
  }
  for (const i of short) place(i, evs.to[i], evShortfall(model, schedule, i), evs.price[i])
}
