import fc from 'fast-check'
import { expect, test } from 'vitest'
import { iso, isTime, parseTime, rangeOf } from '../../../src/api/time.ts'
import { pageOfAll, pageOfRows, windowPlusOne, type Page } from '../../../src/api/paging.ts'

test.each([
  ['2026-11-22T08:00:00Z', true],
  ['2026-11-22T08:00Z', true],
  ['2026-11-22t08:00:00.123z', true],
  ['2026-11-22T08:00:00+01:00', true],
  ['2026-11-22T08:00:00', false],
  ['2026-11-22', false],
  ['2026-11-22 08:00:00Z', false],
  ['2026-02-30T25:00:00Z', false],
  // Date.parse takes it for March 2.
  ['2026-02-30T08:00:00Z', false],
  ['2026-02-29T08:00:00Z', false],
  ['2028-02-29T08:00:00+01:00', true],
  ['2026-11-31T08:00:00Z', false],
  ['2026-11-22T08:00:60Z', false],
  ['now', false],
  ['', false],
])('%s is a time: %s', (text, valid) => {
  expect(isTime(text)).toBe(valid)
})

test('what goes out can come in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (atMs) => {
      expect(isTime(iso(atMs))).toBe(true)
      expect(parseTime(iso(atMs))).toBe(atMs)
    }),
  )
})

test.each([
  [1e300, '9999-12-31T23:59:59.999Z'],
  [Date.UTC(10_000, 0), '9999-12-31T23:59:59.999Z'],
  [-1e300, '0000-01-01T00:00:00.000Z'],
])('a time that RFC 3339 cannot write does not break an answer', (atMs, shown) => {
  expect(iso(atMs)).toBe(shown)
  expect(isTime(shown)).toBe(true)
})

test('a range has the ends that were given', () => {
  expect(rangeOf({})).toEqual({})
  expect(rangeOf({ from: '1970-01-01T00:00:01Z' })).toEqual({ from: 1_000 })
  expect(rangeOf({ to: '1970-01-01T00:00:02Z' })).toEqual({ to: 2_000 })
})

test('pages put together are the list, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { maxLength: 50 }),
      fc.integer({ min: 1, max: 20 }),
      (all, limit) => {
        const found: number[] = []
        let offset: number | null = 0
        while (offset !== null) {
          const page: Page<number> = pageOfAll(all, { limit, offset }, (item: number) => item)
          found.push(...page.items)
          offset = page.nextOffset
        }
        expect(found).toEqual(all)
      },
    ),
  )
})

test('one row more than fits tells of another page', () => {
  expect(windowPlusOne({ limit: 2, offset: 4 })).toEqual({ limit: 3, offset: 4 })
  expect(windowPlusOne({})).toEqual({ limit: 101, offset: 0 })
  const present = (row: number) => row
  expect(pageOfRows([1, 2, 3], { limit: 2, offset: 4 }, present)).toEqual({
    items: [1, 2],
    nextOffset: 6,
  })
  expect(pageOfRows([1, 2], { limit: 2, offset: 4 }, present).nextOffset).toBeNull()
})
