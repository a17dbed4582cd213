import { describe, expect, test } from 'vitest'
import { HOLIDAY_LISTS } from '../../../src/engine/holiday-lists.ts'
import {
  easterSunday,
  holidayRuleProblem,
  holidaysOf,
  holidayTest,
  type HolidayRule,
} from '../../../src/engine/holidays.ts'

const days = (rules: readonly HolidayRule[], year: number): string[] =>
  holidaysOf(rules, year).map(
    ({ month, day }) => `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
  )
const one = (rule: string, year: number, observed?: HolidayRule['observed']): string[] =>
  days([{ name: 'x', rule, ...(observed ? { observed } : {}) }], year)

test.each([
  [1961, 4, 2],
  [2000, 4, 23],
  [2019, 4, 21],
  [2024, 3, 31],
  [2025, 4, 20],
  [2026, 4, 5],
  [2038, 4, 25],
])('Easter of %i is %i-%i', (year, month, day) => {
  expect(easterSunday(year)).toEqual({ month, day })
})

describe('rules', () => {
  test.each([
    ['12-25', 2026, ['12-25']],
    ['02-29', 2024, ['02-29']],
    ['2026-06-02', 2026, ['06-02']],
    ['2026-06-02', 2027, []],
    ['1st monday of 09', 2019, ['09-02']],
    ['4th thursday of 11', 2019, ['11-28']],
    ['5th friday of 02', 2023, []],
    ['last monday of 05', 2019, ['05-27']],
    ['last friday of 12', 2027, ['12-31']],
    ['easter', 2026, ['04-05']],
    ['easter-2', 2026, ['04-03']],
    ['easter+50', 2026, ['05-25']],
    ['friday from 06-19', 2020, ['06-19']],
    ['saturday from 06-20', 2026, ['06-20']],
    ['monday before 05-25', 2026, ['05-18']],
  ])('%s in %i', (rule, year, expected) => {
    expect(one(rule, year)).toEqual(expected)
  })

  test.each(['12-32', '13-01', '6th monday of 09', '1st moonday of 09', 'easter*2', 'monday', ''])(
    '"%s" is refused with examples',
    (rule) => {
      expect(holidayRuleProblem(rule)).toContain('last monday of 05')
      expect(() => one(rule, 2026)).toThrow(RangeError)
    },
  )
})

describe('a holiday on a weekend', () => {
  test.each([
    // 2026-07-04 is a Saturday, 2027-07-04 a Sunday, 2028-07-04 a Tuesday.
    ['nearest-workday', 2026, ['07-03']],
    ['nearest-workday', 2027, ['07-05']],
    ['nearest-workday', 2028, ['07-04']],
    ['sunday-to-monday', 2026, ['07-04']],
    ['sunday-to-monday', 2027, ['07-05']],
    ['next-workday', 2026, ['07-06']],
    [undefined, 2027, ['07-04']],
  ] as const)('%s in %i', (observed, year, expected) => {
    expect(one('07-04', year, observed)).toEqual(expected)
  })

  test("New Year's Day of 2022, a Saturday, is kept in 2021", () => {
    expect(one('01-01', 2021, 'nearest-workday')).toEqual(['01-01', '12-31'])
    expect(one('01-01', 2022, 'nearest-workday')).toEqual([])
  })

  test('British substitutes do not fall on each other', () => {
    // 2021: Christmas Saturday and Boxing Day Sunday -> Monday and Tuesday.
    expect(days(HOLIDAY_LISTS['gb-england'], 2021).slice(-2)).toEqual(['12-27', '12-28'])
    // 2022: Christmas Sunday, Boxing Day Monday -> Monday and Tuesday.
    expect(days(HOLIDAY_LISTS['gb-england'], 2022).slice(-2)).toEqual(['12-26', '12-27'])
  })
})

describe('lists', () => {
  test.each([
    ['us-nerc', 2019, ['01-01', '05-27', '07-04', '09-02', '11-28', '12-25']],
    [
      'us-federal',
      2026,
      [
        '01-01',
        '01-19',
        '02-16',
        '05-25',
        '06-19',
        '07-03',
        '09-07',
        '10-12',
        '11-11',
        '11-26',
        '12-25',
      ],
    ],
    ['de', 2025, ['01-01', '04-18', '04-21', '05-01', '05-29', '06-09', '10-03', '12-25', '12-26']],
    ['gb-england', 2024, ['01-01', '03-29', '04-01', '05-06', '05-27', '08-26', '12-25', '12-26']],
  ])('%s of %i', (list, year, expected) => {
    expect(days(HOLIDAY_LISTS[list], year)).toEqual(expected)
  })

  test('every list works in every year from 2000 to 2060 and ascends', () => {
    for (const rules of Object.values(HOLIDAY_LISTS)) {
      for (let year = 2000; year <= 2060; year++) {
        const found = days(rules, year)
        expect(found).toEqual([...found].sort())
        expect(new Set(found).size).toBe(found.length)
      }
    }
  })
})

test('a day is known by its number', () => {
  const isHoliday = holidayTest(HOLIDAY_LISTS['us-federal'])
  const dayOf = (year: number, month: number, day: number): number =>
    Date.UTC(year, month - 1, day) / 86_400_000
  // 2026-07-04 is a Saturday and kept on Friday; the New Year's Day of 2028 in 2027.
  expect(isHoliday(dayOf(2026, 7, 3))).toBe(true)
  expect(isHoliday(dayOf(2026, 7, 4))).toBe(false)
  expect(isHoliday(dayOf(2027, 12, 31))).toBe(true)
  expect(isHoliday(dayOf(1969, 12, 25))).toBe(true)
})
