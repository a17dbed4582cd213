import { expect, test } from 'vitest'
import type { DemandCharge } from '../../../../src/domain/price.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { Billing } from '../../../../src/sim/backtest/billing.ts'
import { costObjective } from '../../../../src/sim/backtest/planning/objective.ts'
import { createPeaks } from '../../../../src/sim/backtest/planning/peaks.ts'
import { hours, network, START_MS, stay } from './parts.ts'

const DAY_MS = 86_400_000
const PERIOD_DAYS = 30

/** One charge per 30 days from the start on. */
const billing: Billing = {
  name: 'test',
  currency: 'EUR',
  prices: (grid) => new Float64Array(grid.steps).fill(0.1),
  demand: (_, powerW, t, untilMs) => {
    const charges: DemandCharge[] = []
    const period = Math.floor((t * 3600_000) / DAY_MS / PERIOD_DAYS)
    for (let k = period; START_MS + k * PERIOD_DAYS * DAY_MS < untilMs; k++) {
      const first = k * PERIOD_DAYS * 24
      charges.push({
        pricePerKw: 15,
        windowS: 3600,
        billedW: Math.max(0, ...powerW.subarray(first, Math.min(t, first + PERIOD_DAYS * 24))),
        periodEndMs: START_MS + (k + 1) * PERIOD_DAYS * DAY_MS,
        counts: [
          {
            startMs: START_MS + k * PERIOD_DAYS * DAY_MS,
            endMs: START_MS + (k + 1) * PERIOD_DAYS * DAY_MS,
          },
        ],
      })
    }
    return charges
  },
  bill: () => ({ periods: [], total: 0, remarks: [] }),
}

test('a month costs by its days left, and may reach what was best in the month before', () => {
  const daily = Array.from({ length: PERIOD_DAYS }, (_, day) => stay(0, day * 24, day * 24 + 10, 100)) // prettier-ignore
  const { grid, stays } = hours(60 * 24, ...daily)
  const peaks = createPeaks({
    network: network(null),
    grid,
    stays,
    billing,
    objective: costObjective(billing.prices(grid), 2),
    solve: (problem) => solvePlan(problem),
  })
  const powerW = new Float64Array(grid.steps)
  const [first] = peaks(0, 24, powerW)
  expect(first).toMatchObject({ pricePerKw: 0.5, billedW: 0, windowSteps: 1, offset: 0 })
  powerW[5] = 4000
  expect(peaks(20 * 24, 24, powerW)[0]).toMatchObject({ pricePerKw: 1.5, billedW: 4000 })
  // At the end of the month the plan reaches into the next: two charges, each for its own hours.
  const [ending, next] = peaks(29 * 24 + 12, 24, powerW)
  expect(ending).toMatchObject({ pricePerKw: 15, billedW: 4000 })
  expect([...ending.mask]).toEqual([...Array<number>(12).fill(1), ...Array<number>(12).fill(0)])
  expect([...next.mask]).toEqual([...Array<number>(12).fill(0), ...Array<number>(12).fill(1)])
  // With hindsight 10 A would have done for 100 Ah in 10 h.
  const [second] = peaks(30 * 24, 24, powerW)
  expect(second.billedW).toBeCloseTo(0.9 * 2300, -1)
  expect(second.pricePerKw).toBeCloseTo(0.5)
})
