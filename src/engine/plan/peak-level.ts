import type { PlanPeak } from './problem.ts'

/** Highest window average that counts, or what is billed anyway, watts; `importW` per step. */
export const peakLevelW = (
  { billedW, windowSteps, offset, mask }: PlanPeak,
  importW: Float64Array,
): number => {
  const sums = new Map<number, number>()
  mask.forEach((counts, k) => {
    if (counts === 0) return
    const window = Math.floor((k - offset) / windowSteps)
    sums.set(window, (sums.get(window) ?? 0) + importW[k])
  })
  return Math.max(billedW, ...[...sums.values()].map((sum) => sum / windowSteps))
}

/** Per step, the sum over all. */
export const sumOf = (steps: number, powerW: readonly Float64Array[]): Float64Array => {
  const sum = new Float64Array(steps)
  for (const watts of powerW) for (let k = 0; k < steps; k++) sum[k] += watts[k]
  return sum
}
