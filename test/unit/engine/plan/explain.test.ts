import { expect, test } from 'vitest'
import {
  bottlenecksOf,
  createWording,
  describeBottleneck,
  unservedReasons,
} from '../../../../src/engine/plan/explain.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { PlanProblem, PlanSolution, RowPrice } from '../../../../src/engine/plan/problem.ts'
import { ev, flat, lines, node, problem } from './problems.ts'

const START = Date.UTC(2026, 10, 2, 17)
const WORDING = createWording('Europe/Berlin', 'EUR', (id) => `feeder ${id}`, START)

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
      eventId: null,
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

test('a cap that an event set is told as that event, the rest of the day as the rating', () => {
  const given = problem({
    nodes: [node({ id: 'B' })],
    evs: [ev('L1L2L3', { needWh: 5000 })],
    capEvents: [
      { node: 0, line: -1, from: 1, to: 3, eventId: 'dr-7' },
      { node: 0, line: 0, from: 0, to: 4, eventId: 'phases' },
    ],
  })
  const power = (step: number) => price({ kind: 'power', line: -1, step })
  const prices = [0, 1, 2, 3].map(power)
  const found = bottlenecksOf(given, solutionOf(given, [...prices, price({ line: 0, step: 2 })]))
  const inTime = found.toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs)
  expect(inTime.map((one) => describeBottleneck(one, WORDING))).toEqual([
    'feeder B power limit between 18:00 and 18:15 costs 0.11 EUR/kWh',
    'feeder B limit of event dr-7 between 18:15 and 18:45 costs 0.11 EUR/kWh',
    'feeder B phase L1 limit of event phases between 18:30 and 18:45 costs 0.11 EUR/kWh',
    'feeder B power limit between 18:45 and 19:00 costs 0.11 EUR/kWh',
  ])
  expect(inTime.map(({ eventId }) => eventId)).toEqual([null, 'dr-7', 'phases', null])
})

test('another day is told by its name, and a small price by two figures', () => {
  const given = problem({ nodes: [node({ id: 'B' })], evs: [ev('L1')] })
  const solution = solutionOf(given, [price({ kind: 'imbalance', pricePerKwh: 0.0034 })])
  const [found] = bottlenecksOf(given, solution)
  const yesterday = createWording('Europe/Berlin', 'EUR', (id) => id, START - 86_400_000)
  expect(describeBottleneck(found, yesterday)).toBe(
    'B imbalance of phase L2 between Mon 18:00 and Mon 18:15 costs 0.0034 EUR/kWh',
  )
})

test('who gets all needs no reason', () => {
  const given = problem({ evs: [ev('L1')] })
  expect(unservedReasons(given, solvePlan(given), WORDING)(0)).toBeNull()
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
    'a kWh costs more than the 0.20 EUR it is worth',
  ],
])('names %s as the reason', (_, car, site, reason) => {
  const given = problem({ nodes: [site], evs: [car] })
  const solution = solvePlan(given, { gap: 1e-6 })
  expect(unservedReasons(given, solution, WORDING)(0)).toContain(reason)
})
