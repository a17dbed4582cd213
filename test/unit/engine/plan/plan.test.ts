import { expect, test } from 'vitest'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { PlanProblem, PlanSolution } from '../../../../src/engine/plan/problem.ts'
import { oddSite } from '../../../../bench/planner/odd-site.ts'
import { carPark } from '../../../../bench/planner/site.ts'
import { faultsOf } from './feasibility.ts'
import { battery, DELTA, ev, flat, lines, node, problem } from './problems.ts'

const solve = (given: PlanProblem): PlanSolution => {
  const solution = solvePlan(given, { gap: 1e-5 })
  expect(solution.method).toBe('optimal')
  expect(faultsOf(given, solution)).toEqual([])
  return solution
}

const rounded = (values: Float64Array): number[] => [...values].map((watts) => Math.round(watts))
const always = (steps: number): Uint8Array => new Uint8Array(steps).fill(1)

test('buys in the cheapest steps', () => {
  const importPrice = Float64Array.of(0.3, 0.1, 0.2, 0.3)
  const { evW, upperBound, lowerBound } = solve(
    problem({ evs: [ev('L1', { needWh: 1380 })], importPrice }),
  )
  expect(rounded(evW[0])).toEqual([0, 3680, 1840, 0])
  expect(upperBound).toBeCloseTo(0.92 * 0.1 + 0.46 * 0.2, 6)
  expect(lowerBound).toBeLessThanOrEqual(upperBound)
  expect(lowerBound).toBeGreaterThan(upperBound * 0.999)
})

test('ties: as early as possible, then shared evenly', () => {
  const evs = [
    ev('L1', { id: 'a', needWh: 1840, depart: 8 }),
    ev('L1', { id: 'b', needWh: 1840, depart: 8 }),
  ]
  const wide = solve(problem({ steps: 8, evs }))
  for (const watts of wide.evW) expect(rounded(watts)).toEqual([3680, 3680, 0, 0, 0, 0, 0, 0])
  const narrow = solve(problem({ steps: 8, evs, nodes: [node({ capA: lines(8, 24) })] }))
  for (const watts of narrow.evW) {
    expect(rounded(watts)).toEqual([2760, 2760, 1840, 0, 0, 0, 0, 0])
  }
})

test('what does not fit goes to the dearer shortfall, and is named', () => {
  const evs = [
    ev('L1', { id: 'plain', needWh: 3680 }),
    ev('L1', { id: 'important', needWh: 2760, shortfallPrice: 6 }),
  ]
  const solution = solve(problem({ evs, nodes: [node({ capA: lines(4, 16) })] }))
  expect([...solution.unservedWh].map(Math.round)).toEqual([2760, 0])
  const onLine1 = solution.prices.filter(({ kind, line }) => kind === 'phase' && line === 0)
  expect(onLine1.map(({ step }) => step)).toEqual([0, 1, 2, 3])
  for (const { pricePerKwh } of onLine1) expect(pricePerKwh).toBeCloseTo(2 - 0.25, 1)
})

test('a three-phase car pays a third of the price of a line', () => {
  // 16 A on L1 only: a kWh of the single-phase car blocks as much of L1 as three of the other.
  const evs = [
    ev('L1', { id: 'single', needWh: 10_000, shortfallPrice: 2 }),
    ev('L1L2L3', { id: 'three', needWh: 20_000, shortfallPrice: 1 }),
  ]
  const { evW } = solve(problem({ evs, nodes: [node({ capA: lines(4, 16) })] }))
  expect(rounded(evW[0])).toEqual([0, 0, 0, 0])
  expect(rounded(evW[1])).toEqual([11_040, 11_040, 11_040, 11_040])
})

test('a minimum in time is met at a higher price', () => {
  const minimum = { needWh: 920, by: 1, price: 0.1 }
  const importPrice = Float64Array.of(0.3, 0.25, 0.25, 0.25)
  const car = (price: number) => ev('L1', { needWh: 1840, minimum: { ...minimum, price } })
  const dear = solve(problem({ evs: [car(0.1)], importPrice }))
  expect(rounded(dear.evW[0])).toEqual([3680, 3680, 0, 0])
  const cheap = solve(problem({ evs: [car(0.01)], importPrice }))
  expect(rounded(cheap.evW[0])).toEqual([0, 3680, 3680, 0])
})

test('a demand charge flattens the import, by windows of the clock', () => {
  const car = ev('L1L2L3', { needWh: 4000, shortfallPrice: 20 })
  const peak = { pricePerKw: 5, billedW: 1000, windowSteps: 2, offset: 0, mask: always(4) }
  const { evW, upperBound } = solve(problem({ evs: [car], peaks: [peak] }))
  const [first, second] = [evW[0][0] + evW[0][1], evW[0][2] + evW[0][3]]
  expect(first).toBeCloseTo(8000, -1)
  expect(second).toBeCloseTo(8000, -1)
  expect(upperBound).toBeCloseTo(4 * 0.25 + 3 * 5, 2)
})

test('steps that do not count for the demand charge are used freely', () => {
  const car = ev('L1L2L3', { needWh: 5000 })
  const mask = Uint8Array.of(1, 1, 1, 0)
  const peak = { pricePerKw: 5, billedW: 2000, windowSteps: 1, offset: 0, mask }
  const { evW } = solve(problem({ evs: [car], peaks: [peak] }))
  expect(evW[0][3]).toBeCloseTo(11_040, -1)
})

test('surplus is worth its feed-in price', () => {
  const baseW = Float64Array.of(0, -8000, 0, 0)
  const { evW, upperBound } = solve(
    problem({ evs: [ev('L1L2L3', { needWh: 2500 })], baseW, importPrice: flat(4, 0.3) }),
  )
  expect(evW[0][1]).toBeGreaterThan(7999)
  expect(upperBound).toBeCloseTo(2 * 0.06 + 0.5 * 0.3, 4)
})

test('a battery buys cheap, sells dear, and keeps its limits', () => {
  const importPrice = Float64Array.of(0.1, 0.1, 0.5, 0.5)
  const { batteryW, upperBound } = solve(
    problem({
      batteries: [
        battery({ energyWh: 5000, maxEnergyWh: 6000, minEnergyWh: 4000, targetWh: 5000 }),
      ],
      importPrice,
      baseW: flat(4, 6000),
    }),
  )
  // 1 kWh of content in for 1 / 0.95 kWh, 1 kWh out for 0.95 kWh.
  const inWh = (batteryW[0][0] + batteryW[0][1]) / 4
  const outWh = -(batteryW[0][2] + batteryW[0][3]) / 4
  expect(inWh).toBeCloseTo(1000 / 0.95, 0)
  expect(outWh).toBeCloseTo(950, 0)
  expect(upperBound).toBeCloseTo(0.1 * (1 / 0.95) - 0.95 * (0.5 - 0.02), 3)
})

test('a vehicle that can discharge feeds the site and is full in time', () => {
  const importPrice = Float64Array.of(0.6, 0.1, 0.1, 0.1)
  const given = problem({
    batteries: [battery({ energyWh: 5000, targetWh: 6000, shortfallPrice: 2 })],
    importPrice,
    baseW: flat(4, 10_000),
  })
  const { batteryW, batteryUnservedWh } = solve(given)
  expect(batteryW[0][0]).toBeCloseTo(-5000, -1)
  expect(batteryUnservedWh[0]).toBeLessThan(1)
})

test('a limit below the base load is relieved as far as the battery can', () => {
  const given = problem({
    nodes: [node({ capW: Float64Array.of(1000, -3000, 1000, 1000), exportCapW: flat(4, 9000) })],
    batteries: [battery({ minEnergyWh: 0, cyclePrice: 0.1 })],
    evs: [ev('L1', { needWh: 500 })],
  })
  const { batteryW, evW } = solve(given)
  expect(Math.abs(batteryW[0][1] + 3000)).toBeLessThan(30)
  expect(evW[0][1]).toBeLessThan(30)
})

test('a limit below the base load that nobody can relieve leaves zero', () => {
  const given = problem({ nodes: [node({ capW: flat(4, -3000) })], evs: [ev('L1')] })
  const { evW, unservedWh } = solve(given)
  expect(rounded(evW[0])).toEqual([0, 0, 0, 0])
  expect(unservedWh[0]).toBeCloseTo(1000, 0)
})

test('a setpoint is followed where a deviation costs more', () => {
  const setpoint = { powerW: Float64Array.of(1000, 2000, 3000, 0), pricePerKwh: 1 }
  const { evW } = solve(problem({ evs: [ev('L1', { needWh: 1500 })], setpoint }))
  evW[0].forEach((watts, t) => expect(watts).toBeCloseTo(setpoint.powerW[t], -1))
})

test('phases stay within the imbalance limit', () => {
  const imbalance = { limitA: 10, baseA: [flat(4, 4), flat(4, 0), flat(4, 0)] }
  const { evW } = solve(problem({ evs: [ev('L1', { needWh: 9000 })], imbalance }))
  for (const watts of evW[0]) expect(watts).toBeCloseTo(6 * 230, 0)
})

test('delta sites use the phasor sum', () => {
  const evs = [
    ev('L1L2', { id: 'a', needWh: 9000 }, DELTA),
    ev('L3L1', { id: 'b', needWh: 9000 }, DELTA),
  ]
  const { evW } = solve(problem({ evs, nodes: [node({ capA: lines(4, 20) })] }))
  // |I_L1| = sqrt(3) * a for equal currents a: 11.5 A each instead of 10 A by adding amperes.
  const amps = evW.map((watts) => watts[0] / (120 * Math.sqrt(3)))
  expect(amps[0] + amps[1]).toBeGreaterThan(22.8)
  expect(amps[0] + amps[1]).toBeLessThan(23.1)
})

test('the certified gap is closed on a congested car park', () => {
  const given = carPark({ devices: 120, steps: 96, tightness: 0.8, seed: 5, storageShare: 0.1 })
  const solution = solvePlan(given)
  expect(faultsOf(given, solution)).toEqual([])
  const { upperBound, lowerBound } = solution
  expect((upperBound - lowerBound) / lowerBound).toBeLessThanOrEqual(1e-3)
  expect(upperBound).toBeGreaterThanOrEqual(lowerBound)
})

test('regions below transformers change nothing in the bounds', () => {
  // Two levels of shared rows and 24 panels: the polishing of regions is at work.
  const given = carPark({ devices: 600, steps: 24, tightness: 0.6, seed: 3 })
  const { upperBound, lowerBound } = solvePlan(given)
  expect((upperBound - lowerBound) / lowerBound).toBeLessThanOrEqual(1e-3)
})

test('a deadline that has passed yields the greedy, visibly', () => {
  const given = oddSite({ seed: 4 })
  const solution = solvePlan(given, { now: () => 1000, deadlineMs: 1000 })
  expect(solution.method).toBe('greedy')
  expect(solution.fallbackBecause).toBe('there was no time')
  expect(solution.lowerBound).toBe(-Infinity)
  expect(faultsOf(given, solution)).toEqual([])
})

test('a deadline in the middle yields a feasible plan with what bounds there are', () => {
  const given = carPark({ devices: 100, steps: 48, tightness: 0.6, seed: 2 })
  for (const calls of [3, 10, 30, 60]) {
    let count = 0
    const now = (): number => (++count > calls ? 10 : 0)
    const solution = solvePlan(given, { now, deadlineMs: 5 })
    expect(faultsOf(given, solution)).toEqual([])
    expect(solution.upperBound).toBeLessThan(Infinity)
    if (solution.method === 'greedy') expect(solution.fallbackBecause).toMatch(/deadline/)
  }
})

test('an error in the optimal planner yields the greedy, visibly', () => {
  const given = problem({ evs: [ev('L1')] })
  const warm = { startMs: 0, stepS: 900, duals: {}, profiles: null as never }
  const solution = solvePlan(given, { warm })
  expect(solution.method).toBe('greedy')
  expect(solution.fallbackBecause).toMatch(/the optimal planner failed: .*null/)
})

test('nothing to plan is a plan', () => {
  const solution = solvePlan(problem())
  expect(solution.evW).toEqual([])
  expect(solution.upperBound).toBe(0)
})
