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
const WORDING = createWording('Europe/Berlin', (id) => `feeder ${id}`, START)

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
    'feeder B L2 is the bottleneck from 18:15 to 19:00',
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
    'the demand charge is the bottleneck from 18:00 to 18:15: more power would raise it',
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
    'the power limit of feeder B is the bottleneck from 18:00 to 18:15',
    'event dr-7 limits feeder B from 18:15 to 18:45',
    'event phases limits feeder B L1 from 18:30 to 18:45',
    'the power limit of feeder B is the bottleneck from 18:45 to 19:00',
  ])
  expect(inTime.map(({ eventId }) => eventId)).toEqual([null, 'dr-7', 'phases', null])
})

test('another day is told by its name', () => {
  const given = problem({ nodes: [node({ id: 'B' })], evs: [ev('L1')] })
  const solution = solutionOf(given, [price({ kind: 'imbalance', pricePerKwh: 0.0034 })])
  const [found] = bottlenecksOf(given, solution)
  const yesterday = createWording('Europe/Berlin', (id) => id, START - 86_400_000)
  expect(describeBottleneck(found, yesterday)).toBe(
    'the imbalance limit of B L2 is the bottleneck from Mon 18:00 to Mon 18:15',
  )
})

test('who gets all needs no reason', () => {
  const given = problem({ evs: [ev('L1')] })
  expect(unservedReasons(given, solvePlan(given), WORDING)(0)).toBeNull()
})

test.each([
  [
    'the stay',
    ev('L1', { needWh: 9000 }),
    node(),
    'the stay is too short, 16 A until departure is 3.7 kWh',
  ],
  [
    'the limit and not the stay, which would allow more,',
    ev('L1', { needWh: 9000 }),
    node({ id: 'B', capA: lines(4, 8) }),
    'feeder B L1 is the bottleneck from 18:00 to 19:00',
  ],
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
    '1.2 of 3.0 kWh cannot be delivered in time: feeder B L1 is the bottleneck from 18:00 to 19:00',
  ],
  [
    'the price',
    ev('L1', { shortfallPrice: 0.2 }),
    node(),
    'energy costs more than the plan may spend on it',
  ],
])('names %s as the reason', (_, car, site, reason) => {
  const given = problem({ nodes: [site], evs: [car] })
  const solution = solvePlan(given, { gap: 1e-6 })
  expect(unservedReasons(given, solution, WORDING)(0)).toContain(reason)
})
