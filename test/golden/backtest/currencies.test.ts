import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backtest, type NamedText } from '../../../src/app/backtest.ts'
import type { Run } from '../../../src/sim/backtest/backtest.ts'

/**
 * The whole chain in other money: tariff file, prices of the plan, demand charges as a plan sees
 * them, plan, execution and bill. A car park in Tokyo, Seoul or Budapest is steered as one in
 * California whose tariff is the same but for the currency.
 */
const ROOT = join(import.meta.dirname, '../../..')
const TARIFF = readFileSync(join(ROOT, 'tariffs/us-sce-tou-ev-4-2019.yaml'), 'utf8')
const SESSIONS = 110
const REVENUE = 0.3

const sessions = (): NamedText => {
  const name = 'caltech_2019-03_sessions.csv'
  const lines = readFileSync(join(ROOT, 'test/data', name), 'utf8').split('\n')
  return { name, text: lines.slice(0, SESSIONS + 1).join('\n') }
}

const runIn = async (currency: string, factor: number): Promise<Run> => {
  const file = join(mkdtempSync(join(tmpdir(), 'currency-')), 'us-sce-tou-ev-4-2019.yaml')
  const text = TARIFF.replace('currency: USD', `currency: ${currency}`).replace(
    /(price|pricePerKw): ([0-9.]+)/g,
    (_, key: string, price: string) => `${key}: ${Number(price) * factor}`,
  )
  writeFileSync(file, text)
  const { runs } = await backtest({
    sessions: sessions(),
    month: null,
    network: 'power',
    capacityKw: 60,
    tariff: file,
    prices: null,
    timeZone: 'America/Los_Angeles',
    algorithms: ['busbar'],
    stepS: 900,
    pilots: { kind: 'steps', stepA: 1 },
    maxChanges: null,
    knowledge: 'perfect',
    goal: null,
    revenuePerKwh: REVENUE * factor,
    vehicleW: 6600,
  })
  return runs[0]
}

test('JPY, KRW, HUF and KWD are steered as USD', { timeout: 240_000 }, async () => {
  const dollars = await runIn('USD', 1)
  expect(dollars.measures.served).toBeGreaterThan(0.5)
  for (const [currency, factor] of [
    ['JPY', 150],
    ['KRW', 1_400],
    ['HUF', 360],
    ['KWD', 0.31],
  ] as const) {
    const { measures, money, plans } = await runIn(currency, factor)
    expect({ currency, fallback: plans.fallback }).toEqual({ currency, fallback: 0 })
    expect(Math.abs(measures.served - dollars.measures.served)).toBeLessThan(0.01)
    const profit = money!.profit / factor
    expect(Math.abs(profit / dollars.money!.profit - 1)).toBeLessThan(0.02)
  }
})
