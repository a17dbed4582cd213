import type { BatteryTable } from '../device-tables.ts'

/**
 * Lower bound of what storage i costs at the prices q of its window, from any worth of content y:
 *
 *     sum over t  chargeFull * min(0, q - gain y) + dischargeFull * min(0, wear + loss y - q)
 *     + sum over inner t of the least of (y(t-1) - y(t)) * e(t) between the limits
 *     + the least of y(last) * e + price * max(0, target - e) at the end  -  y(0) * start
 *
 * (Lagrange dual of the content balance; valid for every y, exact for the right one.) `level` is
 * y in units of eps. O(window).
 */
export const storageBound = (
  batteries: BatteryTable,
  i: number,
  level: Float64Array,
  eps: number,
  prices: Float64Array,
): number => {
  const [low, high] = [batteries.lowKWh[i], batteries.highKWh[i]]
  const missing = (content: number): number =>
    batteries.price[i] * Math.max(0, batteries.targetKWh[i] - content)
  if (prices.length === 0) return missing(batteries.startKWh[i])
  let before = level[0] * eps
  let bound = -before * batteries.startKWh[i]
  for (let k = 0; k < prices.length; k++) {
    const y = level[k] * eps
    const charging = prices[k] - batteries.gain[i] * y
    const discharging = batteries.wear[i] + batteries.loss[i] * y - prices[k]
    if (charging < 0) bound += batteries.chargeFull[i] * charging
    if (discharging < 0) bound += batteries.dischargeFull[i] * discharging
    const fall = before - y
    bound += fall * (fall > 0 ? low : high)
    before = y
  }
  const corner = Math.min(high, Math.max(low, batteries.targetKWh[i]))
  const atEnd = (content: number): number => before * content + missing(content)
  return bound + Math.min(atEnd(low), atEnd(corner), atEnd(high))
}
