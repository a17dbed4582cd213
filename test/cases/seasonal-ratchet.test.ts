import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { costOf } from '../../src/tariffs/cost.ts'
import { demandCharges, demandHistory } from '../../src/tariffs/demand-charges.ts'
import { loadTariff } from '../../src/tariffs/load.ts'
import type { MeteredSeries } from '../../src/tariffs/meter.ts'
import type { Tariff } from '../../src/tariffs/tariff.ts'

/**
 * A ratchet that looks only at summer's on-peak demand (APS E-35): a January peak is billed once,
 * an August peak counts in the months after it. 20 kW always, but 100 kW in an hour of 15 January
 * and 50 kW in an hour of 15 August.
 */
const TEXT = readFileSync(
  join(import.meta.dirname, '../fixtures/cases/seasonal-ratchet/tariff.yaml'),
  'utf8',
)
const PLAIN = 'ratchet: { months: 11, fraction: 0.8 }'
const SUMMER = 'when: { season: summer, days: weekday, hours: 11:00-21:00 }'

const tariffWith = async (ratchet: string): Promise<Tariff> => {
  expect(TEXT).toContain(PLAIN)
  const file = join(mkdtempSync(join(tmpdir(), 'ratchet-')), 'seasonal-ratchet.yaml')
  writeFileSync(file, TEXT.replace(PLAIN, ratchet))
  return loadTariff(file)
}

/** Phoenix is at UTC-7 all year. */
const phoenix = (local: string): number => Date.parse(`${local}:00-07:00`)
const START_MS = phoenix('2025-01-01T00:00')

const year = (): MeteredSeries & { importWh: Float64Array } => {
  const importWh = new Float64Array(35_040).fill(5_000)
  const hour = (local: string, kw: number): void => {
    const first = (phoenix(local) - START_MS) / 900_000
    importWh.fill(kw * 250, first, first + 4)
  }
  hour('2025-01-15T12:00', 100)
  hour('2025-08-15T12:00', 50)
  return { startMs: START_MS, stepS: 900, importWh }
}

const demandOf = (tariff: Tariff): number[] =>
  costOf(tariff, year())
    .lines.filter(({ charge }) => charge === 'On-peak demand')
    .map(({ amount }) => amount)

test('January is billed once, August until the end of the year', async () => {
  const amounts = demandOf(await tariffWith(`ratchet: { months: 11, fraction: 0.8, ${SUMMER} }`))
  expect(amounts).toEqual([2000, 400, 400, 400, 400, 400, 400, 1000, 800, 800, 800, 800])
  expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(8600)
})

test('without a season of its own the ratchet looks at the windows of the charge', async () => {
  const amounts = demandOf(await tariffWith(PLAIN))
  expect(amounts).toEqual([2000, ...Array.from({ length: 11 }, () => 1600)])
})

test('a floor in kW is billed where nothing else is higher', async () => {
  const ratchet = `ratchet: { months: 11, fraction: 0.8, minKw: 30, ${SUMMER} }`
  const amounts = demandOf(await tariffWith(ratchet))
  expect(amounts).toEqual([2000, 600, 600, 600, 600, 600, 600, 1000, 800, 800, 800, 800])
})

const part = (series: ReturnType<typeof year>, untilMs: number): MeteredSeries => ({
  ...series,
  importWh: series.importWh.subarray(0, (untilMs - START_MS) / 900_000),
})

/** Per kW of a new peak of 60 kW, the charges of this month and those of later ones. */
const worthOf = (tariff: Tariff, at: string): number[] => {
  const atMs = phoenix(at)
  const history = demandHistory(tariff, part(year(), atMs), atMs)
  return demandCharges(tariff, atMs, history)
    .filter(({ billedW }) => billedW < 60_000)
    .map(({ pricePerKw }) => Math.round(pricePerKw * 100) / 100)
}

test('the plan knows what a peak is worth: in summer eleven more months, in spring none', async () => {
  const tariff = await tariffWith(`ratchet: { months: 11, fraction: 0.8, ${SUMMER} }`)
  expect(worthOf(tariff, '2025-04-10T00:00')).toEqual([20])
  // A kW above 25 kW is billed again with 0.8 kW in each of ten months that usually reach 20 kW,
  // and not in the January that reaches 100 kW by itself.
  expect(worthOf(tariff, '2025-08-04T00:00')).toEqual([20, 160])
  // Once 50 kW are reached they are free, in this month and in the ratchet.
  const after = demandCharges(
    tariff,
    phoenix('2025-08-20T00:00'),
    demandHistory(tariff, part(year(), phoenix('2025-08-20T00:00')), phoenix('2025-08-20T00:00')),
  )
  for (const { billedW } of after) expect(billedW).toBeGreaterThanOrEqual(50_000)
})

test('a ratchet with a condition on a season that is not declared is refused', async () => {
  await expect(
    tariffWith('ratchet: { months: 11, fraction: 0.8, when: { season: winter } }'),
  ).rejects.toThrow(/season "winter" is not declared/)
})
