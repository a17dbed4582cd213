import type { Site } from '../domain/site.ts'
import type { Storage } from '../ports/storage.ts'
import type { MeteredSeries } from '../tariffs/meter.ts'

/**
 * What the grid connection imported, in five-minute means: what demand charges and their ratchets
 * are worked out from. Filled by the control view each tick, restored from stored readings.
 */
export interface ImportHistory {
  observe(atMs: number, importW: number): void
  /** `null` before the first full step. */
  series(nowMs: number): MeteredSeries | null
  load(storage: Storage, nowMs: number): Promise<void>
}

const STEP_MS = 300_000
/** Thirteen months: the longest ratchet. */
const KEPT_MS = 400 * 86_400_000

export const createImportHistory = (site: Site): ImportHistory => {
  /** Step number -> sum and count. */
  const steps = new Map<number, { sumW: number; samples: number }>()

  const add = (atMs: number, importW: number): void => {
    const step = Math.floor(atMs / STEP_MS)
    const entry = steps.get(step)
    if (entry) {
      entry.sumW += Math.max(0, importW)
      entry.samples++
    } else {
      steps.set(step, { sumW: Math.max(0, importW), samples: 1 })
      const oldest = Math.floor((atMs - KEPT_MS) / STEP_MS)
      const first = steps.keys().next().value
      if (first !== undefined && first < oldest) steps.delete(first)
    }
  }

  return {
    observe: add,
    series: (nowMs) => {
      const last = Math.floor(nowMs / STEP_MS)
      const known = [...steps.keys()].filter((step) => step < last).sort((a, b) => a - b)
      if (known.length === 0) return null
      const importWh = new Float64Array(known.at(-1)! - known[0] + 1).fill(Number.NaN)
      for (const step of known) {
        const { sumW, samples } = steps.get(step)!
        importWh[step - known[0]] = ((sumW / samples) * STEP_MS) / 3_600_000
      }
      return { startMs: known[0] * STEP_MS, stepS: STEP_MS / 1000, importWh }
    },
    load: async (storage, nowMs) => {
      const { meterId } = site.nodes[0]
      if (meterId === null) return
      const rows = await storage.query('reading', {
        where: { meterId },
        between: { column: 'measuredAtMs', from: nowMs - KEPT_MS, to: nowMs },
        orderBy: 'measuredAtMs',
        descending: true,
        limit: 100_000,
      })
      for (const row of rows.reverse()) {
        const { powerW } = (row.values ?? {}) as { powerW?: number }
        if (powerW !== undefined && row.measuredAtMs !== null) add(row.measuredAtMs, powerW)
      }
    },
  }
}
