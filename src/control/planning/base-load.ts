import { perPhase } from '../../domain/phases.ts'
import type { Site } from '../../domain/site.ts'
import {
  createWeeklyProfile,
  forecastAt,
  SLOT_S,
  SLOTS_PER_WEEK,
  type WeeklyProfile,
} from '../../engine/forecast.ts'
import type { NodeLoad } from '../node-loads.ts'

/** Forecast of what the loads that we do not control will draw at each node. */
export interface BaseLoad {
  /** Takes the uncontrolled loads of a tick into the averages of the present quarter hour. */
  observe(nowMs: number, loads: readonly NodeLoad[]): void
  /** Amperes per line (rows 0 to 2) or watts (row 3) of a node at a later time. */
  forecast(node: number, row: number, nowMs: number, atMs: number): number
}

/** Time in which a deviation from the usual shrinks to a third. */
const FADE_MS = 2 * 3_600_000

/** @param offsetMs local time less UTC at an instant, in the site's zone */
export const createBaseLoad = (site: Site, offsetMs: (atMs: number) => number): BaseLoad => {
  const rows = site.nodes.length * 4
  const profiles: WeeklyProfile[] = Array.from({ length: rows }, createWeeklyProfile)
  const now = new Float64Array(rows)
  const sum = new Float64Array(rows)
  let samples = 0
  let slot = -1

  const slotOf = (atMs: number): number =>
    // 1970-01-01 was a Thursday; any fixed day will do as the first of the week.
    Math.floor((atMs + offsetMs(atMs)) / (SLOT_S * 1000)) % SLOTS_PER_WEEK

  const closeSlot = (): void => {
    if (slot >= 0 && samples > 0) {
      for (let row = 0; row < rows; row++) profiles[row].learn(slot, sum[row] / samples)
    }
    sum.fill(0)
    samples = 0
  }

  return {
    observe: (nowMs, loads) => {
      const current = slotOf(nowMs)
      if (current !== slot) {
        closeSlot()
        slot = current
      }
      loads.forEach((load, n) => {
        perPhase((line) => (now[n * 4 + line] = load.uncontrolledA[line]))
        now[n * 4 + 3] = load.uncontrolledW
      })
      for (let row = 0; row < rows; row++) sum[row] += now[row]
      samples++
    },
    forecast: (node, row, nowMs, atMs) => {
      const k = node * 4 + row
      return forecastAt(profiles[k], now[k], nowMs, atMs, slotOf, FADE_MS)
    },
  }
}
