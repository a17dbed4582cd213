/** Mean of each slot from `startSlot` on; NaN = gap. */
export interface SlotSeries {
  readonly startSlot: number
  readonly values: Float64Array
}

/**
 * Means per slot of a quantity that was recorded now and then: a value holds until the next one,
 * but no longer than `holdMs`. A slot of which less than half is covered is a gap. O(values).
 */
export interface SlotMeans {
  /** Times ascend; NaN ends what held. Older ones are left out. */
  readonly add: (atMs: number, value: number) => void
  /** All slots from the first to the last that was touched. */
  readonly series: () => SlotSeries
}

/** Longer series are cut: 400 days of quarter hours. */
const MOST_SLOTS = 40_000

export const createSlotMeans = (slotMs: number, holdMs: number): SlotMeans => {
  const sums = new Map<number, { sum: number; coveredMs: number }>()
  let lastMs = Number.NaN
  let lastValue = Number.NaN

  const hold = (fromMs: number, toMs: number, value: number): void => {
    for (let slot = Math.floor(fromMs / slotMs); slot * slotMs < toMs; slot++) {
      const overMs = Math.min(toMs, (slot + 1) * slotMs) - Math.max(fromMs, slot * slotMs)
      const entry = sums.get(slot)
      if (entry) {
        entry.sum += overMs * value
        entry.coveredMs += overMs
      } else sums.set(slot, { sum: overMs * value, coveredMs: overMs })
    }
  }

  const endHold = (atMs: number): void => {
    const untilMs = Math.min(atMs, lastMs + holdMs)
    if (untilMs > lastMs && Number.isFinite(lastValue)) hold(lastMs, untilMs, lastValue)
  }

  return {
    add: (atMs, value) => {
      if (atMs < lastMs) return
      endHold(atMs)
      lastMs = atMs
      lastValue = value
    },
    series: () => {
      endHold(Infinity)
      lastValue = Number.NaN
      const slots = [...sums.keys()]
      if (slots.length === 0) return { startSlot: 0, values: new Float64Array(0) }
      const last = slots.reduce((most, slot) => Math.max(most, slot), -Infinity)
      const first = slots.reduce((least, slot) => Math.min(least, slot), Infinity)
      const startSlot = Math.max(first, last - MOST_SLOTS + 1)
      const values = new Float64Array(last - startSlot + 1).fill(Number.NaN)
      for (const [slot, { sum, coveredMs }] of sums) {
        if (slot >= startSlot && coveredMs * 2 >= slotMs) values[slot - startSlot] = sum / coveredMs
      }
      return { startSlot, values }
    },
  }
}
