import { describe, expect, test } from 'vitest'
import { runBacktest, type BacktestOptions } from '../../../../src/sim/backtest/backtest.ts'
import type { Billing } from '../../../../src/sim/backtest/billing.ts'
import type { AlgorithmName } from '../../../../src/sim/backtest/names.ts'
import type { Network } from '../../../../src/sim/backtest/network/network.ts'
import type { Case } from '../../../../src/sim/backtest/stay.ts'
import { AMP_HOUR_WH, hours, network, options, stay } from './parts.ts'

/** Ampere hours that each stay got, and amperes drawn in each hour. */
const run = (
  name: AlgorithmName,
  through: Network,
  one: Case,
  over: Partial<BacktestOptions> = {},
) => {
  const { replay, measures, money } = runBacktest(name, through, one, options(over))
  const amps = (wh: number): number => Math.round((wh / AMP_HOUR_WH) * 100) / 100
  return {
    gotAh: Array.from(replay.deliveredWh, amps),
    drawnA: Array.from(replay.powerW, amps),
    measures,
    money,
  }
}

test('uncontrolled: everybody at once, whatever the fuse', () => {
  const one = hours(3, stay(0, 0, 3, 40), stay(1, 0, 3, 40, { maxA: 16 }))
  const { gotAh, drawnA, measures } = run('uncontrolled', network(16), one)
  expect(gotAh).toEqual([40, 40])
  expect(drawnA).toEqual([48, 24, 8])
  expect(measures).toMatchObject({ fullest: 3, fullestAt: 'fuse L1', hoursAboveLimit: 2 })
})

describe('one after the other under a fuse of 16 A', () => {
  // C came first and may stay longest; B leaves first; A has least time to spare.
  const stays = [stay(2, 0, 6, 16), stay(1, 1, 3, 16), stay(0, 1, 4, 90)]
  const one = hours(6, ...stays)

  test('first come, first served', () => {
    const { gotAh, drawnA } = run('fcfs', network(16), one)
    // In the second hour A comes before B, by the order of the EVSEs.
    expect(gotAh).toEqual([16, 0, 48])
    expect(drawnA).toEqual([16, 16, 16, 16, 0, 0])
  })

  test('earliest departure first', () => {
    expect(run('edf', network(16), one).gotAh).toEqual([16, 16, 32])
  })

  test('least laxity first', () => {
    // A: 3 h - 90/32 = 0.2 h; B: 2 h - 16/32 = 1.5 h.
    expect(run('llf', network(16), one).gotAh).toEqual([16, 0, 48])
  })

  test('round robin shares', () => {
    const { gotAh } = run('rr', network(16), hours(2, stay(0, 0, 2, 100), stay(1, 0, 2, 100)))
    expect(gotAh).toEqual([16, 16])
  })

  test('Busbar serves what is worth most, the optimum no less', () => {
    const busbar = run('busbar', network(16), one).gotAh.reduce((sum, got) => sum + got)
    const optimum = run('optimum', network(16), one).gotAh.reduce((sum, got) => sum + got)
    expect([busbar, optimum]).toEqual([64, 64])
  })
})

describe('a vehicle that draws less than its EVSE gives leaves the rest to others', () => {
  // 32 A fuse, 32 A EVSEs, vehicles of 10.4 A: three of them fit at once.
  const small = { maxA: 10.4 }
  const one = hours(3, ...[0, 1, 2].map((evse) => stay(evse, 0, 3, 31, small)))

  test.each(['fcfs', 'edf', 'llf', 'rr'] as const)('%s, any current', (name) => {
    for (const ah of run(name, network(32), one).gotAh) expect(ah).toBeGreaterThan(30.8)
  })

  test.each(['fcfs', 'edf', 'llf', 'rr'] as const)('%s, whole amperes', (name) => {
    const pilots = { kind: 'steps', stepA: 1 } as const
    const { gotAh, measures } = run(name, network(32), one, { pilots })
    for (const ah of gotAh) expect(ah).toBeGreaterThan(30.8)
    expect(measures.hoursAboveLimit).toBe(0)
  })

  test('laxity is that of the vehicle: 31 Ah at 10.4 A leave less of 3 h than 30 Ah at 32 A', () => {
    const slow = stay(0, 0, 3, 31, small)
    const quick = stay(1, 0, 3, 30)
    const { gotAh } = run('llf', network(10.4), hours(3, slow, quick))
    expect(gotAh[0]).toBeGreaterThan(30)
  })
})

describe('pilots', () => {
  const one = hours(4, stay(0, 0, 4, 16), stay(1, 0, 4, 16), stay(2, 0, 4, 16))

  test.each(['fcfs', 'edf', 'llf', 'rr', 'busbar'] as const)('%s keeps to its set', (name) => {
    const pilots = { kind: 'set', amps: [0, 8, 16] } as const
    const { drawnA } = run(name, network(20), one, { pilots })
    for (const amps of drawnA) expect([0, 8, 16]).toContain(amps)
    expect(drawnA[0]).toBe(16)
  })

  test('Busbar lets those who do not fit at 6 A take turns', () => {
    const three = hours(12, stay(0, 0, 12, 24), stay(1, 0, 12, 24), stay(2, 0, 12, 24))
    const pilots = { kind: 'steps', stepA: 1 } as const
    const { gotAh, measures } = run('busbar', network(7), three, { pilots, maxChanges: 3 })
    expect(gotAh.reduce((sum, got) => sum + got)).toBeGreaterThanOrEqual(72)
    expect(measures.mostChanges).toBeLessThanOrEqual(3)
    expect(measures.fullest).toBeLessThanOrEqual(1)
  })
})

/** Ten cents, in hours 0 and 1 thirty; a kW of the highest hour costs `perKw`. */
const billing = (perKw: number, steps: number): Billing => ({
  name: 'test',
  currency: 'EUR',
  prices: (grid) => Float64Array.from({ length: grid.steps }, (_, t) => (t < 2 ? 0.3 : 0.1)),
  demand: (grid, powerW, t) =>
    perKw === 0
      ? []
      : [
          {
            pricePerKw: perKw,
            windowS: 3600,
            billedW: Math.max(0, ...powerW.subarray(0, t)),
            periodEndMs: grid.startMs + steps * 3600_000,
          },
        ],
  bill: (_, powerW) => {
    const energy = powerW.reduce((sum, w, t) => sum + (w / 1000) * (t < 2 ? 0.3 : 0.1), 0)
    const power = (perKw * Math.max(...powerW)) / 1000
    const lines = [
      { kind: 'energy', name: 'Energy', amount: energy },
      { kind: 'demand', name: 'Power', amount: power },
    ]
    const total = energy + power
    const importKwh = powerW.reduce((sum, w) => sum + w, 0) / 1000
    return { periods: [{ name: 'one', importKwh, lines, total }], total, remarks: [] }
  },
})

describe('cost', () => {
  const one = hours(4, stay(0, 0, 4, 20))
  const priced = (perKw: number, shortfallPrice = 2): Partial<BacktestOptions> => ({
    goal: { kind: 'cost', shortfallPrice },
    billing: billing(perKw, 4),
    revenuePerKwh: 0.25,
  })

  test('cheap hours are waited for', () => {
    expect(run('busbar', network(null), one, priced(0)).drawnA).toEqual([0, 0, 20, 0])
    expect(run('llf', network(null), one, priced(0)).drawnA).toEqual([20, 0, 0, 0])
  })

  test('a demand charge flattens', () => {
    const { drawnA, money } = run('busbar', network(null), one, priced(1))
    for (const amps of drawnA) expect(amps).toBeCloseTo(5, 1)
    const bill = 20 * 0.23 * 0.2 + 5 * 0.23
    expect(money?.bill.total).toBeCloseTo(bill, 1)
    expect(money?.profit).toBeCloseTo(20 * 0.23 * 0.25 - bill, 1)
    expect(run('optimum', network(null), one, priced(1)).drawnA).toEqual(
      run('busbar', network(null), one, priced(1)).drawnA,
    )
  })

  test('what costs more than it earns is not charged', () => {
    expect(run('busbar', network(null), one, priced(0, 0.2)).drawnA).toEqual([0, 0, 20, 0])
    const dear = hours(4, stay(0, 0, 2, 20))
    expect(run('busbar', network(null), dear, priced(0, 0.2)).gotAh).toEqual([0])
    expect(run('busbar', network(null), dear, priced(0, 0.4)).gotAh).toEqual([20])
  })

  test('the goal of energy does not look at prices', () => {
    const energy = { ...priced(1), goal: { kind: 'energy' } } as const
    expect(run('busbar', network(null), one, energy).drawnA).toEqual([20, 0, 0, 0])
  })
})
