import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'
import { normalQuantile } from './weighted.ts'

export interface OutcomesSettings {
  /** Pairs that are remembered. */
  readonly size: number
  /** How near an expected value must be to count; `Infinity` = all count the same. */
  readonly bandwidth: number
  /** 1: what is remembered is the error; 0: what came; between: a bit of both. */
  readonly anchor: number
  /** Standard deviation that is assumed before enough is remembered. */
  readonly assumed: number
}

/**
 * What came of what was expected, and from it the quantiles of what will: the last pairs (expected,
 * actual), those weighted most whose expectation was like this one.
 *
 *     Q(q | x) = anchor x + weighted quantile q of { actual_i - anchor x_i },
 *     weights K((x_i - x) / bandwidth)
 *
 * The weights do not depend on q, so the quantiles never cross. O(1) with infinite bandwidth,
 * O(size) otherwise; sorted again after new pairs.
 */
export interface Outcomes {
  readonly add: (expected: number, actual: number) => void
  readonly quantile: (expected: number, q: number) => number
  readonly snapshot: () => OutcomesSnapshot
  readonly restore: (snapshot: OutcomesSnapshot) => void
}

export interface OutcomesSnapshot {
  readonly added: number
  readonly offset: PlainNumbers
  readonly expected: PlainNumbers
}

const ENOUGH = 20
/** What counts even with an expectation that is far away. */
const FLOOR = 0.001

export const createOutcomes = (settings: OutcomesSettings): Outcomes => {
  const { size, bandwidth, anchor, assumed } = settings
  const isLocal = bandwidth !== Infinity
  const offset = new Float32Array(size).fill(Number.NaN)
  const expectedOf = new Float32Array(isLocal ? size : 0).fill(Number.NaN)
  let sorted: Float32Array | null = null
  let sortedExpected = expectedOf
  let added = 0

  const sort = (): Float32Array => {
    const count = Math.min(added, size)
    if (!isLocal) return (sorted = offset.slice(0, count).sort())
    const order = Array.from({ length: count }, (_, k) => k)
    order.sort((a, b) => offset[a] - offset[b] || a - b)
    sortedExpected = Float32Array.from(order, (k) => expectedOf[k])
    return (sorted = Float32Array.from(order, (k) => offset[k]))
  }

  const kernel = (x: number, near: number): number =>
    FLOOR + Math.exp(-0.5 * ((near - x) / bandwidth) ** 2)

  /** Running sums of the weights for one expectation: several quantiles of it are asked in a row. */
  const sums = new Float64Array(isLocal ? size : 0)
  let sumsOf = Number.NaN

  const localQuantile = (values: Float32Array, x: number, q: number): number => {
    const last = values.length - 1
    if (x !== sumsOf) {
      let sum = 0
      for (let k = 0; k <= last; k++) sums[k] = sum += kernel(x, sortedExpected[k])
      sumsOf = x
    }
    const part = q * sums[last]
    let low = 0
    let high = last
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] < part) low = middle + 1
      else high = middle
    }
    return values[low]
  }

  return {
    add: (expected, actual) => {
      const k = added % size
      offset[k] = actual - anchor * expected
      if (isLocal) expectedOf[k] = expected
      added++
      sorted = null
      sumsOf = Number.NaN
    },
    quantile: (expected, q) => {
      if (added < ENOUGH) return expected + assumed * normalQuantile(q)
      const values = sorted ?? sort()
      if (isLocal) return anchor * expected + localQuantile(values, expected, q)
      const at = q * (values.length - 1)
      const low = Math.floor(at)
      const high = Math.min(low + 1, values.length - 1)
      const between = values[low] + (at - low) * (values[high] - values[low])
      return anchor * expected + Math.min(between, values[high])
    },
    snapshot: () => ({ added, offset: toPlain(offset), expected: toPlain(expectedOf) }),
    restore: (snapshot) => {
      sorted = null
      sumsOf = Number.NaN
      added = snapshot.added
      fromPlain(offset, snapshot.offset)
      fromPlain(expectedOf, snapshot.expected)
    },
  }
}
