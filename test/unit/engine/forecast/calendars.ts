import type { SiteCalendar } from '../../../../src/engine/forecast/calendar.ts'
import type { Present } from '../../../../src/engine/forecast/load.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** A Monday. */
export const MONDAY_MS = Date.UTC(2026, 0, 5)

export const UTC: SiteCalendar = { offsetMs: () => 0, isHoliday: () => false }

/** Central Europe in 2026: the clock goes on to summer time on 29 March at 01:00 UTC. */
const SUMMER_MS = Date.UTC(2026, 2, 29, 1)
const WINTER_MS = Date.UTC(2026, 9, 25, 1)
export const BERLIN: SiteCalendar = {
  offsetMs: (atMs) => (atMs >= SUMMER_MS && atMs < WINTER_MS ? 2 * HOUR_MS : HOUR_MS),
  isHoliday: () => false,
}

/** The moment at which a slot has just ended and nothing of the next one is known. */
export const after = (slot: number, value: number): Present => ({
  slot: slot + 1,
  value,
  mean: Number.NaN,
  part: 0,
})
