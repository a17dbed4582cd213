import { expect, test } from 'vitest'
import { lineCurrent, wattsPerAmp, type Wiring } from '../../../../src/domain/wiring.ts'
import {
  DEFAULT_RULES,
  execute,
  NEW_SESSION,
  type ExecuteEv,
  type ExecuteRules,
  type ExecuteState,
} from '../../../../src/engine/plan/execute.ts'
import type { ExecuteNode } from '../../../../src/engine/plan/occupancy.ts'
import { DELTA, WYE } from './problems.ts'

const RULES: ExecuteRules = { ...DEFAULT_RULES, intervalS: 300, minOnS: 0, minOffS: 0 }
const WHOLE_AMPS = Array.from({ length: 27 }, (_, k) => 6 + k)

const car = (
  plannedA: number,
  over: Partial<ExecuteEv> = {},
  wiring: Wiring = 'L1',
): ExecuteEv => ({
  id: 'car',
  node: 0,
  line: lineCurrent(wiring, WYE),
  wattsPerAmp: wattsPerAmp(wiring, WYE),
  plannedA,
  minA: 6,
  maxA: 32,
  pilotsA: WHOLE_AMPS,
  isTaking: true,
  ...over,
})

const free: ExecuteNode = { parent: -1, capA: null, capW: null }
const fuse = (limitA: number): ExecuteNode => ({ ...free, capA: [limitA, limitA, limitA] })

/** Runs intervals with constant plans; returns the currents of each. */
const run = (
  node: ExecuteNode,
  evs: readonly ExecuteEv[],
  intervals: number,
  rules: ExecuteRules = RULES,
): { appliedA: number[][]; states: readonly ExecuteState[] } => {
  let states: readonly ExecuteState[] = evs.map(() => NEW_SESSION)
  const appliedA: number[][] = []
  for (let k = 0; k < intervals; k++) {
    const result = execute([node], evs, states, rules)
    appliedA.push([...result.appliedA])
    states = result.states
  }
  return { appliedA, states }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

test('applies whole amperes whose mean is the plan', () => {
  const { appliedA } = run(free, [car(10.3)], 100)
  expect(new Set(appliedA.flat())).toEqual(new Set([10, 11]))
  expect(mean(appliedA.flat())).toBeCloseTo(10.3, 1)
})

test('below the minimum it charges at the minimum part of the time', () => {
  const { appliedA } = run(free, [car(2)], 90)
  expect(new Set(appliedA.flat())).toEqual(new Set([0, 6]))
  expect(mean(appliedA.flat())).toBeCloseTo(2, 1)
})

test('cars that do not all fit at the minimum take turns', () => {
  const { appliedA } = run(fuse(13), [car(4), car(4), car(4)], 90)
  for (const currents of appliedA) expect(mean(currents) * 3).toBeLessThanOrEqual(13)
  for (const one of [0, 1, 2]) {
    expect(mean(appliedA.map((currents) => currents[one]))).toBeCloseTo(4, 0)
  }
})

test('pilot sets are kept', () => {
  const { appliedA } = run(free, [car(13, { pilotsA: [8, 16, 24, 32] })], 80)
  expect(new Set(appliedA.flat())).toEqual(new Set([8, 16]))
  expect(mean(appliedA.flat())).toBeCloseTo(13, 0)
})

test('continuous currents follow the plan exactly', () => {
  expect(run(free, [car(10.37, { pilotsA: null })], 3).appliedA).toEqual([
    [10.37],
    [10.37],
    [10.37],
  ])
})

test('minimum on and off times hold', () => {
  const rules = { ...RULES, minOnS: 900, minOffS: 600 }
  const { appliedA } = run(free, [car(2)], 60, rules)
  const runs = appliedA
    .flat()
    .map((amps) => (amps > 0 ? 'x' : '.'))
    .join('')
    .match(/x+|\.+/g)!
  for (const stretch of runs.slice(1, -1)) {
    expect(stretch.length).toBeGreaterThanOrEqual(stretch.startsWith('x') ? 3 : 2)
  }
  expect(mean(appliedA.flat())).toBeCloseTo(2, 0)
})

test('hysteresis trades changes for coarser following', () => {
  const changes = (hysteresisA: number): number =>
    run(free, [car(2.5)], 200, { ...RULES, hysteresisA }).states[0].switches
  expect(changes(12)).toBeLessThan(changes(0) / 3)
})

test('a limit on changes is never passed, and the last state is on', () => {
  const { appliedA, states } = run(free, [car(2)], 100, { ...RULES, maxSwitches: 3 })
  expect(states[0].switches).toBe(3)
  expect(appliedA.at(-1)).toEqual([6])
})

test('the fuse comes before dwell times', () => {
  const on: ExecuteState = { isOn: true, sinceS: 0, carryA: 0, switches: 1 }
  const rules = { ...RULES, minOnS: 900 }
  expect([...execute([fuse(7)], [car(6), car(6)], [on, on], rules).appliedA]).toEqual([6, 0])
  expect([...execute([fuse(5)], [car(6)], [on], rules).appliedA]).toEqual([0])
})

test('line-to-line cars add up as phasors, and kW limits hold', () => {
  const delta = (wiring: Wiring): ExecuteEv => ({
    ...car(16, { pilotsA: WHOLE_AMPS }),
    line: lineCurrent(wiring, DELTA),
    wattsPerAmp: wattsPerAmp(wiring, DELTA),
  })
  const evs = [delta('L1L2'), delta('L3L1')]
  expect(run(fuse(27.72), evs, 1).appliedA).toEqual([[16, 16]])
  expect(run(fuse(27), evs, 1).appliedA).toEqual([[16, 15]])
  expect(run({ ...free, capW: 5000 }, [car(20), car(20)], 1).appliedA).toEqual([[15, 6]])
})

test('a car that takes nothing gets nothing and forgets its claim', () => {
  const idle = run(free, [car(10, { isTaking: false })], 5)
  expect(idle.appliedA.flat()).toEqual([0, 0, 0, 0, 0])
  expect(idle.states[0].carryA).toBe(0)
})
