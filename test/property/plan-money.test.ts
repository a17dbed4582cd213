import { expect, test } from 'vitest'
import { oddSite } from '../../bench/planner/odd-site.ts'
import { solveOracle } from '../../bench/planner/oracle.ts'
import { carPark } from '../../bench/planner/site.ts'
import { compile } from '../../src/engine/plan/model.ts'
import { solvePlan } from '../../src/engine/plan/plan.ts'
import type { PlanPeak, PlanProblem, PlanSolution } from '../../src/engine/plan/problem.ts'
import { faultsOf } from '../unit/engine/plan/feasibility.ts'

/** The same site where money is smaller or larger: dinar, yen, forint, won, rupiah. */
const FACTORS = [1e-4, 0.01, 0.3, 100, 360, 1_500, 16_000, 1e5]

/** Written apart from the product's own scaling. */
const inOtherMoney = (problem: PlanProblem, factor: number): PlanProblem => ({
  ...problem,
  importPrice: problem.importPrice.map((price) => price * factor),
  exportPrice: problem.exportPrice.map((price) => price * factor),
  evs: problem.evs.map((ev) => ({
    ...ev,
    shortfallPrice: ev.shortfallPrice * factor,
    minimum: ev.minimum && { ...ev.minimum, price: ev.minimum.price * factor },
  })),
  batteries: problem.batteries.map((battery) => ({
    ...battery,
    cyclePrice: battery.cyclePrice * factor,
    shortfallPrice: battery.shortfallPrice * factor,
  })),
  peaks: problem.peaks.map((peak) => ({ ...peak, pricePerKw: peak.pricePerKw * factor })),
  setpoint: problem.setpoint && {
    ...problem.setpoint,
    pricePerKwh: problem.setpoint.pricePerKwh * factor,
  },
})

const sites = (): PlanProblem[] => [
  ...[1, 2, 3].map((seed) => carPark({ devices: 40, steps: 96, tightness: 0.7, seed })),
  ...Array.from({ length: 22 }, (_, k) => ({ ...oddSite({ seed: 900 + k }), batteries: [] })),
]

const gapOf = ({ upperBound, lowerBound }: { upperBound: number; lowerBound: number }): number =>
  (upperBound - lowerBound) / Math.max(Math.abs(lowerBound), 1e-12)

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

const expectClose = (value: number, wanted: number, within = 2e-3 * Math.abs(wanted)): void =>
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(within)

test.for(FACTORS)('a site whose money is %d times as large has the same plan', (factor) => {
  for (const site of sites().filter(({ evs }) => evs.length > 0)) {
    const known = solvePlan(site)
    const other = solvePlan(inOtherMoney(site, factor))
    expect(other.method).toBe('optimal')
    expect(gapOf(other)).toBeLessThanOrEqual(Math.max(1.001e-3, gapOf(known) * 1.5))
    // Both are certified to a thousandth of the one optimum.
    expectClose(other.upperBound / factor, known.upperBound)
    expectClose(other.lowerBound / factor, known.lowerBound)
    expectClose(sum(other.unservedWh), sum(known.unservedWh), 1e-2 * sum(known.unservedWh) + 50)
  }
})

test('a warm start is in the currency of the site', () => {
  const site = carPark({ devices: 40, steps: 96, tightness: 0.7, seed: 5 })
  const inEuro = solvePlan(site, { warm: solvePlan(site).warm })
  const won = inOtherMoney(site, 1_500)
  const inWon = solvePlan(won, { warm: solvePlan(won).warm })
  expectClose(inWon.upperBound / 1_500, inEuro.upperBound)
})

/** Demand that costs 24.37 a kW up to a threshold and less above it. */
const tiered = (
  site: PlanProblem,
  thresholdW: number,
  price: number,
  less: number,
): PlanProblem => {
  const windows = { windowSteps: 1, offset: 0, mask: new Uint8Array(site.steps).fill(1) }
  const peaks: PlanPeak[] = [
    { ...windows, pricePerKw: price, billedW: thresholdW / 4 },
    { ...windows, pricePerKw: -less, billedW: thresholdW },
  ]
  return { ...site, peaks }
}

/** The truth by brute force: for each line that may hold above the threshold, the optimum of HiGHS. */
const optimumOf = async (site: PlanProblem): Promise<number> => {
  const [charge, discount] = site.peaks
  const solve = async (peaks: readonly PlanPeak[]): Promise<number> => {
    const problem = { ...site, peaks }
    return (await solveOracle(problem, compile(problem).overloadPrice)).objective!
  }
  const price = charge.pricePerKw + discount.pricePerKw
  const paidAnyway = (-discount.pricePerKw * (discount.billedW - charge.billedW)) / 1000
  return Math.min(
    await solve([charge]),
    (await solve([{ ...charge, pricePerKw: price }])) + paidAnyway,
  )
}

const peakOf = ({ baseW }: PlanProblem, { evW }: Pick<PlanSolution, 'evW'>): number =>
  Math.max(...baseW.map((watts, t) => evW.reduce((total, one) => total + one[t], watts)))

test('demand that is cheaper above a threshold: bounds hold the true optimum', async () => {
  let above = 0
  let below = 0
  for (let seed = 1; seed <= 24; seed++) {
    const site = { ...oddSite({ seed: 300 + seed, maxEvs: 12 }), batteries: [] }
    if (site.evs.length === 0) continue
    const free = solvePlan({ ...site, peaks: [] })
    const given = tiered(site, peakOf(site, free) * (0.4 + 0.03 * seed), 1.5, 0.9)
    const optimum = await optimumOf(given)
    const plan = solvePlan(given)
    const slack = 1e-6 * (1 + Math.abs(optimum))
    expect(plan.lowerBound).toBeLessThanOrEqual(optimum + slack)
    expect(plan.upperBound).toBeGreaterThanOrEqual(optimum - slack)
    expect(gapOf(plan)).toBeLessThanOrEqual(2e-3)
    expect(faultsOf(given, plan)).toEqual([])
    // The cost by cause is the bill's: the second tier comes off only above the threshold.
    const peakW = peakOf(site, plan)
    const kw = ({ billedW }: PlanPeak): number => Math.max(0, peakW - billedW) / 1000
    expectClose(plan.cost.peak, 1.5 * kw(given.peaks[0]) - 0.9 * kw(given.peaks[1]), 1e-6)
    if (peakW > given.peaks[1].billedW + 1) above++
    else below++
  }
  expect(above).toBeGreaterThan(2)
  expect(below).toBeGreaterThan(2)
}, 60_000)
