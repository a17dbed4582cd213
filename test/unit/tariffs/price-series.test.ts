import { describe, expect, test } from 'vitest'
import type { PriceSeries } from '../../../src/domain/price.ts'
import { loadTariff } from '../../../src/tariffs/load.ts'
import { priceAt, resample, tariffPrices } from '../../../src/tariffs/price-series.ts'
import { nextChange, ratesAt } from '../../../src/tariffs/rate.ts'
import { berlin, exampleTariff } from './example.ts'

const HOUR_MS = 3_600_000

const spotOf = (...values: readonly [from: string, to: string, value: number][]): PriceSeries => ({
  sourceId: 'test',
  kind: 'import',
  currency: 'EUR',
  segments: values.map(([from, to, value]) => ({
    startMs: berlin(from),
    endMs: berlin(to),
    value,
  })),
})

test('SCE TOU-EV-4 of 2019 costs what its schedule says', async () => {
  const tariff = await loadTariff('us-sce-tou-ev-4-2019')
  const [series] = tariffPrices(
    tariff,
    Date.parse('2019-01-01T08:00Z'),
    Date.parse('2020-01-01T08:00Z'),
  )
  const at = (time: string): number | null => priceAt(series, Date.parse(time))
  // Wednesday 17 July 2019, UTC-7
  expect(at('2019-07-17T07:59-07:00')).toBe(0.05623)
  expect(at('2019-07-17T08:00-07:00')).toBe(0.0925)
  expect(at('2019-07-17T12:00-07:00')).toBe(0.26668)
  expect(at('2019-07-17T17:59-07:00')).toBe(0.26668)
  expect(at('2019-07-17T18:00-07:00')).toBe(0.0925)
  expect(at('2019-07-17T23:00-07:00')).toBe(0.05623)
  expect(at('2019-07-20T14:00-07:00')).toBe(0.05623)
  // Wednesday 16 January 2019, UTC-8
  expect(at('2019-01-16T12:00-08:00')).toBe(0.0869)
  expect(at('2019-01-16T11:59-08:00')).toBe(0.07492)
  expect(at('2019-01-19T12:00-08:00')).toBe(0.06087)
  // The seasons change at local midnight.
  expect(at('2019-05-31T23:59-07:00')).toBe(0.06087)
  expect(at('2019-06-01T00:00-07:00')).toBe(0.05623)
})

test('charges are added and taxes multiply those they fall on', async () => {
  const tariff = await exampleTariff(`
energy:
  - { name: Energy, price: 0.2 }
  - name: Grid
    rates: [{ price: 0.1, when: { hours: 17:00-19:00 } }]
  - { name: Gross, price: 0.05 }
export: [{ name: Feed-in, price: 0.08 }]
carbon: { rates: [{ gramsPerKwh: 300, when: { hours: 18:00-20:00 } }, { gramsPerKwh: 200 }] }
taxes:
  - { name: Duty, percent: 10, on: [Energy] }
  - { name: VAT, percent: 20, on: [Energy, Grid, Duty] }
`)
  const from = berlin('2026-06-01T16:00')
  const [imports, exports, carbon] = tariffPrices(tariff, from, from + 5 * HOUR_MS)
  // 0.2 x 1.1 x 1.2 + 0.05 = 0.314; with grid + 0.1 x 1.2 = 0.434
  expect(imports.segments).toEqual([
    { startMs: from, endMs: from + HOUR_MS, value: 0.314 },
    { startMs: from + HOUR_MS, endMs: from + 3 * HOUR_MS, value: 0.434 },
    { startMs: from + 3 * HOUR_MS, endMs: from + 5 * HOUR_MS, value: 0.314 },
  ])
  expect(exports).toMatchObject({ kind: 'export', currency: 'EUR' })
  expect(exports.segments).toEqual([{ startMs: from, endMs: from + 5 * HOUR_MS, value: 0.08 }])
  expect(carbon).toMatchObject({ kind: 'carbon', currency: '' })
  expect(carbon.segments.map(({ value }) => value)).toEqual([200, 300, 200])
  const [net] = tariffPrices(tariff, from, from + HOUR_MS, { taxes: false })
  expect(net.segments[0].value).toBe(0.25)
})

describe('a market price', () => {
  const parts = `
spot: { market: test, assume: 0.08 }
constants: { fee: 0.02 }
energy:
  - { name: Energy, formula: 'hour >= 17 and hour < 19 ? 2 * spot : spot + fee' }
`
  const from = berlin('2026-03-28T23:00')
  const to = berlin('2026-03-29T04:00')

  test('cuts the series where it changes, across the change of the clock', async () => {
    const tariff = await exampleTariff(parts)
    const spot = spotOf(
      ['2026-03-28T23:00', '2026-03-29T00:00', 0.1],
      ['2026-03-29T00:00', '2026-03-29T01:30', -0.05],
      ['2026-03-29T01:30', '2026-03-29T04:00', 0.2],
    )
    const [series] = tariffPrices(tariff, from, to, { spot })
    expect(series.segments).toEqual([
      { startMs: from, endMs: berlin('2026-03-29T00:00'), value: 0.12 },
      { startMs: berlin('2026-03-29T00:00'), endMs: berlin('2026-03-29T01:30'), value: -0.03 },
      { startMs: berlin('2026-03-29T01:30'), endMs: to, value: 0.22 },
    ])
    expect(to - from).toBe(4 * HOUR_MS)
  })

  test('that is not known is assumed for plans, and left out where asked', async () => {
    const tariff = await exampleTariff(parts)
    const spot = spotOf(['2026-03-29T00:00', '2026-03-29T01:00', 0.3])
    const values = (unknownSpot: 'assume' | 'omit') =>
      tariffPrices(tariff, from, to, { spot, unknownSpot })[0].segments.map(({ value }) => value)
    expect(values('assume')).toEqual([0.1, 0.32, 0.1])
    expect(values('omit')).toEqual([0.32])
  })
})

test('a formula that gives no number is a fault of the file, with the time', async () => {
  const tariff = await exampleTariff(`
energy: [{ name: Energy, formula: 1 / (hour - 3) }]
`)
  const from = berlin('2026-06-01T00:00')
  expect(() => tariffPrices(tariff, from, from + 24 * HOUR_MS)).toThrow(
    'the formula "1 / (hour - 3)" of "Energy" gives Infinity at 2026-06-01T01:00:00.000Z',
  )
})

test('block rates give the price of the next kWh', async () => {
  const tariff = await exampleTariff(`
energy: [{ name: Energy, tiers: [{ upToKwh: 100, price: 0.1 }, { price: 0.3 }] }]
`)
  const from = berlin('2026-06-01T00:00')
  const price = (used: number) =>
    tariffPrices(tariff, from, from + HOUR_MS, { usedKwh: { Energy: used } })[0].segments[0].value
  expect([price(0), price(99.9), price(100), price(5000)]).toEqual([0.1, 0.1, 0.3, 0.3])
})

test('fixed steps have the mean price of their time', async () => {
  const tariff = await exampleTariff(`
energy:
  - name: Energy
    rates: [{ price: 0.4, when: { hours: 17:15-18:00 } }, { price: 0.2 }]
`)
  const from = berlin('2026-06-01T16:00')
  const [series] = tariffPrices(tariff, from, from + 2.5 * HOUR_MS, { stepS: 3600 })
  expect(series.segments.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS)).toEqual([
    1, 1, 0.5,
  ])
  expect(series.segments.map(({ value }) => Number(value.toFixed(9)))).toEqual([0.2, 0.35, 0.2])
})

test('steps of which nothing is known are left out', () => {
  const segments = [{ startMs: 5000, endMs: 10_000, value: 7 }]
  expect(resample(segments, 0, 20_000, 5)).toEqual([{ startMs: 5000, endMs: 10_000, value: 7 }])
})

test('the price at an instant outside the series is not known', () => {
  const series: PriceSeries = {
    sourceId: 'x',
    kind: 'import',
    currency: 'EUR',
    segments: [{ startMs: 10, endMs: 20, value: 1 }],
  }
  expect([9, 10, 19, 20].map((at) => priceAt(series, at))).toEqual([null, 1, 1, null])
})

test('the present rate and when it ends', async () => {
  const tariff = await loadTariff('us-sce-tou-ev-4-2019')
  const at = Date.parse('2019-07-17T13:00-07:00')
  expect(ratesAt(tariff, at)).toEqual([
    { charge: 'Energy', label: 'summer on-peak', untilMs: Date.parse('2019-07-17T18:00-07:00') },
  ])
  expect(nextChange(tariff, at)).toBe(Date.parse('2019-07-17T18:00-07:00'))
  // From Friday 23:00 it is off-peak until Monday 08:00.
  expect(nextChange(tariff, Date.parse('2019-07-19T23:30-07:00'))).toBe(
    Date.parse('2019-07-22T08:00-07:00'),
  )
  const flat = await exampleTariff('energy: [{ name: Energy, price: 0.2 }]')
  expect(nextChange(flat, at)).toBeNull()
})
