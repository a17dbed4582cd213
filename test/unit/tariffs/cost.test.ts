import { describe, expect, test } from 'vitest'
import { costOf } from '../../../src/tariffs/cost.ts'
import type { Invoice, InvoiceLine } from '../../../src/tariffs/invoice.ts'
import { loadTariff } from '../../../src/tariffs/load.ts'
import type { MeteredSeries } from '../../../src/tariffs/meter.ts'
import { berlin, exampleTariff, metered } from './example.ts'

const ENERGY = 'energy: [{ name: Energy, price: 0.25 }]\n'

const of = (invoice: Invoice, charge: string): InvoiceLine[] =>
  invoice.lines.filter((line) => line.charge === charge)
const amounts = (invoice: Invoice, charge: string): number[] =>
  of(invoice, charge).map(({ amount }) => amount)
const codes = (invoice: Invoice): string[] => invoice.problems.map(({ code }) => code)

describe('energy', () => {
  test('a line per rate and month', async () => {
    const tariff = await exampleTariff(`
energy:
  - name: Energy
    rates:
      - { label: high, price: 0.4, when: { hours: 18:00-20:00 } }
      - { label: low, price: 0.1 }
`)
    const invoice = costOf(tariff, metered('2026-01-01T00:00', '2026-03-01T00:00', 900, 1))
    expect(
      invoice.lines.map(({ period, label, quantity, amount }) => [period, label, quantity, amount]),
    ).toEqual([
      ['2026-01', 'high', 62, 24.8],
      ['2026-01', 'low', 682, 68.2],
      ['2026-02', 'high', 56, 22.4],
      ['2026-02', 'low', 616, 61.6],
    ])
    expect(invoice.total).toBe(177)
    expect(invoice.problems).toEqual([])
  })

  test('a step over a change of rate is divided by time', async () => {
    const tariff = await exampleTariff(`
energy:
  - name: Energy
    rates: [{ label: a, price: 1, when: { hours: 00:00-00:20 } }, { label: b, price: 2 }]
`)
    const invoice = costOf(tariff, metered('2026-01-01T00:00', '2026-01-01T01:00', 3600, 3))
    expect(invoice.lines.map(({ quantity }) => Number(quantity.toFixed(9)))).toEqual([1, 2])
  })

  test('blocks are counted in the order of time and begin anew each month', async () => {
    const tariff = await exampleTariff(`
energy: [{ name: Energy, tiers: [{ upToKwh: 600, price: 0.1 }, { upToKwh: 700, price: 0.2 }, { price: 0.3 }] }]
`)
    const invoice = costOf(tariff, metered('2026-01-01T00:00', '2026-03-01T00:00', 3600, 1))
    expect(
      invoice.lines.map(({ period, label, quantity, amount }) => [period, label, quantity, amount]),
    ).toEqual([
      ['2026-01', '0 to 600 kWh', 600, 60],
      ['2026-01', '600 to 700 kWh', 100, 20],
      ['2026-01', 'above 700 kWh', 44, 13.2],
      ['2026-02', '0 to 600 kWh', 600, 60],
      ['2026-02', '600 to 700 kWh', 72, 14.4],
    ])
    const later = costOf(tariff, metered('2026-01-16T00:00', '2026-02-01T00:00', 3600, 1), {
      usedKwh: { Energy: 360 },
    })
    expect(later.lines.map(({ quantity }) => quantity)).toEqual([240, 100, 44])
  })

  test('yearly blocks begin anew in January only', async () => {
    const tariff = await exampleTariff(`
energy: [{ name: Tax, tierPeriod: year, tiers: [{ upToKwh: 1000, price: 1 }, { price: 0 }] }]
`)
    const invoice = costOf(tariff, metered('2026-11-01T00:00', '2027-02-01T00:00', 3600, 1))
    expect(invoice.lines.map(({ period, label, quantity }) => [period, label, quantity])).toEqual([
      ['2026-11', '0 to 1000 kWh', 720],
      ['2026-12', '0 to 1000 kWh', 280],
      ['2026-12', 'above 1000 kWh', 464],
      ['2027-01', '0 to 1000 kWh', 744],
    ])
  })

  test('energy without a market price is reported, not given away', async () => {
    const tariff = await exampleTariff(`
spot: { market: test, assume: 0.1 }
energy: [{ name: Energy, formula: spot * 2 }]
`)
    const spot = {
      sourceId: 'x',
      kind: 'import' as const,
      currency: 'EUR',
      segments: [
        { startMs: berlin('2026-01-01T00:00'), endMs: berlin('2026-01-01T06:00'), value: -0.05 },
      ],
    }
    const invoice = costOf(tariff, metered('2026-01-01T00:00', '2026-01-01T08:00', 3600, 1), {
      spot,
    })
    expect(invoice.lines.map(({ quantity, amount }) => [quantity, amount])).toEqual([[6, -0.6]])
    expect(invoice.problems.find(({ code }) => code === 'no-market-price')?.message).toBe(
      '2 kWh have no market price (test) and are not billed; give the prices of the whole time',
    )
  })

  test('export is a credit and carbon is counted', async () => {
    const tariff = await exampleTariff(`
${ENERGY}
export: [{ name: Feed-in, price: 0.08 }]
carbon: { rates: [{ gramsPerKwh: 400, when: { hours: 00:00-12:00 } }, { gramsPerKwh: 100 }] }
`)
    const series: MeteredSeries = {
      startMs: berlin('2026-01-01T00:00'),
      stepS: 43_200,
      importWh: [1000, 2000],
      exportWh: [500, 0],
    }
    const invoice = costOf(tariff, series)
    expect(amounts(invoice, 'Feed-in')).toEqual([-0.04])
    expect(invoice.carbonKg).toBeCloseTo(0.6, 9)
    expect(invoice.total).toBe(0.71)
  })
})

describe('demand', () => {
  test('the highest window decides, and the line says which', async () => {
    const tariff = await exampleTariff(
      'demand: [{ name: Peak, windowMin: 15, pricePerKw: 10, when: { days: workday, hours: 08:00-18:00 } }]\n',
    )
    // 2026-02-07 is a Saturday, the 10th a Tuesday.
    const invoice = costOf(
      tariff,
      metered('2026-02-01T00:00', '2026-03-01T00:00', 900, 5, [
        ['2026-02-07T10:00', '2026-02-07T11:00', 99],
        ['2026-02-10T18:00', '2026-02-10T19:00', 80],
        ['2026-02-10T17:45', '2026-02-10T18:00', 30],
      ]),
    )
    expect(of(invoice, 'Peak')).toMatchObject([{ quantity: 30, unit: 'kW', amount: 300 }])
    expect(of(invoice, 'Peak')[0].windows).toEqual([
      { startMs: berlin('2026-02-10T17:45'), endMs: berlin('2026-02-10T18:00'), kw: 30 },
    ])
  })

  test.each([
    [15, 12],
    [30, 8],
    [60, 6],
  ])('power is the mean over %i minutes of the clock: %d kW', async (windowMin, kw) => {
    const tariff = await exampleTariff(
      `demand: [{ name: Peak, windowMin: ${windowMin}, pricePerKw: 1 }]\n`,
    )
    // 12 kW from 10:15 to 10:30, else 4 kW: windows begin at full hours, not at 10:15.
    const series = metered('2026-02-01T00:00', '2026-03-01T00:00', 300, 4, [
      ['2026-02-03T10:15', '2026-02-03T10:30', 12],
    ])
    expect(of(costOf(tariff, series), 'Peak')[0].quantity).toBeCloseTo(kw, 9)
  })

  test('seasons: a month without counting windows has no line', async () => {
    const tariff = await exampleTariff(`
seasons: { winter: 11-01..03-31 }
demand: [{ name: Winter peak, windowMin: 60, pricePerKw: 3, when: { season: winter } }]
`)
    const invoice = costOf(tariff, metered('2026-03-01T00:00', '2026-05-01T00:00', 3600, 2))
    expect(invoice.lines.map(({ period, amount }) => [period, amount])).toEqual([['2026-03', 6]])
  })

  test('mean of the highest hours, of distinct days or not, weighted', async () => {
    const parts = (extra: string): string =>
      `demand: [{ name: Peak, windowMin: 60, pricePerKw: 100, top: 3${extra} }]\n`
    const series = metered('2026-02-01T00:00', '2026-03-01T00:00', 3600, 1, [
      ['2026-02-03T10:00', '2026-02-03T12:00', 9],
      ['2026-02-05T02:00', '2026-02-05T03:00', 16],
      ['2026-02-06T12:00', '2026-02-06T13:00', 6],
    ])
    const kw = async (extra: string): Promise<number> =>
      of(costOf(await exampleTariff(parts(extra)), series), 'Peak')[0].quantity
    expect(await kw('')).toBeCloseTo((16 + 9 + 9) / 3, 9)
    expect(await kw(', distinctDays: true')).toBeCloseTo((16 + 9 + 6) / 3, 9)
    const night = ', weights: [{ when: { hours: 22:00-06:00 }, factor: 0.5 }]'
    expect(await kw(`, distinctDays: true${night}`)).toBeCloseTo((9 + 8 + 6) / 3, 9)
  })

  test('stairs', async () => {
    const tariff = await exampleTariff(`
demand:
  - name: Step
    windowMin: 60
    per: year
    steps: [{ upToKw: 5, price: 120 }, { upToKw: 10, price: 240 }, { price: 600 }]
`)
    const fee = (kw: number): unknown[] => {
      const [line] = costOf(tariff, metered('2026-02-01T00:00', '2026-03-01T00:00', 3600, kw)).lines
      return [line.label, line.amount]
    }
    expect(fee(0)).toEqual(['0 to 5 kW', 10])
    expect(fee(5)).toEqual(['0 to 5 kW', 10])
    expect(fee(5.01)).toEqual(['5 to 10 kW', 20])
    expect(fee(99)).toEqual(['above 10 kW', 50])
  })

  test('the Flemish capacity tariff: mean of twelve monthly peaks, each at least 2.5 kW', async () => {
    const tariff = await loadTariff('be-fluvius-capacity-2023')
    const months = Array.from({ length: 11 }, (_, i) => ({
      startMs: Date.UTC(2022, 10 + i, 1),
      kw: 4,
    }))
    const october = metered('2023-10-01T00:00', '2023-11-01T00:00', 900, 1, [
      ['2023-10-12T18:00', '2023-10-12T18:15', 6],
    ])
    const history = { Capaciteitstarief: { months, windows: [] } }
    const [line] = of(costOf(tariff, october, { history }), 'Capaciteitstarief')
    // (11 x 4 + 6) / 12 = 4.1667 kW x 40.4 / 12 = 14.0278
    expect(line.quantity).toBeCloseTo(50 / 12, 9)
    expect(line.amount).toBe(14.03)
    expect(line.because).toBe('mean of 12 monthly peaks, this month 6 kW')
    // A quiet month still counts 2.5 kW: 2.5 x 40.4 / 12 = 8.4167
    const quiet = metered('2023-10-01T00:00', '2023-11-01T00:00', 900, 0.4)
    expect(amounts(costOf(tariff, quiet), 'Capaciteitstarief')).toEqual([8.42])
  })

  test('a ratchet remembers', async () => {
    const tariff = await exampleTariff(`
demand: [{ name: Peak, windowMin: 15, pricePerKw: 10, ratchet: { months: 2, fraction: 0.8 } }]
`)
    const series = metered('2026-01-01T00:00', '2026-06-01T00:00', 900, 10, [
      ['2026-01-20T10:00', '2026-01-20T11:00', 50],
    ])
    const invoice = costOf(tariff, series)
    expect(amounts(invoice, 'Peak')).toEqual([500, 400, 400, 100, 100])
    expect(of(invoice, 'Peak')[1].because).toBe('ratchet: 80 % of 50 kW, this month 10 kW')
    expect(of(invoice, 'Peak')[3].because).toBeNull()
    // What went before the recording counts when it is given.
    const history = {
      Peak: { months: [{ startMs: berlin('2025-12-01T00:00'), kw: 100 }], windows: [] },
    }
    expect(amounts(costOf(tariff, series, { history }), 'Peak')).toEqual([800, 800, 400, 100, 100])
  })

  test('coincident peaks are those that the operator names', async () => {
    const tariff = await exampleTariff(
      'demand: [{ name: System peak, windowMin: 60, pricePerKw: 5, coincident: true }]\n',
    )
    const series = metered('2026-07-01T00:00', '2026-08-01T00:00', 900, 10, [
      ['2026-07-14T17:00', '2026-07-14T18:00', 4],
      ['2026-07-15T12:00', '2026-07-15T13:00', 90],
    ])
    const named = costOf(tariff, series, { coincidentPeaksMs: [berlin('2026-07-14T17:30')] })
    expect(amounts(named, 'System peak')).toEqual([20])
    const unknown = costOf(tariff, series)
    expect(unknown.lines).toEqual([])
    expect(codes(unknown)).toEqual(['no-coincident-peaks'])
  })

  test('a charge per kW and day', async () => {
    const tariff = await loadTariff('au-ausgrid-ea116-2024')
    const startMs = Date.parse('2024-07-01T00:00+10:00')
    const series = { startMs, stepS: 1800, importWh: new Float64Array(31 * 48).fill(2500) }
    // 5 kW x 0.332942 x 31 days = 51.60601
    expect(amounts(costOf(tariff, series), 'Peak demand')).toEqual([51.61])
  })
})

describe('contracted power', () => {
  const tariff = () =>
    exampleTariff(`
subscriptions:
  - { name: Blocks, kw: 60, block: { kw: 50, price: 95.56 }, overage: { pricePerKw: 3.82, windowMin: 15 } }
  - { name: Flat, kw: 10, pricePerKw: 2 }
  - { name: Levels, kw: 9, levels: [{ upToKw: 6, price: 14 }, { upToKw: 9, price: 17 }, { price: 30 }] }
`)

  test('whole blocks, levels, and the price of what is above', async () => {
    const series = metered('2026-02-01T00:00', '2026-03-01T00:00', 900, 20, [
      ['2026-02-03T10:00', '2026-02-03T10:15', 112],
    ])
    const invoice = costOf(await tariff(), series)
    expect(
      invoice.lines.map(({ kind, charge, quantity, amount }) => [kind, charge, quantity, amount]),
    ).toEqual([
      ['subscription', 'Blocks', 2, 191.12],
      ['subscription', 'Flat', 10, 20],
      ['subscription', 'Levels', 9, 17],
      ['overage', 'Blocks', 12, 45.84],
    ])
  })

  test('the user may say what is contracted', async () => {
    const series = metered('2026-02-01T00:00', '2026-03-01T00:00', 900, 20)
    const invoice = costOf(await tariff(), series, {
      contractedKw: { Blocks: 200, Flat: 25, Levels: 12 },
    })
    expect(invoice.lines.map(({ amount }) => amount)).toEqual([382.24, 50, 30])
  })
})

describe('periods metered in part', () => {
  const parts = `
${ENERGY}
fixed: [{ name: Monthly, price: 31, per: month }, { name: Daily, price: 2, per: day }, { name: Yearly, price: 120, per: year }]
demand: [{ name: Peak, windowMin: 60, pricePerKw: 10 }]
`
  const series = metered('2026-01-11T00:00', '2026-02-01T00:00', 3600, 1)

  test.each([
    ['fixed', [21, 42, 6.77, 10]],
    ['all', [21, 42, 6.77, 6.77]],
    ['none', [31, 62, 10, 10]],
  ] as const)('prorate %s', async (prorate, expected) => {
    const invoice = costOf(await exampleTariff(parts), series, { prorate })
    expect(
      ['Monthly', 'Daily', 'Yearly', 'Peak'].flatMap((charge) => amounts(invoice, charge)),
    ).toEqual(expected)
    expect(invoice.problems).toEqual([
      { code: 'partial-period', message: 'metered in part: 2026-01 (21 of 31 days)' },
    ])
  })

  test('a billing period may begin on another day', async () => {
    const invoice = costOf(
      await exampleTariff(parts),
      metered('2026-01-11T00:00', '2026-03-11T00:00', 3600, 1),
      { billingDay: 11 },
    )
    expect(of(invoice, 'Daily').map(({ period, quantity }) => [period, quantity])).toEqual([
      ['2026-01', 31],
      ['2026-02', 28],
    ])
    expect(invoice.problems).toEqual([])
  })
})

describe('what is missing is said', () => {
  test('gaps and averaging windows with holes', async () => {
    const tariff = await exampleTariff(
      `${ENERGY}demand: [{ name: Peak, windowMin: 15, pricePerKw: 10 }]\n`,
    )
    const series = metered('2026-02-01T00:00', '2026-03-01T00:00', 300, 6)
    const importWh = Float64Array.from(series.importWh)
    importWh.fill(NaN, 12, 14) // 01:00 to 01:10: one window is less than half recorded
    importWh.fill(NaN, 24, 25) // 02:00 to 02:05: one window has a hole
    const invoice = costOf(tariff, { ...series, importWh })
    expect(invoice.problems).toEqual([
      {
        code: 'missing-energy',
        message:
          '0.25 h are not recorded and not billed: 2026-02-01 01:00 to 2026-02-01 01:10, ' +
          '2026-02-01 02:00 to 2026-02-01 02:05',
      },
      {
        code: 'incomplete-windows',
        message: 'averaging windows that are not wholly recorded: 2; the peak may be higher',
      },
    ])
    expect(of(invoice, 'Peak')[0].quantity).toBe(6)
    expect(invoice.importKwh).toBe(28 * 24 * 6 - 1.5)
  })

  test('steps that are longer than the averaging window', async () => {
    const tariff = await exampleTariff('demand: [{ name: Peak, windowMin: 15, pricePerKw: 10 }]\n')
    expect(codes(costOf(tariff, metered('2026-02-01T00:00', '2026-03-01T00:00', 3600, 1)))).toEqual(
      ['coarse-steps'],
    )
  })

  test('time outside the validity', async () => {
    const tariff = await exampleTariff(ENERGY)
    expect(codes(costOf(tariff, metered('2025-12-01T00:00', '2026-01-01T00:00', 3600, 1)))).toEqual(
      ['outside-validity'],
    )
  })

  test('figures that nobody checked', async () => {
    const tariff = await loadTariff('be-fluvius-capacity-2023')
    const invoice = costOf(tariff, metered('2023-02-01T00:00', '2023-03-01T00:00', 900, 1))
    expect(invoice.unverified).toEqual(['Supply'])
  })
})

describe('taxes', () => {
  test('are taken of rounded lines, one upon the other, but not of export', async () => {
    const tariff = await exampleTariff(`
energy: [{ name: Energy, price: 0.1 }]
export: [{ name: Feed-in, price: 0.1 }]
fixed: [{ name: Standing, price: 10 }]
taxes: [{ name: Duty, percent: 5 }, { name: VAT, percent: 21 }]
`)
    const series: MeteredSeries = {
      startMs: berlin('2026-02-01T00:00'),
      stepS: 3600,
      importWh: new Float64Array(672).fill(1000),
      exportWh: new Float64Array(672).fill(500),
    }
    const invoice = costOf(tariff, series)
    // 67.20 + 10 = 77.20; duty 3.86; VAT 21 % of 81.06 = 17.0226
    expect(amounts(invoice, 'Duty')).toEqual([3.86])
    expect(amounts(invoice, 'VAT')).toEqual([17.02])
    expect([invoice.net, invoice.tax, invoice.total]).toEqual([43.6, 20.88, 64.48])
    expect(costOf(tariff, series, { taxes: false })).toMatchObject({ tax: 0, total: 43.6 })
  })
})

test('a year of 5-minute data is priced in less than a second', async () => {
  const names = ['us-coned-sc9-rate-iii', 'no-elvia-2025', 'us-pge-bev-2-s-2024']
  for (const name of names) {
    const tariff = await loadTariff(name)
    const startMs = Date.parse('2025-01-01T08:00Z')
    const importWh = Float64Array.from({ length: 105_120 }, (_, i) => 500 + (i % 288))
    const began = performance.now()
    const invoice = costOf(tariff, { startMs, stepS: 300, importWh })
    expect(performance.now() - began).toBeLessThan(1000)
    expect(invoice.lines.length).toBeGreaterThan(12)
  }
})
