import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'
import { weightedQuantile } from './weighted.ts'

/**
 * What a PV plant gives under a clear sky at each time of day: a high quantile of the last weeks'
 * values at that time, newer days weighing more (half after ten days), so that it follows the sun
 * through the year. By UTC, because the sun does not change its clock. O(days log days) per slot.
 */
export interface ClearSky {
  /** A measured value, watts given (>= 0). */
  readonly learn: (slot: number, powerW: number) => void
  /** Watts under a clear sky; 0 at night and before anything is known. */
  readonly at: (slot: number) => number
  /** True where the plant gives enough for its output to say something about the sky. */
  readonly isDay: (slot: number) => boolean
  readonly peak: () => number
  readonly snapshot: () => ClearSkySnapshot
  readonly restore: (snapshot: ClearSkySnapshot) => void
}

export interface ClearSkySnapshot {
  readonly values: PlainNumbers
  readonly days: PlainNumbers
  readonly clear: PlainNumbers
}

const DAYS = 28
const HALF_LIFE_DAYS = 10
const LEVEL = 0.9
/** Below this part of the peak, shadows and rounding say more than clouds. */
const LEAST_PART = 0.03

export const createClearSky = (slotsPerDay: number): ClearSky => {
  /** Of each time of day the last values, by day modulo DAYS, and which day they are of. */
  const values = new Float64Array(slotsPerDay * DAYS).fill(Number.NaN)
  const days = new Float64Array(slotsPerDay * DAYS).fill(Number.NaN)
  const clear = new Float64Array(slotsPerDay)
  const order: number[] = []
  let peak = 0

  const timeOf = (slot: number): number => ((slot % slotsPerDay) + slotsPerDay) % slotsPerDay

  const envelope = (time: number, today: number): number => {
    order.length = 0
    for (let k = time * DAYS; k < (time + 1) * DAYS; k++) {
      if (today - days[k] < DAYS) order.push(k)
    }
    order.sort((a, b) => values[a] - values[b] || a - b)
    return weightedQuantile(
      order.map((k) => values[k]),
      order.map((k) => 2 ** ((days[k] - today) / HALF_LIFE_DAYS)),
      LEVEL,
    )
  }

  return {
    learn: (slot, powerW) => {
      const time = timeOf(slot)
      const day = Math.floor(slot / slotsPerDay)
      const k = time * DAYS + (((day % DAYS) + DAYS) % DAYS)
      values[k] = powerW
      days[k] = day
      clear[time] = envelope(time, day)
      peak = clear.reduce((most, value) => Math.max(most, value), 0)
    },
    at: (slot) => clear[timeOf(slot)],
    isDay: (slot) => clear[timeOf(slot)] > LEAST_PART * peak,
    peak: () => peak,
    snapshot: () => ({ values: toPlain(values), days: toPlain(days), clear: toPlain(clear) }),
    restore: (snapshot) => {
      fromPlain(values, snapshot.values)
      fromPlain(days, snapshot.days)
      fromPlain(clear, snapshot.clear)
      peak = clear.reduce((most, value) => Math.max(most, value), 0)
    },
  }
}
