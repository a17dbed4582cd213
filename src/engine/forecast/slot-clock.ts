import { localTime, type SiteCalendar } from './calendar.ts'
import type { WeekPlace } from './week-profile.ts'

/**
 * Time in slots of equal length, numbered from 1970: the series of a model. Where a slot lies in
 * the local week is worked out once: every row of a site asks for the same slots.
 */
export interface SlotClock {
  readonly slotMs: number
  readonly slotsPerDay: number
  readonly slotAt: (atMs: number) => number
  readonly place: (slot: number) => WeekPlace
}

/** Two months of quarter hours; when they are full, a new page is begun. */
const KEPT = 6_000

/**
 * @param slotMs a whole part of an hour. Time zones are off UTC by whole quarter hours, so slots of
 *   15 minutes are also slots of the local clock; in longer ones the middle decides.
 */
export const createSlotClock = (calendar: SiteCalendar, slotMs: number): SlotClock => {
  const places = new Map<number, WeekPlace>()
  return {
    slotMs,
    slotsPerDay: Math.round(86_400_000 / slotMs),
    slotAt: (atMs) => Math.floor(atMs / slotMs),
    place: (slot) => {
      const known = places.get(slot)
      if (known) return known
      if (places.size >= KEPT) places.clear()
      const { kind, weekday, timeMs } = localTime(calendar, (slot + 0.5) * slotMs)
      const place = { kind, weekday, slot: Math.floor(timeMs / slotMs) }
      places.set(slot, place)
      return place
    },
  }
}
