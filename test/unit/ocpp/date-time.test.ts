import { describe, expect, test } from 'vitest'
import { isDateTime, readDateTime } from '../../../src/ocpp/date-time.ts'

describe('the strict form', () => {
  test.each([
    '2026-11-22T07:00:00Z',
    '2026-11-22T07:00:00.1Z',
    '2026-11-22T07:00:00.123456789Z',
    '2026-11-22T07:00:00+05:30',
    '2024-02-29T00:00:00Z',
    '2026-12-31T23:59:59-11:00',
  ])('%s passes, and Date.parse reads it', (text) => {
    expect(isDateTime(text)).toBe(true)
    expect(Date.parse(text)).not.toBeNaN()
  })

  test.each([
    '2026-11-22T07:00:00',
    '2026-11-22 07:00:00Z',
    '2026-11-22T07:00:00+03',
    '2026-11-22T24:00:00Z',
    '2026-11-22T07:00:60Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-11-22',
    '',
  ])('%j does not pass', (text) => {
    expect(isDateTime(text)).toBe(false)
  })
})

describe('what stations write', () => {
  test.each<[unknown, string]>([
    ['2024-01-05T10:00:00+03', '2024-01-05T07:00:00.000Z'],
    ['2024-01-05T10:00:00+0530', '2024-01-05T04:30:00.000Z'],
    ['2024-01-05T10:00:00-08:00', '2024-01-05T18:00:00.000Z'],
    ['2024-01-05T10:00:00', '2024-01-05T10:00:00.000Z'],
    ['2024-01-05 10:00:00.5Z', '2024-01-05T10:00:00.500Z'],
    ['2024-01-05t10:00:00z', '2024-01-05T10:00:00.000Z'],
    ['2024-01-05T10:00', '2024-01-05T10:00:00.000Z'],
    ['2024/1/5 1:02:03', '2024-01-05T01:02:03.000Z'],
    ['2024-01-05', '2024-01-05T00:00:00.000Z'],
    ['2024-01-05T24:00:00Z', '2024-01-06T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['20240105T100000Z', '2024-01-05T10:00:00.000Z'],
    ['1704448800', '2024-01-05T10:00:00.000Z'],
    [1_704_448_800, '2024-01-05T10:00:00.000Z'],
    [1_704_448_800_123, '2024-01-05T10:00:00.123Z'],
    ['1970-01-01T00:00:10Z', '1970-01-01T00:00:10.000Z'],
  ])('%j', (value, expected) => {
    const atMs = readDateTime(value)
    expect(new Date(atMs ?? Number.NaN).toISOString()).toBe(expected)
  })

  test.each(['', '0000-00-00T00:00:00Z', '2024-02-30T00:00:00Z', '00:00:00', 0, -5])(
    '%j is a clock that was never set',
    (value) => expect(readDateTime(value)).toBeNull(),
  )

  test.each(['yesterday', 'n/a', true, {}, null])('%j is no time at all', (value) => {
    expect(readDateTime(value)).toBeUndefined()
  })
})
