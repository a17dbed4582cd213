import type { SiteCalendar } from '../../src/engine/forecast/calendar.ts'
import { createLoadForecast } from '../../src/engine/forecast/load.ts'
import { createPvForecast } from '../../src/engine/forecast/pv.ts'
import { createSlotClock } from '../../src/engine/forecast/slot-clock.ts'

const SLOT_MS = 900_000
const WEEKS = 6
const SLOTS = WEEKS * 7 * 96
const START_SLOT = Math.floor(Date.UTC(2026, 0, 5) / SLOT_MS)

/** A load of 20 to 60 kW with a daily shape, and noise that is the same each time. */
const loadAt = (slot: number): number =>
  40_000 + 20_000 * Math.sin((2 * Math.PI * slot) / 96) + 3_000 * Math.sin(slot * 12.9898)

const sunAt = (slot: number): number =>
  Math.max(0, 50_000 * Math.sin((2 * Math.PI * ((slot % 96) - 28)) / 96)) *
  (0.7 + 0.3 * Math.sin(slot * 0.37))

const microseconds = (startMs: number, count: number): string =>
  `${((1000 * (performance.now() - startMs)) / count).toFixed(1)} us`

/** Time per slot and per forecast of one row, and how much of it a snapshot holds. */
export const costOfModels = (calendar: SiteCalendar): string => {
  const clock = createSlotClock(calendar, SLOT_MS)
  // All but the last round warm up the compiler.
  const lines = Array.from({ length: 4 }, () => ['load', 'pv'] as const)
    .flat()
    .map((kind) => {
      const model = kind === 'load' ? createLoadForecast(clock) : createPvForecast(clock)
      const value = kind === 'load' ? loadAt : sunAt
      const learnMs = performance.now()
      for (let k = 0; k < SLOTS; k++) model.learn(START_SLOT + k, value(START_SLOT + k))
      const perSlot = microseconds(learnMs, SLOTS)
      const last = START_SLOT + SLOTS
      const present = { slot: last, value: value(last), mean: Number.NaN, part: 0 }
      const askMs = performance.now()
      for (let k = 0; k < 96; k++) {
        for (const q of [0.5, 0.9]) model.at(present, last + k, q)
      }
      const perForecast = microseconds(askMs, 2 * 96)
      const size = JSON.stringify(model.snapshot()).length / 1000
      return `${kind.padEnd(6)}${perSlot} per slot, ${perForecast} per forecast, snapshot ${size.toFixed(0)} kB`
    })
  return lines.slice(-2).join('\n')
}
