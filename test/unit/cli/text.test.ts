import { describe, expect, test } from 'vitest'
import {
  amps,
  createTimes,
  duration,
  kilowattHours,
  kilowatts,
  orDash,
  threeAmps,
} from '../../../src/cli/text.ts'

test.each([
  [amps(9.26), '9.3 A'],
  [amps(32), '32 A'],
  [kilowatts(7_360), '7.4 kW'],
  [kilowatts(-40), '0.0 kW'],
  [kilowatts(-1_500), '-1.5 kW'],
  [kilowattHours(30_000), '30.0 kWh'],
  [threeAmps([12.4, -0.2, 31.6]), '12/0/32'],
  [orDash(null, amps), '-'],
  [orDash(undefined, amps), '-'],
  [orDash(0, amps), '0 A'],
])('%s is %s', (text, wanted) => {
  expect(text).toBe(wanted)
})

test.each([
  [0, '0 s'],
  [40_000, '40 s'],
  [59_600, '1 min'],
  [65_000, '1 min 5 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [7_380_000, '2 h 3 min'],
  [90_000_000, '1 d 1 h'],
])('%i ms last %s', (ms, wanted) => {
  expect(duration(ms)).toBe(wanted)
})

describe('times', () => {
  const nowMs = Date.UTC(2026, 10, 22, 23, 30)

  test('are those of the place, with the day where it is another', () => {
    const amsterdam = createTimes(nowMs, 'Europe/Amsterdam')
    expect(amsterdam.minute('2026-11-22T23:45:00Z')).toBe('00:45')
    expect(amsterdam.minute('2026-11-22T22:45:00Z')).toBe('11-22 23:45')
    expect(amsterdam.second(nowMs)).toBe('00:30:00')
    expect(amsterdam.full(nowMs)).toBe('2026-11-23 00:30')
    expect(createTimes(nowMs, 'America/Los_Angeles').minute(nowMs)).toBe('15:30')
  })

  test('know summer time', () => {
    const times = createTimes(Date.UTC(2026, 6, 1, 12), 'Europe/Amsterdam')
    expect(times.minute('2026-07-01T12:00:00Z')).toBe('14:00')
  })
})
