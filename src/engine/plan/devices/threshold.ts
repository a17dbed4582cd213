/**
 * Finds the level at which a row of vessels holds a given amount:
 *
 *     sum over k of clip(level - key_k, 0, top_k) = amount
 *
 * The left side rises and is piecewise linear, so Newton's method with a bracket ends after a few
 * passes: two or three when started near the answer. This is the inner loop of the solver.
 */
const TOLERANCE = 1e-11
const MAX_PASSES = 80

export interface Vessels {
  readonly keys: Float64Array
  readonly tops: Float64Array
}

/** Next level when nothing can move at `level`: just beyond the nearest edge on the right side. */
const beyondNextEdge = (
  { keys, tops }: Vessels,
  first: number,
  last: number,
  topShift: number,
  level: number,
  excess: number,
): number => {
  let edge = excess > 0 ? -Infinity : Infinity
  for (let k = first; k < last; k++) {
    const top = tops[k + topShift]
    if (top === 0) continue
    if (excess > 0) {
      const full = keys[k] + top
      if (full <= level && full > edge) edge = full
    } else if (keys[k] >= level && keys[k] < edge) edge = keys[k]
  }
  return edge - excess
}

/**
 * Level for vessels `first .. last`, of which the tops are `tops[k + topShift]`. At most `cap`:
 * when the vessels hold less than `amount` there, `cap` is the answer. `start` is a guess.
 */
export const levelFor = (
  vessels: Vessels,
  first: number,
  last: number,
  topShift: number,
  amount: number,
  cap: number,
  start: number,
): number => {
  const { keys, tops } = vessels
  let low = -Infinity
  let high = Infinity
  let level = start < cap ? start : cap
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    let sum = 0
    let moving = 0
    for (let k = first; k < last; k++) {
      const part = level - keys[k]
      if (part <= 0) continue
      const top = tops[k + topShift]
      if (part >= top) sum += top
      else {
        sum += part
        moving++
      }
    }
    const excess = sum - amount
    if (excess <= TOLERANCE && (excess >= -TOLERANCE || level >= cap)) return level
    if (excess > 0) high = level
    else low = level
    let next =
      moving > 0
        ? level - excess / moving
        : beyondNextEdge(vessels, first, last, topShift, level, excess)
    if (next > cap) next = cap
    if (next <= low || next >= high) next = (low + high) / 2
    if (!Number.isFinite(next)) next = high - Math.max(1, Math.abs(high))
    if (next === level) return level
    level = next
  }
  return level
}
