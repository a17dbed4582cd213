import { describe, expect, test } from 'vitest'
import { compileTime, type TimeOptions } from '../../../src/meters/timestamp.ts'

const AT = Date.UTC(2026, 6, 1, 10, 20, 30)

describe('times of a meter', () => {
  test.each<[TimeOptions, unknown, number]>([
    [{}, '2026-07-01T10:20:30Z', AT],
    [{}, '2026-07-01T10:20:30.250Z', AT + 250],
    [{}, '2026-07-01T12:20:30+02:00', AT],
    [{}, '2026-07-01T12:20:30+0200', AT],
    [{}, ' 2026-07-01T03:20:30-07 ', AT],
    [{ format: 'iso', timeZone: 'Europe/Berlin' }, '2026-07-01T12:20:30', AT],
    [{ timeZone: 'Europe/Berlin' }, '2026-01-01T12:00:00', Date.UTC(2026, 0, 1, 11)],
    [{ timeZone: 'Europe/Berlin' }, '2026-07-01T10:20:30Z', AT],
    [{ format: 'epoch-s' }, AT / 1000, AT],
    [{ format: 'epoch-s' }, AT / 1000 + 0.5, AT + 500],
    [{ format: 'epoch-s' }, String(AT / 1000), AT],
    [{ format: 'epoch-ms' }, AT, AT],
    [{ format: 'epoch-ms' }, String(AT), AT],
  ])('%j %s', (options, value, expected) => {
    expect(compileTime('here', options)(value)).toBe(expected)
  })

  test.each<[TimeOptions, unknown, string]>([
    [{}, '2026-07-01T10:20:30', 'has no offset from UTC; set timeZone'],
    [{}, 'yesterday', 'has no offset'],
    [{ timeZone: 'UTC' }, 'yesterday', 'is not ISO 8601'],
    [{}, AT, 'is not an ISO 8601 text'],
    [{}, null, 'is not an ISO 8601 text'],
    [{ format: 'epoch-s' }, AT, 'outside 2000 to 2100'],
    [{ format: 'epoch-ms' }, AT / 1000, 'outside 2000 to 2100'],
    [{ format: 'epoch-s' }, 'now', 'is not a number'],
    [{ format: 'epoch-s' }, '', 'is not a number'],
    [{ format: 'epoch-ms' }, null, 'is not a number'],
    [{}, '1970-01-01T00:00:00Z', 'outside 2000 to 2100'],
  ])('%j %s is refused', (options, value, why) => {
    expect(compileTime('here', options)(value)).toContain(why)
  })

  test('an unknown zone is refused when the meter is configured', () => {
    expect(() => compileTime('meters/x/time', { timeZone: 'Berlin' })).toThrow(
      'meters/x/time/timeZone: "Berlin" is no IANA time zone; write it like Europe/Berlin',
    )
  })
})
