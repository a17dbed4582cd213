import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'

/** The last values of a series of slots, by slot number. What is not there is NaN. */
export interface SlotRing {
  /** Number of the newest slot; `-Infinity` before the first. */
  readonly last: () => number
  readonly at: (slot: number) => number
  /** Slots ascend; those that were left out become NaN. An older or equal slot replaces its value. */
  readonly put: (slot: number, value: number) => void
  readonly snapshot: () => RingSnapshot
  readonly restore: (snapshot: RingSnapshot) => void
}

export interface RingSnapshot {
  readonly last: number | null
  readonly values: PlainNumbers
}

export const createSlotRing = (size: number): SlotRing => {
  const values = new Float64Array(size).fill(Number.NaN)
  let last = -Infinity
  const place = (slot: number): number => ((slot % size) + size) % size

  return {
    last: () => last,
    at: (slot) => (slot > last || slot <= last - size ? Number.NaN : values[place(slot)]),
    put: (slot, value) => {
      if (slot <= last - size) return
      if (slot > last) {
        if (slot - last >= size) values.fill(Number.NaN)
        else for (let gap = last + 1; gap < slot; gap++) values[place(gap)] = Number.NaN
        last = slot
      }
      values[place(slot)] = value
    },
    snapshot: () => ({ last: Number.isFinite(last) ? last : null, values: toPlain(values) }),
    restore: (snapshot) => {
      fromPlain(values, snapshot.values)
      last = snapshot.last ?? -Infinity
    },
  }
}
