import type { Leads } from './leads.ts'
import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'
import { createSlotRing, type RingSnapshot } from './slot-ring.ts'

/**
 * How a deviation from the usual goes on. For each distance ahead a small regression says what part
 * of it will still be there, learned from how deviations went on before:
 *
 *     e(o + lead) ~ c1 e(o) + c2 e4h(o) + c3 e24h(o) + c4 e(same time of the last known day)
 *
 * with running means e4h, e24h. The coefficients solve (A + r I) c = b + r c0, where A and b are
 * sums over the past with forgetting and c0 is a plain fade within hours: what the past does not
 * tell stays as assumed (ridge regression). O(leads) per slot, 24 numbers per lead and 4 rings of
 * three days.
 */
export interface Deviation {
  /** The deviation of a finished slot. Slots ascend; NaN or left out = not known. */
  readonly push: (slot: number, value: number) => void
  /**
   * Expected deviation `lead` slots (fractions allowed) after the newest slot, 0 without any.
   *
   * @param now the deviation at this moment, where it is newer than the newest slot
   */
  readonly expected: (target: number, lead: number, now?: number) => number
  /** The deviation of a slot, NaN where it is not known. */
  readonly at: (slot: number) => number
  readonly snapshot: () => DeviationSnapshot
  readonly restore: (snapshot: DeviationSnapshot) => void
}

export interface DeviationSnapshot {
  readonly sums: PlainNumbers
  readonly square: number
  readonly own: RingSnapshot
  readonly slow: RingSnapshot
  readonly day: RingSnapshot
}

const FEATURES = 4
const MATRIX = FEATURES * FEATURES
/** Numbers per lead: A, b, c. */
const STRIDE = MATRIX + 2 * FEATURES
/** The assumed fade counts as much as so many hours of history. */
const PRIOR_HOURS = 12
const FADE_HOURS = 3
const MEMORY_DAYS = 28
/** A deviation counts at most as so many times its usual size: one wrong value teaches little. */
const CLIP = 5

export const createDeviation = (leads: Leads, slotsPerDay: number): Deviation => {
  const perHour = slotsPerDay / 24
  const ahead = leads.slots
  const size = ahead[ahead.length - 1] + slotsPerDay + 1
  const own = createSlotRing(size)
  const slow = createSlotRing(size)
  const day = createSlotRing(size)
  const slowWeight = Math.min(1, 1 / (4 * perHour))
  const dayWeight = 1 / slotsPerDay
  const keep = 1 - 1 / (MEMORY_DAYS * slotsPerDay)
  const sums = new Float64Array(ahead.length * STRIDE)
  const x = new Float64Array(FEATURES)
  const a = new Float64Array(MATRIX)
  const b = new Float64Array(FEATURES)
  /** Mean square of the deviation. */
  let square = 0

  const fade = (lead: number): number => 0.95 * Math.exp(-lead / (FADE_HOURS * perHour))
  ahead.forEach((lead, k) => (sums[k * STRIDE + MATRIX + FEATURES] = fade(lead)))

  const look = (origin: number, target: number, now: number): void => {
    const days = Math.max(1, Math.ceil((target - origin) / slotsPerDay))
    x[0] = orZero(now)
    x[1] = orZero(slow.at(origin))
    x[2] = orZero(day.at(origin))
    x[3] = orZero(own.at(target - days * slotsPerDay))
  }

  const learn = (k: number, target: number, value: number): void => {
    const origin = target - ahead[k]
    const then = own.at(origin)
    if (Number.isNaN(then)) return
    look(origin, target, then)
    const at = k * STRIDE
    for (let i = 0; i < FEATURES; i++) {
      for (let j = 0; j < FEATURES; j++) {
        const cell = at + i * FEATURES + j
        sums[cell] = keep * sums[cell] + x[i] * x[j]
      }
      sums[at + MATRIX + i] = keep * sums[at + MATRIX + i] + x[i] * value
    }
  }

  const solve = (k: number): void => {
    const ridge = PRIOR_HOURS * perHour * square
    if (!(ridge > 0)) return
    const at = k * STRIDE
    for (let i = 0; i < MATRIX; i++) a[i] = sums[at + i]
    for (let i = 0; i < FEATURES; i++) {
      a[i * FEATURES + i] += ridge
      b[i] = sums[at + MATRIX + i]
    }
    b[0] += ridge * fade(ahead[k])
    solvePositive(a, b)
    for (let i = 0; i < FEATURES; i++) sums[at + MATRIX + FEATURES + i] = b[i]
  }

  return {
    push: (slot, value) => {
      const before = own.last()
      if (slot <= before) return
      const isKnown = !Number.isNaN(value)
      if (isKnown) {
        square += (square === 0 ? 1 : dayWeight / 7) * (Math.min(value * value, 1e24) - square)
      }
      const most = CLIP * Math.sqrt(square)
      const clipped = Math.max(-most, Math.min(most, value))
      // After a gap of more than a day the deviation of before says nothing any more.
      const carries = slot - before <= slotsPerDay
      const slowBefore = carries ? orZero(slow.at(before)) : 0
      const dayBefore = carries ? orZero(day.at(before)) : 0
      if (isKnown) for (let k = 0; k < ahead.length; k++) learn(k, slot, clipped)
      own.put(slot, clipped)
      slow.put(slot, slowBefore + (isKnown ? slowWeight * (clipped - slowBefore) : 0))
      day.put(slot, dayBefore + (isKnown ? dayWeight * (clipped - dayBefore) : 0))
      solve(((slot % ahead.length) + ahead.length) % ahead.length)
    },
    expected: (target, lead, now) => {
      const origin = own.last()
      if (!Number.isFinite(origin)) return 0
      const most = CLIP * Math.sqrt(square)
      look(origin, target, Math.max(-most, Math.min(most, now ?? own.at(origin))))
      const { below, above, weight } = leads.between(lead)
      const low = below * STRIDE + MATRIX + FEATURES
      const high = above * STRIDE + MATRIX + FEATURES
      let sum = 0
      for (let i = 0; i < FEATURES; i++) {
        sum += (sums[low + i] + weight * (sums[high + i] - sums[low + i])) * x[i]
      }
      return sum
    },
    at: own.at,
    snapshot: () => ({
      sums: toPlain(sums),
      square,
      own: own.snapshot(),
      slow: slow.snapshot(),
      day: day.snapshot(),
    }),
    restore: (snapshot) => {
      square = snapshot.square
      fromPlain(sums, snapshot.sums)
      own.restore(snapshot.own)
      slow.restore(snapshot.slow)
      day.restore(snapshot.day)
    },
  }
}

const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value)

/** Solves A x = b in place; A is symmetric and positive definite, so nothing need be exchanged. */
const solvePositive = (a: Float64Array, b: Float64Array): void => {
  const n = b.length
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / a[k * n + k]
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j]
      b[i] -= factor * b[k]
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i] -= a[i * n + j] * b[j]
    b[i] /= a[i * n + i]
  }
}
