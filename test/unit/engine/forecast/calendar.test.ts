import { expect, test } from 'vitest'
import { localTime } from '../../../../src/engine/forecast/calendar.ts'
import { createSlotClock } from '../../../../src/engine/forecast/slot-clock.ts'
import { BERLIN, DAY_MS, HOUR_MS, MONDAY_MS, UTC } from './calendars.ts'

test.each([
  ['Monday', 0, 0, 0],
  ['Friday', 4, 4, 0],
  ['Saturday', 5, 5, 1],
  ['Sunday', 6, 6, 2],
])('%s', (_, days, weekday, kind) => {
  const atMs = MONDAY_MS + days * DAY_MS + 3 * HOUR_MS
  expect(localTime(UTC, atMs)).toEqual({
    day: atMs / DAY_MS - 0.125,
    timeMs: 3 * HOUR_MS,
    weekday,
    kind,
  })
})

test('a holiday is like a Sunday, whatever its weekday', () => {
  const holiday = MONDAY_MS / DAY_MS + 2
  const calendar = { ...UTC, isHoliday: (day: number) => day === holiday }
  expect(localTime(calendar, holiday * DAY_MS)).toMatchObject({ weekday: 2, kind: 2 })
  expect(localTime(calendar, (holiday + 1) * DAY_MS)).toMatchObject({ weekday: 3, kind: 0 })
})

test('days before 1970 have weekdays too', () => {
  expect(localTime(UTC, -1)).toMatchObject({ day: -1, weekday: 2, timeMs: DAY_MS - 1 })
})

test('slots keep to the local clock over its change', () => {
  const clock = createSlotClock(BERLIN, 900_000)
  const slotAt = (utc: number) => clock.place(clock.slotAt(utc)).slot
  // 12:00 in winter is 11:00 UTC, in summer 10:00.
  expect(slotAt(Date.UTC(2026, 2, 28, 11))).toBe(48)
  expect(slotAt(Date.UTC(2026, 2, 29, 10))).toBe(48)
  // 02:00 to 03:00 is left out.
  expect(slotAt(Date.UTC(2026, 2, 29, 0, 45))).toBe(7)
  expect(slotAt(Date.UTC(2026, 2, 29, 1))).toBe(12)
})
