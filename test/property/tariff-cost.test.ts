import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { costOf } from '../../src/tariffs/cost.ts'
import { loadTariff } from '../../src/tariffs/load.ts'
import type { MeteredSeries } from '../../src/tariffs/meter.ts'
import type { Tariff } from '../../src/tariffs/tariff.ts'

const TARIFFS = [
  'us-sce-tou-ev-4-2019',
  'us-pge-bev-2-s-2024',
  'us-pse-schedule-7-2026',
  'no-elvia-2025',
  'se-ellevio-2025',
  'es-somenergia-20td-2025',
  'de-dynamic-14a-module-3-2025',
]
const tariffs = await Promise.all(TARIFFS.map(loadTariff))

const localMs = (tariff: Tariff, day: string): number =>
  DateTime.fromISO(day, { zone: tariff.file.timeZone }).toMillis()

/** A month that has a clock change, or none. */
const month = fc.constantFrom(
  ['2026-03-01', '2026-04-01'],
  ['2026-06-01', '2026-07-01'],
  ['2026-10-01', '2026-11-01'],
  ['2026-11-01', '2026-12-01'],
)
const someTariff = fc.constantFrom(...tariffs)
/** Whole watt-hours, so that sums are exact however they are grouped. */
const power = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 97 })

const recordOf = (tariff: Tariff, [from, to]: readonly string[], pattern: readonly number[]) => {
  const startMs = localMs(tariff, from)
  const steps = (localMs(tariff, to) - startMs) / 900_000
  const importWh = Float64Array.from({ length: steps }, (_, i) => pattern[i % pattern.length])
  return { startMs, stepS: 900, importWh }
}

const flatMarket = (series: MeteredSeries, value: number) => ({
  sourceId: 'x',
  kind: 'import' as const,
  currency: 'EUR',
  segments: [
    {
      startMs: series.startMs,
      endMs: series.startMs + series.importWh.length * series.stepS * 1000,
      value,
    },
  ],
})

const cents = (amount: number): number => Math.round(amount * 100)

test('the lines add up, each is whole cents, and energy is neither lost nor made', () => {
  fc.assert(
    fc.property(someTariff, month, power, (tariff, when, pattern) => {
      const series = recordOf(tariff, when, pattern)
      const invoice = costOf(tariff, series, { spot: flatMarket(series, 0.1) })
      const sum = invoice.lines.reduce((total, { amount }) => total + cents(amount), 0)
      expect(cents(invoice.total)).toBe(sum)
      expect(cents(invoice.net) + cents(invoice.tax)).toBe(sum)
      for (const { amount } of invoice.lines) expect(amount * 100).toBeCloseTo(cents(amount), 6)
      for (const { name } of tariff.energy) {
        const kwh = invoice.lines
          .filter(({ charge }) => charge === name)
          .reduce((total, { quantity }) => total + quantity, 0)
        expect(kwh).toBeCloseTo(invoice.importKwh, 6)
      }
      expect(invoice.problems.filter(({ code }) => code !== 'outside-validity')).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('pieces of a recording cost what the whole costs', () => {
  fc.assert(
    fc.property(
      someTariff,
      month,
      power,
      fc.array(fc.integer({ min: 1, max: 2800 }), { minLength: 1, maxLength: 3 }),
      (tariff, when, pattern, cuts) => {
        const whole = recordOf(tariff, when, pattern)
        const at = [...new Set([0, ...cuts, whole.importWh.length])].sort((a, b) => a - b)
        const pieces = at.slice(1).map((end, i) => ({
          ...whole,
          startMs: whole.startMs + at[i] * 900_000,
          importWh: whole.importWh.slice(at[i], end),
        }))
        const options = { spot: flatMarket(whole, 0.1) }
        const joined = costOf(tariff, [...pieces].reverse(), options)
        const direct = costOf(tariff, whole, options)
        expect(joined.total).toBe(direct.total)
        expect(joined.lines.map(({ amount }) => amount)).toEqual(
          direct.lines.map(({ amount }) => amount),
        )
      },
    ),
    { numRuns: 30 },
  )
})

test('two invoices over parts of a month have together the energy lines of one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...tariffs.filter(({ file }) => file.id !== 'us-pse-schedule-7-2026')),
      month,
      power,
      fc.integer({ min: 1, max: 27 }),
      (tariff, when, pattern, day) => {
        const whole = recordOf(tariff, when, pattern)
        const cutMs = localMs(
          tariff,
          DateTime.fromISO(when[0]).plus({ days: day }).toISODate() ?? '',
        )
        const cut = (cutMs - whole.startMs) / 900_000
        const options = { spot: flatMarket(whole, 0.1), taxes: false }
        const parts = [
          costOf(tariff, { ...whole, importWh: whole.importWh.slice(0, cut) }, options),
          costOf(
            tariff,
            { ...whole, startMs: cutMs, importWh: whole.importWh.slice(cut) },
            options,
          ),
        ]
        const linear = (invoice: (typeof parts)[0]): number =>
          invoice.lines
            .filter(({ kind }) => ['energy', 'fixed', 'subscription'].includes(kind))
            .reduce((sum, { amount }) => sum + amount, 0)
        const direct = costOf(tariff, whole, options)
        const lines = parts.reduce((count, { lines }) => count + lines.length, 0)
        // Each line is rounded once: half a cent each, at most.
        expect(Math.abs(linear(parts[0]) + linear(parts[1]) - linear(direct))).toBeLessThan(
          0.005 * (lines + direct.lines.length) + 1e-9,
        )
        // A peak of the month is a peak of one of its parts.
        const peak = (invoice: (typeof parts)[0]): number =>
          Math.max(0, ...invoice.lines.flatMap(({ windows }) => windows.map(({ kw }) => kw)))
        expect(Math.max(...parts.map(peak))).toBeGreaterThanOrEqual(peak(direct) - 1e-9)
      },
    ),
    { numRuns: 30 },
  )
})

test('more energy at any time never costs less where no price is negative', () => {
  fc.assert(
    fc.property(
      someTariff,
      month,
      power,
      fc.nat(),
      fc.integer({ min: 1, max: 20_000 }),
      (tariff, when, pattern, pick, extraWh) => {
        const less = recordOf(tariff, when, pattern)
        const importWh = Float64Array.from(less.importWh)
        importWh[pick % importWh.length] += extraWh
        const options = { spot: flatMarket(less, 0.1) }
        const more = costOf(tariff, { ...less, importWh }, options)
        expect(more.total).toBeGreaterThanOrEqual(costOf(tariff, less, options).total - 1e-9)
      },
    ),
    { numRuns: 30 },
  )
})
