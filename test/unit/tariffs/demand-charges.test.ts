import { describe, expect, test } from 'vitest'
import { demandCharges, demandHistory } from '../../../src/tariffs/demand-charges.ts'
import { loadTariff } from '../../../src/tariffs/load.ts'
import { berlin, exampleTariff, metered } from './example.ts'

const NOW = berlin('2026-02-17T12:00') // a Tuesday
const MONTH_END = berlin('2026-03-01T00:00')

describe('a plain monthly maximum', () => {
  const parts = 'demand: [{ name: Peak, windowMin: 15, pricePerKw: 12 }]\n'

  test('what is billed already is free', async () => {
    const tariff = await exampleTariff(parts)
    const history = demandHistory(
      tariff,
      metered('2026-01-01T00:00', '2026-02-17T12:00', 900, 10, [
        ['2026-01-05T08:00', '2026-01-05T08:15', 70],
        ['2026-02-05T08:00', '2026-02-05T08:15', 40],
      ]),
      NOW,
    )
    expect(history.Peak.months.map(({ kw }) => kw)).toEqual([70])
    expect(demandCharges(tariff, NOW, history)).toEqual([
      {
        name: 'Peak',
        pricePerKw: 12,
        windowS: 900,
        billedW: 40_000,
        previousW: 70_000,
        periodEndMs: MONTH_END,
        counts: [{ startMs: NOW, endMs: MONTH_END }],
      },
    ])
  })

  test('nothing known: everything costs', async () => {
    const [charge] = demandCharges(await exampleTariff(parts), NOW, {})
    expect(charge.billedW).toBe(0)
  })

  test('a plan over the end of the month sees the next month too', async () => {
    const tariff = await exampleTariff(parts)
    const late = berlin('2026-02-28T20:00')
    const history = demandHistory(
      tariff,
      metered('2026-02-01T00:00', '2026-02-28T20:00', 900, 30),
      late,
    )
    const charges = demandCharges(tariff, late, history, { untilMs: late + 86_400_000 })
    expect(charges.map(({ billedW, periodEndMs }) => [billedW, periodEndMs])).toEqual([
      [30_000, MONTH_END],
      [0, berlin('2026-04-01T00:00')],
    ])
    expect(charges[1].previousW).toBe(30_000)
    expect(charges[1].counts).toEqual([{ startMs: MONTH_END, endMs: berlin('2026-04-01T00:00') }])
  })

  test('taxes make it dearer', async () => {
    const tariff = await exampleTariff(`${parts}taxes: [{ name: VAT, percent: 25 }]\n`)
    expect(demandCharges(tariff, NOW, {})[0].pricePerKw).toBe(15)
    expect(demandCharges(tariff, NOW, {}, { taxes: false })[0].pricePerKw).toBe(12)
  })
})

test('only the hours that count', async () => {
  const tariff = await exampleTariff(
    'demand: [{ name: Peak, windowMin: 15, pricePerKw: 12, when: { days: workday, hours: 16:00-21:00 } }]\n',
  )
  const [charge] = demandCharges(tariff, berlin('2026-02-26T12:00'), {})
  expect(charge.counts).toEqual([
    { startMs: berlin('2026-02-26T16:00'), endMs: berlin('2026-02-26T21:00') },
    { startMs: berlin('2026-02-27T16:00'), endMs: berlin('2026-02-27T21:00') },
  ])
})

test('another season: nothing to mind', async () => {
  const tariff = await exampleTariff(`
seasons: { summer: 06-01..09-30 }
demand: [{ name: Peak, windowMin: 15, pricePerKw: 12, when: { season: summer } }]
`)
  expect(demandCharges(tariff, NOW, {})).toEqual([])
})

test.each([
  ['floor', 'minKw: 20', 20_000],
  ['ratchet', 'ratchet: { months: 11, fraction: 0.5 }', 35_000],
])('%s is free', async (_, extra, billedW) => {
  const tariff = await exampleTariff(
    `demand: [{ name: Peak, windowMin: 15, pricePerKw: 12, ${extra} }]\n`,
  )
  const history = demandHistory(
    tariff,
    metered('2026-01-01T00:00', '2026-02-17T12:00', 900, 5, [
      ['2026-01-05T08:00', '2026-01-05T08:15', 70],
    ]),
    NOW,
  )
  expect(demandCharges(tariff, NOW, history)[0].billedW).toBe(billedW)
})

describe('the mean of the three highest days', () => {
  const tariff = () =>
    exampleTariff(
      'demand: [{ name: Peak, windowMin: 60, pricePerKw: 90, top: 3, distinctDays: true }]\n',
    )
  const charge = async (except: Parameters<typeof metered>[4]) => {
    const compiled = await tariff()
    const series = metered('2026-02-01T00:00', '2026-02-17T12:00', 3600, 1, except)
    return demandCharges(compiled, NOW, demandHistory(compiled, series, NOW))[0]
  }

  test('a third of the price, above the lowest of the three', async () => {
    const { pricePerKw, billedW } = await charge([
      ['2026-02-03T10:00', '2026-02-03T13:00', 20],
      ['2026-02-04T10:00', '2026-02-04T11:00', 15],
      ['2026-02-05T10:00', '2026-02-05T11:00', 12],
    ])
    expect([pricePerKw, billedW]).toEqual([30, 12_000])
  })

  test('when today has a high one already, above that', async () => {
    const { billedW } = await charge([
      ['2026-02-03T10:00', '2026-02-03T11:00', 20],
      ['2026-02-04T10:00', '2026-02-04T11:00', 15],
      ['2026-02-05T10:00', '2026-02-05T11:00', 12],
      ['2026-02-17T08:00', '2026-02-17T09:00', 18],
    ])
    expect(billedW).toBe(18_000)
  })
})

test('the night that counts half costs half, above twice the level', async () => {
  const tariff = await loadTariff('se-ellevio-2025')
  const from = Date.parse('2026-02-17T12:00+01:00')
  const series = {
    startMs: Date.parse('2026-02-01T00:00+01:00'),
    stepS: 3600,
    importWh: new Float64Array(16 * 24 + 12).fill(6000),
  }
  const charges = demandCharges(tariff, from, demandHistory(tariff, series, from))
  expect(
    charges.map(({ pricePerKw, billedW, counts }) => [pricePerKw, billedW, counts?.[0]]),
  ).toEqual([
    [81.25 / 3, 6000, { startMs: from, endMs: Date.parse('2026-02-17T22:00+01:00') }],
    [
      (81.25 / 3) * 0.5,
      12_000,
      {
        startMs: Date.parse('2026-02-17T22:00+01:00'),
        endMs: Date.parse('2026-02-18T06:00+01:00'),
      },
    ],
  ])
})

test('stairs: free up to the edge, then the slope of the next step', async () => {
  const tariff = await loadTariff('no-elvia-2025')
  const from = Date.parse('2026-02-17T12:00+01:00')
  const series = {
    startMs: Date.parse('2026-02-01T00:00+01:00'),
    stepS: 3600,
    importWh: new Float64Array(16 * 24 + 12).fill(7000),
  }
  const [charge] = demandCharges(tariff, from, demandHistory(tariff, series, from))
  expect(charge.billedW).toBe(10_000)
  // (3936 - 2880) / 12 over 5 kW, with 25 % VAT
  expect(charge.pricePerKw).toBeCloseTo(((3936 - 2880) / 12 / 5) * 1.25, 9)
})

test('contracted power is free, more costs the overage', async () => {
  const tariff = await loadTariff('us-pge-bev-2-s-2024')
  const at = Date.parse('2026-02-17T12:00-08:00')
  const [charge] = demandCharges(tariff, at, {}, { contractedKw: { Subscription: 180 } })
  expect(charge).toMatchObject({ name: 'Subscription', pricePerKw: 3.82, billedW: 200_000 })
})

test('coincident peaks count only where one is expected', async () => {
  const tariff = await exampleTariff(
    'demand: [{ name: System, windowMin: 60, pricePerKw: 5, coincident: true }]\n',
  )
  expect(demandCharges(tariff, NOW, {})).toEqual([])
  const [charge] = demandCharges(
    tariff,
    NOW,
    {},
    {
      coincidentPeaksMs: [berlin('2026-02-17T18:20')],
    },
  )
  expect(charge.counts).toEqual([
    { startMs: berlin('2026-02-17T18:00'), endMs: berlin('2026-02-17T19:00') },
  ])
})
