import type { ForecastSeries } from '../../domain/forecast-series.ts'
import { createPvForecast } from './pv.ts'
import type { ReplaySettings } from './replay-load.ts'
import type { ForecastRecord } from './score.ts'
import type { SlotClock } from './slot-clock.ts'
import type { SlotSeries } from './slot-means.ts'

/**
 * Lets the PV model live through a recorded series (watts given, >= 0). Baseline: the same time of
 * the last known day. Only slots at which the plant gives something at that time of day count: the
 * nights are easy.
 *
 * @param outside what others said, each from `atMs` on
 */
export const replayPv = (
  series: SlotSeries,
  clock: SlotClock,
  settings: ReplaySettings,
  outside: readonly { readonly atMs: number; readonly series: ForecastSeries }[] = [],
): ForecastRecord[] => {
  const model = createPvForecast(clock)
  const { startSlot, values } = series
  const day = clock.slotsPerDay
  const records: ForecastRecord[] = []
  const firstSlot = startSlot + settings.warmUpDays * day
  let accepted = 0
  for (let k = 0; k < values.length; k++) {
    const slot = startSlot + k
    const nowMs = (slot + 1) * clock.slotMs
    model.learn(slot, values[k])
    for (; accepted < outside.length && outside[accepted].atMs <= nowMs; accepted++) {
      model.accept(outside[accepted].series)
    }
    if (slot < firstSlot || slot % settings.everySlots !== 0 || Number.isNaN(values[k])) continue
    const present = { slot: slot + 1, value: values[k], mean: Number.NaN, part: 0 }
    for (const leadS of settings.leadsS) {
      const target = slot + Math.round((leadS * 1000) / clock.slotMs)
      const actual = values[target - startSlot]
      if (actual === undefined || Number.isNaN(actual)) continue
      const baseline = values[target - Math.ceil((target - slot) / day) * day - startSlot]
      const quantiles = settings.levels.map(
        (level) => [level, model.at(present, target, level)] as const,
      )
      if (actual === 0 && quantiles.at(-1)![1] === 0) continue
      records.push({
        kind: 'pv',
        subject: settings.subject,
        madeAtMs: nowMs,
        leadS,
        quantiles,
        baseline: baseline === undefined || Number.isNaN(baseline) ? null : baseline,
        actual,
      })
    }
  }
  return records
}
