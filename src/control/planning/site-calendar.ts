import { IANAZone } from 'luxon'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { HOLIDAY_LISTS } from '../../engine/holiday-lists.ts'
import { holidayTest } from '../../engine/holidays.ts'

/**
 * Local time of a site, and the days on which it rests like on a Sunday.
 *
 * @param timeZone IANA
 * @param holidays name of a list of engine/holiday-lists.ts; `null` = no holidays
 */
export const createSiteCalendar = (timeZone: string, holidays: string | null): SiteCalendar => {
  const zone = IANAZone.create(timeZone)
  return {
    offsetMs: (atMs) => zone.offset(atMs) * 60_000,
    isHoliday: holidays === null ? () => false : holidayTest(HOLIDAY_LISTS[holidays]),
  }
}
