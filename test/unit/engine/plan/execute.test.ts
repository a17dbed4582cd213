import { describe, expect, test } from 'vitest'
import { lineCurrent, wattsPerAmp } from '../../../../src/domain/wiring.ts'
import {
  DEFAULT_RULES,
  execute,
  type ExecuteEv,
  type ExecuteRules,
} from '../../../../src/engine/plan/execute.ts'
import { createOccupancy } from '../../../../src/engine/plan/occupancy.ts'
import { pilotSteps } from '../../../../src/engine/plan/pilots.ts'
import { follow, solution } from './follow.ts'
import { ev, flat, lines, node, problem, WYE } from './problems.ts'

const WHOLE_AMPS = pilotSteps(6, 32, 1)
const RULES: ExecuteRules = { ...DEFAULT_RULES, stepS: 300 }

const car = (over: Partial<ExecuteEv> = {}): ExecuteEv => ({
  device: 0,
  pool: 'all',
  wattsPerAmp: 230,
  plannedA: 0,
  owedA: 0,
  dueA: 0,
  unplannedA: 0,
  needA: 100,
  slackSteps: 10,
  maxA: 32,
  limitA: 32,
  pilots: WHOLE_AMPS,
  isOn: false,
  sinceS: 3600,
  changes: 0,
  ...over,
})

/** Vehicles on L1 below one fuse. */
const give = (
  limitA: number | null,
  cars: readonly ExecuteEv[],
  rules: Partial<ExecuteRules> = {},
  totalW = Infinity,
): number[] => {
  const limits = limitA === null ? null : ([limitA, limitA, limitA] as const)
  const device = { node: 0, line: lineCurrent('L1', WYE), wattsPerAmp: wattsPerAmp('L1', WYE) }
  const tree = [{ parent: -1, limitA: limits, limitW: null, deltaRatio: null }]
  const occupancy = createOccupancy(
    tree,
    cars.map(() => device),
  )
  const evs = cars.map((one, k) => ({ ...one, device: k }))
  return [...execute(evs, { ...RULES, ...rules }, { occupancy, totalW })]
}

describe('follow', () => {
  test('who can do what is planned does it; only the rest goes to the most urgent', () => {
    const cars = [
      car({ plannedA: 9.6, dueA: 20, slackSteps: 8 }),
      car({ plannedA: 2, dueA: 30, slackSteps: 1 }),
      car({ plannedA: 4.4, dueA: 5, slackSteps: 4 }),
    ]
    expect(give(16, cars)).toEqual([9, 7, 0])
  })

  test('what was drawn ahead is not followed', () => {
    expect(give(null, [car({ plannedA: 10, owedA: -4, dueA: 6 })])).toEqual([6])
  })
})

describe('deal', () => {
  test('the budget of a pool goes to the most urgent, in currents that chargers can do', () => {
    const planned = { plannedA: 4, dueA: 4 }
    const cars = [6, 2, 8].map((slackSteps) => car({ ...planned, slackSteps, dueA: 12 }))
    // 12 A for the pool: all to the second; the rest waits, and what is due later fills nothing.
    expect(give(12, cars)).toEqual([0, 12, 0])
  })

  test('pools keep their budgets apart', () => {
    const cars = [
      car({ pool: 'a', plannedA: 8, dueA: 8, slackSteps: 1 }),
      car({ pool: 'b', plannedA: 10, dueA: 10, slackSteps: 9 }),
    ]
    expect(give(null, cars)).toEqual([8, 10])
  })

  test('what was drawn ahead of the plan is not given again', () => {
    expect(give(null, [car({ plannedA: 10, owedA: -10 })])).toEqual([0])
    expect(give(null, [car({ plannedA: 0, owedA: 9, dueA: 9 })])).toEqual([9])
  })

  test('pilot sets and limits of a vehicle hold', () => {
    const pilots = [8, 16, 24, 32]
    const due = { plannedA: 30, dueA: 30 }
    expect(give(null, [car({ ...due, pilots })])).toEqual([32])
    expect(give(null, [car({ ...due, pilots, limitA: 20 })])).toEqual([16])
    expect(give(23, [car({ ...due, pilots })])).toEqual([16])
    expect(give(null, [car({ ...due, pilots, limitA: 5 })])).toEqual([0])
  })

  test('any current will do where pilots are continuous', () => {
    expect(give(null, [car({ plannedA: 2.5, dueA: 2.5, pilots: null })])).toEqual([2.5])
  })
})

describe('fill', () => {
  test('room that is left goes to what is due later at no better price', () => {
    expect(give(20, [car({ plannedA: 8, dueA: 14 })])).toEqual([14])
  })

  test('a demand charge bounds it', () => {
    expect(give(null, [car({ plannedA: 8, dueA: 14 })], {}, 2300)).toEqual([10])
  })

  test('then to what was not planned for want of room', () => {
    expect(give(20, [car({ unplannedA: 12 })])).toEqual([12])
    expect(give(20, [car()])).toEqual([0])
  })
})

describe('hold', () => {
  const on = { isOn: true, sinceS: 300, changes: 1 }

  test('least times on and off', () => {
    expect(give(null, [car(on)])).toEqual([6])
    expect(give(null, [car({ ...on, sinceS: 900 })])).toEqual([0])
    const off = { dueA: 10, plannedA: 10, sinceS: 300 }
    expect(give(null, [car({ ...off, changes: 2 })])).toEqual([0])
    expect(give(null, [car({ ...off, changes: 2, sinceS: 600 })])).toEqual([10])
    expect(give(null, [car({ ...off, changes: 0 })])).toEqual([10])
  })

  test('a pause is begun only when it can be ended', () => {
    const late = { ...on, sinceS: 9000 }
    expect(give(null, [car({ ...late, changes: 1 })], { maxChanges: 3 })).toEqual([0])
    expect(give(null, [car({ ...late, changes: 2 })], { maxChanges: 3 })).toEqual([6])
    const spent = { dueA: 10, plannedA: 10, changes: 3 }
    expect(give(null, [car(spent)], { maxChanges: 3 })).toEqual([0])
  })

  test('what is held counts against the budget of its pool', () => {
    const cars = [car(on), car({ plannedA: 12, dueA: 12 })]
    expect(give(null, cars, {}, 12 * 230)).toEqual([6, 6])
  })

  test('the fuse comes before dwell times, demand charges after', () => {
    expect(give(7, [car(on), car(on)])).toEqual([6, 0])
    expect(give(5, [car(on)])).toEqual([0])
    expect(give(null, [car(on), car(on)], {}, 7 * 230)).toEqual([6, 6])
  })
})

describe('a plan carried out', () => {
  const plan = (amps: readonly number[], count = 1, limitA = 100) => {
    const steps = amps.length
    const needWh = (amps.reduce((sum, value) => sum + value, 0) * 230) / 12
    const posed = problem({
      steps,
      stepS: 300,
      importPrice: flat(steps, 0.3),
      exportPrice: flat(steps, 0),
      baseW: flat(steps, 0),
      nodes: [node({ capA: lines(steps, limitA) })],
      evs: Array.from({ length: count }, (_, i) =>
        ev('L1', { id: `${i}`, key: `${i}`, depart: steps, maxA: 32, needWh }),
      ),
    })
    return { posed, planned: solution(posed, Array<readonly number[]>(count).fill(amps)) }
  }

  test('vehicles planned below the minimum take turns and all get their energy', () => {
    const { posed, planned } = plan(Array<number>(36).fill(3), 4, 13)
    const { offeredA, gotWh, changes } = follow(posed, planned, WHOLE_AMPS)
    for (const amps of offeredA) expect(amps.reduce((a, b) => a + b)).toBeLessThanOrEqual(13)
    gotWh.forEach((wh, i) => expect(wh).toBeCloseTo(posed.evs[i].needWh, 0))
    expect(Math.max(...changes)).toBeLessThanOrEqual(3)
  })

  test('a limit on changes holds over a whole session', () => {
    const { posed, planned } = plan(Array<number>(60).fill(1), 3, 8)
    for (const maxChanges of [1, 2, 3]) {
      const { changes } = follow(posed, planned, WHOLE_AMPS, { maxChanges, minOnS: 300, stickS: 0 })
      expect(Math.max(...changes)).toBeLessThanOrEqual(maxChanges)
    }
  })
})
