import { describe, expect, test } from 'vitest'
import { linesOf } from '../../../../src/sim/backtest/billing.ts'
import { busiestDay, meanDay } from '../../../../src/sim/backtest/days.ts'
import { measure, moneyOf } from '../../../../src/sim/backtest/measures.ts'
import { replay } from '../../../../src/sim/backtest/replay.ts'
import type { Algorithm, Case } from '../../../../src/sim/backtest/stay.ts'
import { AMP_HOUR_WH, hours, network, START_MS, stay } from './parts.ts'

/** Offers that somebody wrote down, per step and car that is hungry. */
const script = (...offers: readonly (readonly number[])[]): Algorithm => ({
  name: 'script',
  decide: (t, cars) => cars.map((_, k) => offers[t]?.[k] ?? 0),
})

const quarters = (steps: number, ...stays: Case['stays']): Case => ({
  ...hours(steps, ...stays),
  grid: { startMs: START_MS, stepS: 900, steps },
})

test('vehicles draw the pilot, their maximum or their rest, whichever is least', () => {
  const one = hours(4, stay(0, 0, 3, 24, { maxA: 10 }), stay(1, 1, 4, 12))
  const { powerW, deliveredWh } = replay(network(null), one, script([16], [8, 8], [32, 32], [32]))
  // 10 + (8, 8) + (6 rest, 4 rest) and nobody is hungry after.
  expect(Array.from(powerW, (w) => w / AMP_HOUR_WH)).toEqual([10, 16, 10, 0])
  expect(Array.from(deliveredWh, (wh) => wh / AMP_HOUR_WH)).toEqual([24, 12])
})

test('a change is from 0 to above or back while energy is wanted', () => {
  const one = hours(6, stay(0, 0, 6, 60))
  const { changes } = replay(network(null), one, script([8], [0], [0], [8], [16], [0]))
  expect([...changes]).toEqual([4])
})

test('measures', () => {
  const one = quarters(8, stay(0, 0, 8, 2), stay(1, 0, 8, 4), stay(2, 0, 8, 0))
  const run = replay(network(10), one, script([8, 8], [6], [2]))
  expect(measure(one, run)).toMatchObject({
    sessions: 3,
    neededKwh: 1.38,
    deliveredKwh: 1.38,
    served: 1,
    fullyServed: 1,
    peakKw: 16 * 0.23,
    changes: 1,
    mostChanges: 1,
    fullest: 1.6,
    fullestAt: 'fuse L1',
    hoursAboveLimit: 0.25,
  })
})

test('the peak is that of quarter hours by the clock', () => {
  const one: Case = { ...hours(6), grid: { startMs: START_MS, stepS: 300, steps: 6 } }
  const powerW = Float64Array.of(0, 3000, 6000, 9000, 0, 0)
  const run = { ...replay(network(null), one, script()), powerW }
  expect(measure(one, run)).toMatchObject({ peakKw: 3, stepPeakKw: 9 })
})

test('a session that lacks 0.1 kWh counts as served', () => {
  const one = hours(1, stay(0, 0, 1, 10))
  const all = (amps: number) => measure(one, replay(network(null), one, script([amps])))
  expect(all(9.6).fullyServed).toBe(1)
  expect(all(9.5).fullyServed).toBe(0)
  expect(all(9.5).served).toBeCloseTo(0.95)
})

test('equal charges of several periods are one line', () => {
  const line = { kind: 'energy', name: 'Day', amount: 2 }
  const period = { name: '2019-05', importKwh: 10, lines: [line], total: 2 }
  const bill = { periods: [period, { ...period, name: '2019-06' }], total: 4, remarks: [] }
  expect(linesOf(bill)).toEqual([{ ...line, amount: 4 }])
  expect(moneyOf(bill, 20, 0.5)).toEqual({ bill, revenue: 10, profit: 6 })
})

describe('days', () => {
  const twoDays = hours(48)
  const powerW = Float64Array.from({ length: 48 }, (_, t) => (t === 9 || t === 33 ? 2000 : t === 34 ? 1000 : 0)) // prettier-ignore

  test('the mean day by local time', () => {
    const noon = meanDay(twoDays, powerW, 24, () => 3 * 3600_000)
    expect([noon[12], noon[13], noon[9]]).toEqual([2, 0.5, 0])
    const half = meanDay(twoDays, powerW, 48, () => 0)
    expect([half[18], half[19], half[20]]).toEqual([2, 2, 0.5])
  })

  test('the busiest day', () => {
    expect(busiestDay(twoDays, powerW)).toBe(START_MS + 24 * 3600_000)
  })
})
