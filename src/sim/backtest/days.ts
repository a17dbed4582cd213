import type { Case } from './stay.ts'

const DAY_MS = 86_400_000

/** Mean power by the time of the local day, kW in `slots` parts of it. */
export const meanDay = (
  { grid }: Case,
  powerW: Float64Array,
  slots: number,
  offsetMs: (atMs: number) => number,
): number[] => {
  const sums = new Float64Array(slots)
  const counts = new Float64Array(slots)
  powerW.forEach((watts, t) => {
    const atMs = grid.startMs + t * grid.stepS * 1000
    const localMs = (((atMs + offsetMs(atMs)) % DAY_MS) + DAY_MS) % DAY_MS
    const slot = Math.floor((localMs * slots) / DAY_MS)
    sums[slot] += watts / 1000
    counts[slot]++
  })
  // Steps longer than a slot fill those that follow.
  for (let slot = 1; slot < slots; slot++) {
    if (counts[slot] > 0) continue
    sums[slot] = sums[slot - 1]
    counts[slot] = counts[slot - 1]
  }
  return Array.from(sums, (total, slot) => (counts[slot] > 0 ? total / counts[slot] : 0))
}

/** Beginning of the 24 hours from the grid's midnight on in which most was drawn. */
export const busiestDay = ({ grid }: Case, powerW: Float64Array): number => {
  const perDay = Math.round(DAY_MS / 1000 / grid.stepS)
  let found = 0
  let most = -1
  for (let t = 0; t < powerW.length; t += perDay) {
    const drawn = powerW.subarray(t, t + perDay).reduce((sum, watts) => sum + watts, 0)
    if (drawn <= most) continue
    most = drawn
    found = t
  }
  return grid.startMs + found * grid.stepS * 1000
}
