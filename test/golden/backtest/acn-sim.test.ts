import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backtest, type BacktestSettings, type NamedText } from '../../../src/app/backtest.ts'
import type { AlgorithmName } from '../../../src/sim/backtest/names.ts'

/**
 * The sessions of March 2019 at Caltech, replayed beside ACN-Sim: the algorithms that both have must
 * come to the same, and Busbar must deliver more. See test/data/ORIGIN.md.
 */
const DATA = join(import.meta.dirname, '../../data')
const textOf = (name: string): NamedText => ({
  name,
  text: readFileSync(join(DATA, name), 'utf8'),
})

interface Golden {
  readonly alg: string
  readonly cap: number
  /** Energy delivered and sessions fully met, percent. */
  readonly pct: number
  readonly met: number
}
const golden = textOf('acnsim_2019-03_three-phase.jsonl')
  .text.trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden)

const settings = (algorithm: AlgorithmName, capacityKw: number): BacktestSettings => ({
  sessions: textOf('caltech_2019-03_sessions.csv'),
  month: null,
  network: { acn: textOf('network_caltech.json') },
  capacityKw,
  tariff: null,
  prices: null,
  timeZone: 'America/Los_Angeles',
  algorithms: [algorithm],
  stepS: 300,
  pilots: { kind: 'continuous' },
  maxChanges: null,
  knowledge: 'perfect',
  goal: null,
  revenuePerKwh: null,
  vehicleW: 6600,
})

test.each(golden.filter(({ cap }) => cap < 60))('$alg at $cap kW', async ({ alg, cap, pct, met }) => {
  const { runs } = await backtest(settings(alg.toLowerCase() as AlgorithmName, cap))
  const [{ measures }] = runs
  expect(Math.abs(100 * measures.served - pct)).toBeLessThan(0.5)
  // One session: ACN-Sim sorts by the rating of the EVSE, we by what the vehicle can draw of it.
  expect(Math.abs(100 * measures.fullyServed - met)).toBeLessThan(0.6)
  expect(measures.hoursAboveLimit).toBe(0)
})

test('Busbar at 40 kW', { timeout: 120_000 }, async () => {
  const { runs } = await backtest(settings('busbar', 40))
  const [{ measures, plans }] = runs
  expect(measures.served).toBeGreaterThan(0.98)
  expect(measures.hoursAboveLimit).toBe(0)
  expect(plans.fallback).toBe(0)
})
