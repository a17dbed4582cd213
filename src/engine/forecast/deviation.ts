import { createSlotRing, type RingSnapshot } from './slot-ring.ts'
import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'

/**
 * How a deviation from the usual goes on. For each of a few distances ahead a small regression says
 * what part of it will still be there, learned from how deviations went on before:
 *
 *     e(t) ~ c1 e(o) + c2 e4h(o) + c3 e24h(o) + c4 e(same time, last known day)      t = o + lead
 *
 * with e4h, e24h running means. The coefficients solve (A + r I) c = b + r c0, where A and b are
 * sums over the past with forgetting and c0 is a plain exponential fade: what the past does not
 * tell stays as assumed. O(leads) per slot, 14 numbers per lead.
 */
export interface Deviation {
  /** The deviation of the next slot; slots ascend, NaN or left out = not known. */
  readonly push: (slot: number, value: number) => void
  /**
   * Expected deviation at a later slot, from the last pushed one.
   *
   * @param lead slots ahead (fractions are interpolated)
   * @param now deviation at this moment, when it is newer than the last slot
   */
  readonly expected: (target: number, lead: number, now?: number) => number
  readonly snapshot: () => DeviationSnapshot
  readonly restore: (snapshot: DeviationSnapshot) => boolean
}

export interface DeviationSnapshot {
  readonly sums: PlainNumbers
  readonly fast: RingSnapshot
  readonly slow: RingSnapshot
  readonly day: RingSnapshot
  readonly own: RingSnapshot
  readonly square: number
}

const FEATURES = 4
const MATRIX = FEATURES * FEATURES
const STRIDE = MATRIX + 2 * FEATURES
/** The assumption c0 counts as much as so many hours of history. */
const PRIOR_HOURS = 12
const MEMORY_DAYS = 28

export const createDeviation = (leads: readonly number[], slotsPerDay: number): Deviation => {
  const size = Math.max(...leads) + slotsPerDay + 1
  const perHour = slotsPerDay / 24
  const own = createSlotRing(size)
  const fast = createSlotRing(size)
  const slow = createSlotRing(size)
  const day = createSlotRing(size)
  const slowWeight = Math.min(1, 1 / (4 * perHour))
  const dayWeight = 1 / slotsPerDay
  const keep = 1 - 1 / (MEMORY_DAYS * slotsPerDay)
  const prior = PRIOR_HOURS * perHour
  /** Per lead: A, b, c. */
  const sums = new Float64Array(leads.length * STRIDE)
  let square = 0
  const features = new Float64Array(FEATURES)

  const fade = (lead: number): number => 0.95 * Math.exp(-lead / (3 * perHour))
  const ridge = (): number => prior * square
  const startCoefficients = (): void => {
    leads.forEach((lead, k) => {
      sums[k * STRIDE + MATRIX + FEATURES] = fade(lead)
    })
  }
  startCoefficients()

  const zero = (value: number): number => (Number.isNaN(value) ? 0 : value)

  const look = (origin: number, target: number, now = fast.at(origin)): void => {
    features[0] = zero(now)
    features[1] = zero(slow.at(origin))
    features[2] = zero(day.at(origin))
    const days = Math.max(1, Math.ceil((target - origin) / slotsPerDay))
    features[3] = zero(own.at(target - days * slotsPerDay))
  }

  const solve = (k: number): void => {
    const at = k * STRIDE
    const r = ridge()
    if (!(r > 0)) return
    const a = new Float64Array(MATRIX)
    const b = new Float64Array(FEATURES)
    for (let i = 0; i < FEATURES; i++) {
      for (let j = 0; j < FEATURES; j++) a[i * FEATURES + j] = sums[at + i * FEATURES + j]
      a[i * FEATURES + i] += r
      b[i] = sums[at + MATRIX + i]
    }
    b[0] += r * fade(leads[k])
    solveSymmetric(a, b)
    for (let i = 0; i < FEATURES; i++) sums[at + MATRIX + FEATURES + i] = b[i]
  }

  return {
    push: (slot, value) => {
      const before = own.last()
      if (slot <= before) return
      const known = !Number.isNaN(value)
      if (known) square += (Math.max(dayWeight / 7, square === 0 ? 1 : 0)) * (value * value - square)
      const carried = slot - before <= slotsPerDay
      const e4 = carried ? zero(slow.at(before)) : 0
      const e24 = carried ? zero(day.at(before)) : 0
      const most = 5 * Math.sqrt(square)
      const clipped = Math.max(-most, Math.min(most, value))
      if (known) {
        for (let k = 0; k < leads.length; k++) {
          const origin = slot - leads[k]
          if (Number.isNaN(fast.at(origin))) continue
          look(origin, slot)
          const at = k * STRIDE
          for (let i = 0; i < FEATURES; i++) {
            for (let j = 0; j < FEATURES; j++) {
              const q = at + i * FEATURES + j
              sums[q] = keep * sums[q] + features[i] * features[j]
            }
            sums[at + MATRIX + i] = keep * sums[at + MATRIX + i] + features[i] * clipped
          }
        }
      }
      own.put(slot, known ? clipped : Number.NaN)
      fast.put(slot, known ? clipped : Number.NaN)
      slow.put(slot, known ? e4 + slowWeight * (clipped - e4) : e4)
      day.put(slot, known ? e24 + dayWeight * (clipped - e24) : e24)
      for (let k = 0; k < leads.length; k++) if ((slot + k) % leads.length === 0) solve(k)
    },
    expected: (target, lead, now) => {
      const origin = own.last()
      if (!Number.isFinite(origin)) return 0
      look(origin, target, now)
      let above = 0
      while (above < leads.length - 1 && leads[above] < lead) above++
      const below = Math.max(0, above - 1)
      const gap = leads[above] - leads[below]
      const w = gap > 0 ? Math.max(0, Math.min(1, (lead - leads[below]) / gap)) : 1
      let sum = 0
      for (let i = 0; i < FEATURES; i++) {
        const low = sums[below * STRIDE + MATRIX + FEATURES + i]
        const high = sums[above * STRIDE + MATRIX + FEATURES + i]
        sum += (low + w * (high - low)) * features[i]
      }
      return sum
    },
    snapshot: () => ({
      sums: toPlain(sums),
      own: own.snapshot(),
      fast: fast.snapshot(),
      slow: slow.snapshot(),
      day: day.snapshot(),
      square,
    }),
    restore: (snapshot) => {
      square = snapshot.square
      return (
        fromPlain(sums, snapshot.sums) &&
        own.restore(snapshot.own) &&
        fast.restore(snapshot.fast) &&
        slow.restore(snapshot.slow) &&
        day.restore(snapshot.day)
      )
    },
  }
}

/** Solves A x = b in place for a symmetric positive definite A (Gauss, no pivoting needed). */
const solveSymmetric = (a: Float64Array, b: Float64Array): void => {
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
