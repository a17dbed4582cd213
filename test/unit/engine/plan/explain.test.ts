import { expect, test } from 'vitest'
import {
  bottlenecksOf,
  describeBottleneck,
  unservedReason,
} from '../../../../src/engine/plan/explain.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { PlanProblem, PlanSolution, RowPrice } from '../../../../src/engine/plan/problem.ts'
import { ev, flat, lines, node, problem } from './problems.ts'

const WORDING = {
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  nodeName: (id: string) => `feeder ${id}`,
}
const START = Date.UTC(2026, 10, 2, 17)

const price = (over: Partial<RowPrice>): RowPrice => ({
  kind: 'phase',
  node: 0,
  line: 1,
  step: 0,
  pricePerKwh: 0.11,
  ...over,
})

const solutionOf = (given: PlanProblem, prices: readonly RowPrice[]): PlanSolution => ({
  ...solvePlan(given),
  prices,
})

test('neighbouring steps of one limit become one entry in words', () => {
  const given = problem({ nodes: [node({ id: 'B' })], evs: [ev('L1L2L3', { needWh: 5000 })] })
  const solution = solutionOf(given, [
    price({ step: 1, pricePerKwh: 0.1 }),
    price({ step: 2, pricePerKwh: 0.12 }),
    price({ step: 3, pricePerKwh: 0.11 }),
  ])
  const bottlenecks = bottlenecksOf(given, solution)
  expect(bottlenecks).toEqual([
    {
      nodeId: 'B',
      kind: 'phase',
      phase: 'L2',
      startMs: START + 900_000,
      endMs: START + 3_600_000,
      pricePerKwh: expect.closeTo(0.11, 6),
    },
  ])
  expect(describeBottleneck(bottlenecks[0], WORDING)).toBe(
    'feeder B phase L2 between 18:15 and 19:00 costs 0.11 EUR/kWh',
  )
})

test('gaps, lines and kinds are kept apart, dearest first', () => {
  const evs = [ev('L1L2L3', { needWh: 11_040 })]
  const given = problem({ nodes: [node({ id: 'B' })], evs })
  const solution = solutionOf(given, [
    price({ step: 0 }),
    price({ step: 2 }),
    price({ step: 0, line: 2 }),
    price({ step: 0, kind: 'peak', line: -1, pricePerKwh: 3 }),
  ])
  const [first, ...rest] = bottlenecksOf(given, solution)
  expect(first).toMatchObject({ kind: 'peak', phase: null, pricePerKwh: 3 })
  expect(rest).toHaveLength(3)
  expect(describeBottleneck(first, WORDING)).toBe(
    'feeder B demand charge between 18:00 and 18:15 costs 3.00 EUR/kWh',
  )
})

test('who gets all needs no reason', () => {
  const given = problem({ evs: [ev('L1')] })
  expect(unservedReason(given, solvePlan(given), 0, WORDING)).toBeNull()
})

test.each([
  ['the stay', ev('L1', { needWh: 9000 }), node(), 'at 16 A the stay allows 3.7 kWh'],
  [
    'events',
    ev('L1', { needWh: 3000, capA: flat(4, 8) }),
    node(),
    'events on the charger leave 1.8 kWh',
  ],
  [
    'a limit',
    ev('L1', { needWh: 3000 }),
    node({ id: 'B', capA: lines(4, 8) }),
    'feeder B phase L1 between 18:00 and 19:00 costs 1.75 EUR/kWh',
  ],
  [
    'the price',
    ev('L1', { shortfallPrice: 0.2 }),
    node(),
    'a kWh costs more than the 0.2 EUR it is worth',
  ],
])('names %s as the reason', (_, car, site, reason) => {
  const given = problem({ nodes: [site], evs: [car] })
  expect(unservedReason(given, solvePlan(given, { gap: 1e-6 }), 0, WORDING)).toContain(reason)
})
