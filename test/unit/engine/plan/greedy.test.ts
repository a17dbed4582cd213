import { expect, test } from 'vitest'
import { oddSite } from '../../../../bench/planner/odd-site.ts'
import { compile } from '../../../../src/engine/plan/model.ts'
import { greedySchedule } from '../../../../src/engine/plan/greedy.ts'
import { asSolution } from '../../../../src/engine/plan/solution.ts'
import type { PlanProblem } from '../../../../src/engine/plan/problem.ts'
import { faultsOf } from './feasibility.ts'
import { battery, DELTA, ev, flat, lines, node, problem } from './problems.ts'

const greedy = (given: PlanProblem) => {
  const model = compile(given)
  const { schedule, cost } = greedySchedule(model)
  return asSolution(model, schedule, {
    method: 'greedy',
    fallbackBecause: null,
    upperBound: cost,
    lowerBound: -Infinity,
    prices: [],
    warm: null,
  })
}

const rounded = (values: Float64Array): number[] => [...values].map((value) => Math.round(value))

test('fills the cheapest step first, and the earliest of equals', () => {
  const car = ev('L1', { needWh: 1840, maxA: 16 })
  const cheapLate = problem({ evs: [car], importPrice: Float64Array.of(0.3, 0.3, 0.2, 0.3) })
  expect(rounded(greedy(cheapLate).evW[0])).toEqual([3680, 0, 3680, 0])
})

test('a kilowatt-hour dearer than its shortfall is not bought', () => {
  const car = ev('L1', { shortfallPrice: 0.2, needWh: 500 })
  const solution = greedy(problem({ evs: [car] }))
  expect(rounded(solution.evW[0])).toEqual([0, 0, 0, 0])
  expect(solution.unservedWh[0]).toBeCloseTo(500)
  expect(solution.upperBound).toBeCloseTo(0.1)
})

test('the dearer shortfall is served first, then the car with less time to spare', () => {
  const evs = [
    ev('L1', { id: 'patient', needWh: 920, depart: 4 }),
    ev('L1', { id: 'hurried', needWh: 920, depart: 1 }),
    ev('L1', { id: 'important', needWh: 920, depart: 2, shortfallPrice: 6 }),
  ]
  const nodes = [node({ capA: lines(4, 16) })]
  const { evW } = greedy(problem({ evs, nodes }))
  expect(evW.map(rounded)).toEqual([
    [0, 3680, 0, 0],
    [0, 0, 0, 0],
    [3680, 0, 0, 0],
  ])
})

test('a minimum in time goes before an equal car', () => {
  const minimum = { needWh: 920, by: 1, price: 3 }
  const evs = [
    ev('L1', { id: 'plain', needWh: 920 }),
    ev('L1', { id: 'minimum', needWh: 1840, minimum }),
  ]
  const { evW } = greedy(problem({ evs, nodes: [node({ capA: lines(4, 16) })] }))
  expect(rounded(evW[1])[0]).toBe(3680)
  expect(rounded(evW[0])[0]).toBe(0)
})

test('two line-to-line cars on one line may add up to their phasor sum', () => {
  // |I_L1| of 16 A on L1L2 and 16 A on L3L1 is 16 * sqrt(3) = 27.7 A, not 32 A.
  const evs = [
    ev('L1L2', { id: 'a', needWh: 10_000 }, DELTA),
    ev('L3L1', { id: 'b', needWh: 10_000 }, DELTA),
  ]
  const at = (limitA: number) =>
    greedy(problem({ evs, nodes: [node({ capA: lines(4, limitA) })] })).evW.map((w) => w[0])
  const full = 16 * 120 * Math.sqrt(3)
  expect(at(27.72)).toEqual([full, full])
  expect(at(27)[1]).toBeLessThan(full)
  expect(at(27)[1]).toBeGreaterThan(full * 0.93)
})

test('kW limits, event caps and caps below the minimum hold', () => {
  const evs = [
    ev('L1', {
      id: 'capped',
      needWh: 9000,
      shortfallPrice: 6,
      capA: Float64Array.of(16, 10, 5, 16),
    }),
    ev('L1L2L3', { id: 'free', needWh: 90_000, depart: 4 }),
  ]
  const given = problem({ evs, nodes: [node({ capW: Float64Array.of(4000, 20_000, 20_000, 0) })] })
  const solution = greedy(given)
  expect(faultsOf(given, solution)).toEqual([])
  expect(rounded(solution.evW[0])).toEqual([3680, 2300, 0, 0])
  expect(rounded(solution.evW[1])).toEqual([320, 11_040, 11_040, 0])
})

test('surplus is used before the grid', () => {
  const car = ev('L1L2L3', { needWh: 2000 })
  const baseW = Float64Array.of(0, 0, -4000, -4000)
  const { evW, upperBound } = greedy(problem({ evs: [car], baseW }))
  expect(rounded(evW[0])).toEqual([0, 0, 4000, 4000])
  expect(upperBound).toBeCloseTo(2 * 0.06)
})

test('a demand charge spreads the load', () => {
  const peak = {
    pricePerKw: 10,
    billedW: 2000,
    windowSteps: 1,
    offset: 0,
    mask: new Uint8Array(4).fill(1),
  }
  const car = ev('L1L2L3', { needWh: 2000 })
  expect(rounded(greedy(problem({ evs: [car], peaks: [peak] })).evW[0])).toEqual([
    2000, 2000, 2000, 2000,
  ])
})

test('a vehicle battery charges to its target only', () => {
  const car = battery({ targetWh: 6900, maxChargeW: 20_000, cyclePrice: 0 })
  const solution = greedy(problem({ batteries: [car] }))
  expect(rounded(solution.batteryW[0])).toEqual([8000, 0, 0, 0])
  expect(solution.batteryUnservedWh[0]).toBeCloseTo(0)
})

test('a car without need or time gets nothing and disturbs nobody', () => {
  const evs = [ev('L1', { needWh: 0 }), ev('L1', { arrive: 2, depart: 2 }), ev('L1')]
  const { evW, unservedWh } = greedy(problem({ evs }))
  expect(rounded(evW[0])).toEqual([0, 0, 0, 0])
  expect([...unservedWh].map(Math.round)).toEqual([0, 1000, 0])
})

test('is feasible on 300 odd sites', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const given = oddSite({ seed })
    expect({ seed, faults: faultsOf(given, greedy(given)) }).toEqual({ seed, faults: [] })
  }
})

test('a malformed problem is refused with what is wrong and where', () => {
  const short = problem({ evs: [ev('L1', { depart: 9 })] })
  expect(() => compile(short)).toThrow(/evs\[0\] \(ev\) has the window \[0, 9\).*0\.\.4/)
  const holes = problem({ importPrice: flat(4, NaN) })
  expect(() => compile(holes)).toThrow(/importPrice\[0\] is NaN/)
})
