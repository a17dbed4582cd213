/**
 * Quantile of the standard normal distribution, absolute error below 4.5e-4 (Abramowitz and Stegun,
 * 26.2.23). Finite for every q: 0 and 1 give about -4.3 and 4.3.
 */
export const normalQuantile = (q: number): number => {
  const p = Math.max(1e-5, Math.min(1 - 1e-5, q))
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)))
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t)
  return p < 0.5 ? -z : z
}

/**
 * Smallest value at which the weights of all values up to it reach the part `q` of their sum.
 * `values` ascend. NaN when there is no weight. O(n).
 */
export const weightedQuantile = (
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  q: number,
): number => {
  let total = 0
  for (let k = 0; k < weights.length; k++) total += weights[k]
  if (!(total > 0)) return Number.NaN
  let left = q * total
  let found = Number.NaN
  for (let k = 0; k < values.length; k++) {
    if (!(weights[k] > 0)) continue
    found = values[k]
    left -= weights[k]
    if (left <= 0) break
  }
  return found
}
