import { createLoadForecast } from './load.ts'
import type { ForecastRecord } from './score.ts'
import type { SlotClock } from './slot-clock.ts'
import type { SlotSeries } from './slot-means.ts'

export interface ReplaySettings {
  readonly subject: string
  /** Seconds ahead at which forecasts are made. */
  readonly leadsS: readonly number[]
  readonly levels: readonly number[]
  /** Nothing is recorded before the model has seen so many days. */
  readonly warmUpDays: number
  /** A forecast is made after every so many slots. */
  readonly everySlots: number
}

/**
 * Lets the load model live through a recorded series: what it would have said at each moment, with
 * what it knew then, beside what came. Baseline: the same time of the last known week.
 */
export const replayLoad = (
  series: SlotSeries,
  clock: SlotClock,
  settings: ReplaySettings,
): ForecastRecord[] => {
  const model = createLoadForecast(clock)
  const { startSlot, values } = series
  const week = 7 * clock.slotsPerDay
  const records: ForecastRecord[] = []
  const firstSlot = startSlot + settings.warmUpDays * clock.slotsPerDay
  for (let k = 0; k < values.length; k++) {
    const slot = startSlot + k
    model.learn(slot, values[k])
    if (slot < firstSlot || slot % settings.everySlots !== 0 || Number.isNaN(values[k])) continue
    const present = { slot: slot + 1, value: values[k], mean: Number.NaN, part: 0 }
    for (const leadS of settings.leadsS) {
      const target = slot + Math.round((leadS * 1000) / clock.slotMs)
      const actual = values[target - startSlot]
      if (actual === undefined || Number.isNaN(actual)) continue
      const weeks = Math.ceil((target - slot) / week)
      const baseline = values[target - weeks * week - startSlot]
      records.push({
        kind: 'load',
        subject: settings.subject,
        madeAtMs: (slot + 1) * clock.slotMs,
        leadS,
        quantiles: settings.levels.map((level) => [level, model.at(present, target, level)]),
        baseline: baseline === undefined || Number.isNaN(baseline) ? null : baseline,
        actual,
      })
    }
  }
  return records
}
