export interface PoolEntry {
  readonly stayMs: number
  readonly energyWh: number
  readonly weight: number
}

/** What one vehicle will do, as the weighted stays of others like it. */
export interface StayPool {
  /**
   * Quantile of the whole stay, given that the vehicle is still here after `elapsedMs`: stays that
   * were over by then no longer count (survival). Never less than `elapsedMs`; rises with `q`.
   */
  readonly stayMs: (q: number, elapsedMs: number) => number
  /**
   * Quantile of the energy of the whole stay, given what it has got after `elapsedMs`. Never less
   * than `deliveredWh`; rises with `q`.
   */
  readonly energyWh: (q: number, elapsedMs: number, deliveredWh: number) => number
  /** Mean energy of a whole stay: what many such vehicles take together. */
  readonly meanEnergyWh: number
}

/** The heaviest are kept. */
const MOST_ENTRIES = 400
/**
 * When less than this part of the weight is left, history has little to say about a vehicle that
 * outstays it, and a Pareto tail makes up the rest: what has lasted for long lasts on for a part of
 * that, P(stay > x | stay > t) = (t / x)^3.
 */
const THIN = 0.05
const TAIL_POWER = 3
const TAIL_LEAST_MS = 900_000
const TAIL_LEAST_WH = 1_000

/**
 * @param forStay those whose stay says something, and how much
 * @param forEnergy those whose energy does
 */
export const createStayPool = (
  forStay: readonly PoolEntry[],
  forEnergy: readonly PoolEntry[],
): StayPool => {
  const byStay = columns(forStay, (a, b) => a.stayMs - b.stayMs)
  const byEnergy = columns(forEnergy, (a, b) => a.energyWh - b.energyWh)
  return {
    stayMs: (q, elapsedMs) => {
      const { stayMs, weight } = byStay
      const counts = (k: number): boolean => stayMs[k] > elapsedMs
      return quantile(stayMs, weight, counts, q, elapsedMs, TAIL_LEAST_MS)
    },
    energyWh: (q, elapsedMs, deliveredWh) => {
      const { stayMs, energyWh, weight } = byEnergy
      const counts = (k: number): boolean => energyWh[k] > deliveredWh && stayMs[k] > elapsedMs
      return quantile(energyWh, weight, counts, q, deliveredWh, TAIL_LEAST_WH)
    },
    meanEnergyWh: byEnergy.energyWh.reduce((sum, wh, k) => sum + wh * byEnergy.weight[k], 0),
  }
}

interface Columns {
  readonly stayMs: Float64Array
  readonly energyWh: Float64Array
  /** Their sum is 1. */
  readonly weight: Float64Array
}

const columns = (
  entries: readonly PoolEntry[],
  order: (a: PoolEntry, b: PoolEntry) => number,
): Columns => {
  const heaviest = [...entries].sort((a, b) => b.weight - a.weight).slice(0, MOST_ENTRIES)
  const total = heaviest.reduce((sum, { weight }) => sum + weight, 0)
  heaviest.sort(order)
  return {
    stayMs: Float64Array.from(heaviest, ({ stayMs }) => stayMs),
    energyWh: Float64Array.from(heaviest, ({ energyWh }) => energyWh),
    weight: Float64Array.from(heaviest, ({ weight }) => weight / total),
  }
}

/**
 * The smallest x at which the weights up to x reach the part `q` of those that count (all above
 * `from`) and of the tail. O(n).
 */
const quantile = (
  values: Float64Array,
  weights: Float64Array,
  counts: (k: number) => boolean,
  q: number,
  from: number,
  tailLeast: number,
): number => {
  let left = 0
  for (let k = 0; k < values.length; k++) if (counts(k)) left += weights[k]
  const tail = Math.max(0, THIN - left)
  const start = Math.max(from, tailLeast)
  const wanted = q * (left + tail)
  let below = 0
  let last = from
  let next = Infinity
  for (let k = 0; k < values.length; k++) {
    if (!counts(k)) continue
    // The tail alone may reach it before the next value does.
    if (tail > 0 && below + tail * tailBelow(values[k], start) >= wanted) {
      next = values[k]
      break
    }
    below += weights[k]
    last = values[k]
    if (below + tail * tailBelow(last, start) >= wanted) return last
  }
  if (tail === 0) return last
  const part = Math.max(0, Math.min(0.9999, (wanted - below) / tail))
  return Math.min(next, Math.max(last, start * (1 - part) ** (-1 / TAIL_POWER)))
}

/** Part of the tail below `value`. */
const tailBelow = (value: number, start: number): number =>
  value <= start ? 0 : 1 - (start / value) ** TAIL_POWER
