/** Mean power through the grid connection per plan step, for demand charges that average over several. */
export interface ImportMeans {
  /** Takes what flows now, watts; below 0 = export, which no demand charge counts. */
  readonly observe: (nowMs: number, powerW: number) => void
  /** Mean import of the step that holds `atMs`; of a step that was not seen, the last known. */
  readonly at: (atMs: number) => number
}

interface Mean {
  readonly slot: number
  sum: number
  count: number
}

/** Averaging windows are hours at most: so much of the past is enough. */
const KEPT_MS = 4 * 3_600_000

/**
 * @param stepMs length of a plan step
 * @param offsetMs local time less UTC: steps are aligned to the clock on the wall
 */
export const createImportMeans = (
  stepMs: number,
  offsetMs: (atMs: number) => number,
): ImportMeans => {
  const slotOf = (atMs: number): number => Math.floor((atMs + offsetMs(atMs)) / stepMs)
  const kept = Math.ceil(KEPT_MS / stepMs) + 1
  const means: Mean[] = []
  return {
    observe: (nowMs, powerW) => {
      const slot = slotOf(nowMs)
      if (means.at(-1)?.slot !== slot) means.push({ slot, sum: 0, count: 0 })
      if (means.length > kept) means.shift()
      const mean = means.at(-1)!
      mean.sum += Math.max(0, powerW)
      mean.count++
    },
    at: (atMs) => {
      const slot = slotOf(atMs)
      const mean = means.findLast((one) => one.slot === slot) ?? means.at(-1)
      return mean === undefined ? 0 : mean.sum / mean.count
    },
  }
}
