import type { PlanPeak } from '../../../engine/plan/problem.ts'

/** Highest average over a window that counts, or what is billed anyway, watts. */
export const peakLevelW = (
  { billedW, windowSteps, offset, mask }: PlanPeak,
  powerW: readonly Float64Array[],
): number => {
  const sums = new Map<number, number>()
  mask.forEach((counts, k) => {
    if (counts === 0) return
    const window = Math.floor((k - offset) / windowSteps)
    const watts = powerW.reduce((sum, values) => sum + values[k], 0)
    sums.set(window, (sums.get(window) ?? 0) + watts)
  })
  return Math.max(billedW, ...[...sums.values()].map((sum) => sum / windowSteps))
}
