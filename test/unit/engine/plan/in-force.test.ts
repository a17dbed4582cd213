import { describe, expect, test } from 'vitest'
import { planInForce, type PlanInForce } from '../../../../src/engine/plan/in-force.ts'
import type { PlanProblem, RowPrice } from '../../../../src/engine/plan/problem.ts'
import { solution } from './follow.ts'
import { battery, ev, flat, lines, node, problem } from './problems.ts'

/** Quarter hours at 230 V on L1: 4 A steps are 230 Wh. */
const AMP_STEP_WH = 230 / 4

const force = (
  over: Partial<PlanProblem>,
  amps: readonly (readonly number[])[],
  prices: readonly RowPrice[] = [],
): PlanInForce => {
  const posed = problem(over)
  return planInForce(posed, solution(posed, amps, { prices }))
}

const car = ev('L1', { needWh: 20 * AMP_STEP_WH })
const nothing = { gotWh: 0, needWh: car.needWh }

describe('share', () => {
  test('planned, owed, due and unplanned follow from plan and progress', () => {
    const plan = force({ evs: [car], importPrice: Float64Array.of(0.3, 0.2, 0.3, 0.1) }, [
      [4, 2, 6, 5],
    ])
    // Later at no better price: the third step; the plan lacks 3 A steps of the need.
    expect(plan.share(0, 0, nothing)).toMatchObject({
      plannedA: 4,
      owedA: 0,
      dueA: 10,
      unplannedA: 3,
      needA: 20,
    })
    const progress = { gotWh: AMP_STEP_WH, needWh: 19 * AMP_STEP_WH }
    expect(plan.share(0, 1, progress)).toMatchObject({ plannedA: 2, owedA: 3, dueA: 11 })
    const ahead = { gotWh: 12 * AMP_STEP_WH, needWh: 8 * AMP_STEP_WH }
    expect(plan.share(0, 1, ahead)).toMatchObject({ owedA: -8, dueA: 0 })
    expect(plan.leftWh(0, 12 * AMP_STEP_WH)).toBeCloseTo(5 * AMP_STEP_WH)
  })

  test('what costs more than it is worth is not taken beyond the plan', () => {
    const dear = force({ evs: [car], importPrice: flat(4, 3) }, [[4, 0, 0, 0]])
    expect(dear.share(0, 0, nothing).unplannedA).toBe(0)
  })

  test('surplus of the sun that comes later is not taken early from the grid', () => {
    const sun = { evs: [car], baseW: Float64Array.of(0, 0, -2300, -2300) }
    const plan = force(sun, [[0, 0, 10, 10]])
    expect(plan.share(0, 0, nothing)).toMatchObject({ plannedA: 0, dueA: 0 })
    expect(plan.share(0, 2, nothing)).toMatchObject({ plannedA: 10, dueA: 10 })
    const lessThanAll = force(sun, [[0, 0, 9, 8]])
    expect(lessThanAll.share(0, 2, nothing).dueA).toBeCloseTo(17)
  })

  test('slack counts to departure, or to an earlier minimum', () => {
    const early = { needWh: 10 * AMP_STEP_WH, by: 2, price: 1 }
    const evs = [ev('L1', { maxA: 10 }), ev('L1', { maxA: 10, minimum: early })]
    const plan = force({ evs }, [
      [5, 5, 5, 5],
      [5, 5, 5, 5],
    ])
    expect(plan.share(0, 0, nothing).slackSteps).toBeCloseTo(2)
    expect(plan.share(1, 0, nothing).slackSteps).toBeCloseTo(1)
    expect(plan.share(1, 0, { ...nothing, gotWh: 10 * AMP_STEP_WH }).slackSteps).toBeCloseTo(3)
  })

  test('an event on the vehicle bounds it', () => {
    const evs = [ev('L1', { capA: Float64Array.of(16, 7, 16, 16) })]
    expect(force({ evs }, [[0, 0, 0, 0]]).share(0, 1, nothing).maxA).toBe(7)
  })
})

describe('pools', () => {
  const evs = [
    ev('L1', { id: 'a', node: 1 }),
    ev('L1', { id: 'b', node: 2 }),
    ev('L2', { id: 'c', node: 2 }),
  ]
  const nodes = [node(), node({ id: 'left', parent: 0 }), node({ id: 'right', parent: 0 })]
  const amps = evs.map(() => [1, 1, 1, 1])
  const poolsAt = (plan: PlanInForce, step: number): string[] =>
    evs.map((_, i) => plan.share(i, step, nothing).pool)

  test('same wiring, and no limit that tells them apart has a price from now on', () => {
    const price = { kind: 'phase', line: 0, pricePerKwh: 0.1 } as const
    const plan = force({ nodes, evs }, amps, [
      { ...price, node: 1, step: 1 },
      { ...price, node: 0, step: 2 },
    ])
    for (const step of [0, 1]) {
      const [left, right] = poolsAt(plan, step)
      expect(left).not.toBe(right)
    }
    for (const step of [2, 3]) {
      const [a, b, c] = poolsAt(plan, step)
      expect(a).toBe(b)
      expect(c).not.toBe(b)
    }
  })
})

describe('totalW', () => {
  const peak = {
    pricePerKw: 10,
    billedW: 0,
    windowSteps: 2,
    offset: 1,
    mask: new Uint8Array(4).fill(1),
  }
  const evs = [ev('L1', { maxA: 32 })]
  const none = (): number => 0

  test('without demand charge there is no limit', () => {
    expect(force({ evs }, [[1, 1, 1, 1]]).totalW(0, none)).toBe(Infinity)
  })

  test('a window keeps its planned mean, whatever was drawn in it so far', () => {
    // Windows: step 0 with the one before the plan, steps 1 and 2, step 3 and the one after.
    const plan = force({ evs, peaks: [peak] }, [[4, 10, 20, 6]])
    const levelW = 15 * 230
    expect(plan.totalW(0, (step) => (step === -1 ? 10 * 230 : 0))).toBeCloseTo(2 * levelW - 2300)
    expect(plan.totalW(1, none)).toBeCloseTo(2 * levelW - 20 * 230)
    expect(plan.totalW(2, (step) => (step === 1 ? 16 * 230 : 0))).toBeCloseTo(14 * 230)
    expect(plan.totalW(2, () => 1e6)).toBe(0)
  })

  test('base load and batteries use it up or make room', () => {
    const posed = problem({
      evs,
      baseW: flat(4, 1000),
      batteries: [battery()],
      peaks: [{ ...peak, windowSteps: 1 }],
    })
    const batteryW = [Float64Array.of(0, 500, -500, 0)]
    const plan = planInForce(posed, solution(posed, [[10, 0, 0, 0]], { batteryW }))
    expect([0, 1, 2].map((step) => plan.totalW(step, none))).toEqual([2300, 1800, 2800])
  })

  test('what is billed anyway is free, and steps that do not count are', () => {
    const billed = { ...peak, billedW: 9000, windowSteps: 1, mask: Uint8Array.of(1, 0, 1, 1) }
    const plan = force({ evs, peaks: [billed] }, [[4, 10, 20, 6]])
    expect(plan.totalW(0, none)).toBe(9000)
    expect(plan.totalW(1, none)).toBe(Infinity)
  })

  test('a setpoint is followed where it holds', () => {
    const setpoint = { powerW: flat(4, 2300), pricePerKwh: 1, mask: Uint8Array.of(0, 1, 1, 1) }
    const plan = force({ evs, setpoint }, [[4, 10, 10, 6]])
    expect(plan.totalW(0, none)).toBe(Infinity)
    expect(plan.totalW(1, none)).toBe(2300)
  })
})

test('the occupancy has the caps of the step and the batteries as planned', () => {
  const capW = Float64Array.of(4600, -1, 4600, 4600)
  const posed = problem({
    evs: [car],
    nodes: [node({ capA: lines(4, 12), capW })],
    batteries: [battery()],
  })
  const batteryW = [Float64Array.of(690, 0, 4600, 0)]
  const plan = planInForce(posed, solution(posed, [[0, 0, 0, 0]], { batteryW }))
  // 690 W on three lines are 1 A on each.
  expect(plan.occupancy(0).room(0, 32)).toBeCloseTo(11)
  expect(plan.occupancy(1).room(0, 32)).toBe(0)
  expect(plan.occupancy(2).room(0, 32)).toBeCloseTo(0)
  expect(plan.occupancy(3).room(0, 32)).toBeCloseTo(12)
})
