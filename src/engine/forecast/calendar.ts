/** What a forecast must know of local time. */
export interface SiteCalendar {
  /** Local time less UTC at an instant. */
  readonly offsetMs: (atMs: number) => number
  /** Rests the site like on a Sunday? `localDay`: days from 1970-01-01 to the local date. */
  readonly isHoliday: (localDay: number) => boolean
}

export const DAY_MS = 86_400_000

/** Days that are alike: 0 = workday, 1 = Saturday, 2 = Sunday or holiday. */
export type DayKind = 0 | 1 | 2
export const DAY_KINDS = 3

/** An instant by the local clock. */
export interface LocalTime {
  /** Days from 1970-01-01. */
  readonly day: number
  /** Milliseconds from local midnight. */
  readonly timeMs: number
  /** 0 = Monday .. 6 = Sunday. */
  readonly weekday: number
  readonly kind: DayKind
}

export const localTime = (calendar: SiteCalendar, atMs: number): LocalTime => {
  const localMs = atMs + calendar.offsetMs(atMs)
  const day = Math.floor(localMs / DAY_MS)
  // 1970-01-01 was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7
  const isFree = weekday === 6 || calendar.isHoliday(day)
  return {
    day,
    timeMs: localMs - day * DAY_MS,
    weekday,
    kind: isFree ? 2 : weekday === 5 ? 1 : 0,
  }
}
