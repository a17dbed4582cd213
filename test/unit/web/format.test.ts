import { expect, test } from 'vitest'
import { createFormat, duration } from '../../../src/web/words/format.ts'

const format = createFormat('Europe/Amsterdam', 'EUR', 'en-GB')
/** What people see, with plain spaces. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

test.each([
  [format.power(12_345), '12.3 kW'],
  [format.power(0), '0.0 kW'],
  [format.power(-49), '0.0 kW'],
  [format.power(-8_100), '−8.1 kW'],
  [format.current(16), '16 A'],
  [format.current(5.96), '6 A'],
  [format.current(-5.44), '−5.4 A'],
  [format.currentOf(62.04, 80), '62 of 80 A'],
  [format.powerOf(14_700, 15_000), '14.7 of 15.0 kW'],
  [format.energy(7_449), '7.4 kWh'],
  [format.share(0.804), '80 %'],
  [format.money(1_234.5), '€1,234.50'],
  [format.money(-2), '−€2.00'],
  [format.price(0.2915), '€0.2915/kWh'],
  [format.price(0.3), '€0.30/kWh'],
])('%s', (shown, wished) => {
  expect(plain(shown)).toBe(wished)
})

test('what is not known is a dash', () => {
  const { power, current, energy, share, money, price, time, clock } = format
  for (const show of [power, current, energy, share, money, price, time, clock]) {
    expect([show(null), show(undefined), show(Number.NaN), show(Infinity)]).toEqual(
      Array.from({ length: 4 }, () => '–'),
    )
  }
})

test('times are those of the site, across a change of its clock', () => {
  const before = Date.parse('2026-10-25T00:30:00Z')
  const after = Date.parse('2026-10-25T01:30:00Z')
  expect([format.time(before), format.zone(before)]).toEqual(['02:30', 'CEST'])
  expect([format.time(after), format.zone(after)]).toEqual(['02:30', 'CET'])
})

test('another day is named, in as few words as are needed', () => {
  const now = Date.parse('2026-11-22T22:30:00Z')
  const soon = Date.parse('2026-11-22T23:30:00Z')
  expect(format.moment(now, now)).toBe('23:30')
  expect(format.moment(soon, now)).toBe('Mon 00:30')
  expect(format.moment(now + 30 * 86_400_000, now)).toBe('22 Dec, 23:30')
  expect(plain(format.span(now, soon, now))).toBe('23:30 – Mon 00:30')
  expect(plain(format.span(now - 3_600_000, now, now))).toBe('22:30 – 23:30')
})

test.each([
  [-3, '0 s'],
  [89, '89 s'],
  [95, '2 min'],
  [3_600, '60 min'],
  [7_500, '2 h 5 min'],
  [10_800, '3 h'],
  [400_000, '5 d'],
  [Infinity, '–'],
])('%i seconds are %s', (seconds, wished) => {
  expect(plain(duration(seconds))).toBe(wished)
})
