import { expect, test } from 'vitest'
import { createAsks } from '../../../../src/control/asks.ts'
import type { PlanTick } from '../../../../src/control/controller.ts'
import { newEvseControl, type EvseControl } from '../../../../src/control/evse-control.ts'
import {
  createExecution,
  type ExecutionParts,
} from '../../../../src/control/planning/plan-execution.ts'
import type { Session } from '../../../../src/domain/session.ts'
import type { PlanProblem, PlanSolution } from '../../../../src/engine/plan/problem.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import { buildTimeline } from '../../../../src/engine/timeline.ts'
import { createGridView } from '../../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../../src/engine/topology.ts'
import { ev, flat, lines, node, problem } from '../../engine/plan/problems.ts'
import { MIN_MS, session, states, SUNNY } from './bench.ts'

const STEP_MS = 15 * MIN_MS
const RULES = { minOnMs: 15 * MIN_MS, minOffMs: 10 * MIN_MS, maxChanges: 3 }

/** The problem's vehicles are at the EVSEs of the site, one each: `car0` at s1/1, `car1` at s2/1. */
const cars = (count: number, over: Parameters<typeof ev>[1] = {}): PlanProblem['evs'] =>
  Array.from({ length: count }, (_, k) =>
    ev('L1L2L3', { id: `car${k}`, key: SUNNY.evses[k].key, maxA: 32, needWh: 5_000, ...over }),
  )

const planOf = (given: PlanProblem, more: Partial<ExecutionParts> = {}) => {
  const solution = more.solution ?? solvePlan(given)
  return createExecution({
    planId: 'p1',
    problem: given,
    solution,
    beforeWh: new Map(),
    rules: RULES,
    changesOf: () => 0,
    importW: () => 0,
    knowsMore: false,
    ...more,
  })
}

const tickAt = (
  nowMs: number,
  sessions: readonly (Session | null)[],
  control: (control: EvseControl) => void = () => undefined,
): PlanTick => {
  const topology = compileTopology(SUNNY)
  const controls = SUNNY.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e]))
  for (const one of controls) control(one)
  return {
    nowMs,
    topology,
    controls,
    states: states(SUNNY, sessions),
    asks: createAsks(topology),
    loads: [],
    timeline: buildTimeline([], createGridView(SUNNY, [1, 0.7, 0.4, 0]), nowMs, nowMs + STEP_MS),
  }
}

const present = (count: number): Session[] =>
  Array.from({ length: count }, (_, k) => session(`car${k}`))

test('a target is nothing or a current that can be charged, whole, and of its step', () => {
  // 9 A for two cars that both want all of it.
  const tree = [node({ capA: lines(4, 9) })]
  const given = problem({ nodes: tree, evs: cars(2, { needWh: 20_000 }) })
  const execution = planOf(given)
  execution.refresh(tickAt(given.startMs, present(2)))
  const targets = SUNNY.evses.slice(0, 2).map(({ key }) => execution.target(key, given.startMs)!)
  const amps = targets.map(({ targetA }) => targetA)
  expect(amps.toSorted((a, b) => a - b)).toEqual([0, 9])
  expect(targets[0].untilMs).toBe(given.startMs + STEP_MS)
  expect(targets.every(({ plannedW }) => plannedW > 0)).toBe(true)
})

test('what was not drawn is owed: whoever waited has its turn', () => {
  const tree = [node({ capA: lines(4, 9) })]
  const given = problem({ nodes: tree, evs: cars(2, { needWh: 3_000 }) })
  const solution: PlanSolution = {
    ...solvePlan(given),
    evW: [flat(4, 3_000), flat(4, 3_000)],
  }
  const execution = planOf(given, {
    solution,
    beforeWh: new Map([
      ['car0', 100],
      ['car1', 100],
    ]),
  })
  const got = (first: number, second: number) => [
    session('car0', { energyWh: 100 + first }),
    session('car1', { energyWh: 100 + second }),
  ]
  execution.refresh(tickAt(given.startMs + STEP_MS, got(1_500, 0)))
  expect(execution.target('s1/1', 0)!.targetA).toBe(0)
  expect(execution.target('s2/1', 0)!.targetA).toBe(9)
})

test('who is on stays on for its least time, who is off rests', () => {
  const dear = Float64Array.of(0.5, 0.1, 0.1, 0.1)
  const given = problem({ importPrice: dear, evs: cars(1, { needWh: 4_000 }) })
  const at = (onForMs: number | null, offForMs: number | null) => {
    const execution = planOf(given, { changesOf: () => 1 })
    const nowMs = given.startMs
    execution.refresh(
      tickAt(nowMs, present(1), (control) => {
        control.onSinceMs = onForMs === null ? null : nowMs - onForMs
        if (offForMs !== null) control.offSinceMs = nowMs - offForMs
      }),
    )
    return execution.target('s1/1', nowMs)!.targetA
  }
  expect(at(5 * MIN_MS, null)).toBe(6)
  expect(at(16 * MIN_MS, null)).toBe(0)
  const cheap = planOf(problem({ evs: cars(1, { needWh: 4_000 }) }), { changesOf: () => 2 })
  const resting = (offForMs: number, pausedBy: string | null): number => {
    cheap.refresh(tickAt(0, []))
    cheap.refresh(
      tickAt(given.startMs, present(1), (control) => {
        control.offSinceMs = given.startMs - offForMs
        control.pausedBy = pausedBy
      }),
    )
    return cheap.target('s1/1', given.startMs)!.targetA
  }
  expect(resting(5 * MIN_MS, null)).toBe(0)
  expect(resting(11 * MIN_MS, null)).toBeGreaterThan(6)
  // Not the plan's doing: no rest.
  expect(resting(5 * MIN_MS, 'dr-7')).toBeGreaterThan(6)
})

test('without a change to spare it is not paused, and comes back from pauses of others', () => {
  const dear = Float64Array.of(0.5, 0.1, 0.1, 0.1)
  const given = problem({ importPrice: dear, evs: cars(1, { needWh: 4_000 }) })
  const at = (changes: number, isOn: boolean): number => {
    const execution = planOf(given, { changesOf: () => changes })
    execution.refresh(
      tickAt(given.startMs + (isOn ? 0 : STEP_MS), present(1), (control) => {
        control.onSinceMs = isOn ? given.startMs - 60 * MIN_MS : null
        control.offSinceMs = given.startMs - 60 * MIN_MS
      }),
    )
    return execution.target('s1/1', 0)!.targetA
  }
  expect(at(1, true)).toBe(0)
  expect(at(2, true)).toBe(6)
  expect(at(7, false)).toBeGreaterThan(6)
})

test('targets stand for a step, but not when somebody of the plan comes or goes', () => {
  const tree = [node({ capA: lines(4, 9) })]
  const given = problem({ nodes: tree, evs: cars(2, { needWh: 20_000 }) })
  const execution = planOf(given)
  const target = (key: string): number | undefined => execution.target(key, 0)?.targetA
  const at = (nowMs: number, sessions: readonly (Session | null)[]): void =>
    execution.refresh(tickAt(nowMs, sessions))
  at(given.startMs, present(2))
  const first = target('s1/1') === 9 ? 0 : 1
  const before = execution.target('s1/1', 0)
  at(given.startMs + MIN_MS, present(2))
  expect(execution.target('s1/1', 0)).toBe(before)
  // The one that charges leaves, a stranger takes its place: the other goes on at once.
  const left = present(2).map((one, k) => (k === first ? session('stranger') : one))
  at(given.startMs + 2 * MIN_MS, left)
  expect(target(first === 0 ? 's1/1' : 's2/1')).toBeUndefined()
  expect(target(first === 0 ? 's2/1' : 's1/1')).toBe(9)
  at(given.startMs + 4 * STEP_MS, present(2))
  expect(target('s2/1')).toBeUndefined()
})

test('what is left over is taken while nothing later is cheaper and nothing else bounds it', () => {
  const surplus = (over: Partial<PlanProblem>, knowsMore = false): boolean => {
    const given = problem({ evs: cars(1, { needWh: 11_040 }), ...over })
    const execution = planOf(given, { knowsMore })
    execution.refresh(tickAt(problem().startMs, present(1)))
    const { targetA, takesSurplus } = execution.target('s1/1', 0)!
    expect(targetA).toBeGreaterThan(0)
    return takesSurplus
  }
  expect(surplus({})).toBe(true)
  const peak = {
    pricePerKw: 1,
    billedW: 50_000,
    windowSteps: 1,
    offset: 0,
    mask: new Uint8Array(4),
  }
  expect(surplus({ peaks: [peak] })).toBe(false)
  const balanced = { limitA: 20, baseA: [flat(4, 0), flat(4, 0), flat(4, 0)] }
  expect(surplus({ imbalance: balanced })).toBe(false)
  expect(surplus({}, true)).toBe(false)
  const fallsLater = Float64Array.of(0.2, 0.1, 0.1, 0.1)
  const fitsBarely = cars(1, { needWh: 21_000 })
  expect(surplus({ importPrice: fallsLater, evs: fitsBarely })).toBe(false)
})

test('a demand charge bounds what all have together, with what the window has had', () => {
  const peak = {
    pricePerKw: 100,
    billedW: 8_000,
    windowSteps: 2,
    offset: 0,
    mask: new Uint8Array(4).fill(1),
  }
  const given = problem({ evs: cars(2, { needWh: 3_500 }), peaks: [peak] })
  const at = (importW: number): number => {
    const execution = planOf(given, { importW: () => importW })
    execution.refresh(tickAt(given.startMs + STEP_MS, present(2)))
    return ['s1/1', 's2/1'].reduce((sum, key) => sum + execution.target(key, 0)!.targetA * 690, 0)
  }
  expect(at(0)).toBeGreaterThan(at(10_000))
  expect(at(10_000)).toBeLessThanOrEqual(6_000)
})

test('few vehicles with whole currents keep the lines as even as the plan does', () => {
  const evs = [0, 1].map((k) =>
    ev('L1', { id: `car${k}`, key: SUNNY.evses[k].key, maxA: 32, needWh: 4_000 }),
  )
  const imbalance = { limitA: 20, baseA: [flat(4, 5), flat(4, 0), flat(4, 0)] }
  const given = problem({ evs, imbalance })
  const execution = planOf(given)
  execution.refresh(tickAt(given.startMs, present(2)))
  const amps = ['s1/1', 's2/1'].map((key) => execution.target(key, 0)!.targetA)
  expect(amps[0] + amps[1]).toBeGreaterThan(12)
  expect(amps[0] + amps[1]).toBeLessThanOrEqual(15)
})
