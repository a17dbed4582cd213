import { expect, test } from 'vitest'
import { createSiteCalendar } from '../../../../src/control/planning/site-calendar.ts'
import { localTime } from '../../../../src/engine/forecast/calendar.ts'

const kindOf = (holidays: string | null, at: string): number =>
  localTime(createSiteCalendar('Europe/Berlin', holidays), Date.parse(at)).kind

test('a holiday is like a Sunday, by the local clock, where a list is named', () => {
  // 2026-10-03 is a Saturday; 2026-05-01 a Friday that begins at 22:00 UTC.
  expect(kindOf('de', '2026-05-01T12:00:00Z')).toBe(2)
  expect(kindOf('de', '2026-04-30T22:00:00Z')).toBe(2)
  expect(kindOf('de', '2026-05-01T22:00:00Z')).toBe(1)
  expect(kindOf('de', '2026-10-03T12:00:00Z')).toBe(2)
  expect(kindOf(null, '2026-05-01T12:00:00Z')).toBe(0)
})

test('the clock is that of the zone, summer and winter', () => {
  const { offsetMs } = createSiteCalendar('Europe/Berlin', null)
  expect(offsetMs(Date.UTC(2026, 0, 1))).toBe(3_600_000)
  expect(offsetMs(Date.UTC(2026, 6, 1))).toBe(7_200_000)
})
