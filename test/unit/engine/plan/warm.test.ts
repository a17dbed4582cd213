import { expect, test } from 'vitest'
import { carPark } from '../../../../bench/planner/site.ts'
import { compile } from '../../../../src/engine/plan/model.ts'
import type { PlanProblem } from '../../../../src/engine/plan/problem.ts'
import { solveProximal } from '../../../../src/engine/plan/proximal.ts'
import { relax } from '../../../../src/engine/plan/relaxation.ts'
import { applyWarmStart, warmStartOf } from '../../../../src/engine/plan/warm.ts'

const never = (): boolean => false
const SITE = carPark({ devices: 200, steps: 96, tightness: 0.8, seed: 11, storageShare: 0.1 })

/** The same site a quarter of an hour later: the first step is gone, some cars are others. */
const later = (given: PlanProblem): PlanProblem => {
  const drop = (values: Float64Array): Float64Array => {
    const shifted = values.slice(1)
    const next = new Float64Array(values.length)
    next.set(shifted)
    next[values.length - 1] = values.at(-1)!
    return next
  }
  const move = <T extends { arrive: number; depart: number }>(device: T): T => ({
    ...device,
    arrive: Math.max(0, device.arrive - 1),
    depart: Math.max(1, device.depart - 1),
  })
  return {
    ...given,
    startMs: given.startMs + given.stepS * 1000,
    evs: given.evs.map((ev, i) => ({ ...move(ev), id: i % 30 === 0 ? `${ev.id}-new` : ev.id })),
    batteries: given.batteries.map(move),
    importPrice: drop(given.importPrice),
    baseW: drop(given.baseW),
    nodes: given.nodes.map((node) => ({
      ...node,
      capA: node.capA && [drop(node.capA[0]), drop(node.capA[1]), drop(node.capA[2])],
    })),
  }
}

test('a warm start needs fewer evaluations and certifies the same', () => {
  const first = solveProximal(compile(SITE), { gap: 1e-3, isLate: never, warm: null })
  const next = compile(later(SITE))
  const cold = solveProximal(next, { gap: 1e-3, isLate: never, warm: null })
  const warm = warmStartOf(first.relaxation)
  const restarted = solveProximal(next, { gap: 1e-3, isLate: never, warm })
  expect(restarted.counts.evaluations).toBeLessThan(cold.counts.evaluations)
  expect(restarted.upperBound - restarted.lowerBound).toBeLessThanOrEqual(
    1e-3 * restarted.lowerBound,
  )
  expect(restarted.lowerBound).toBeLessThanOrEqual(cold.upperBound)
  expect(cold.lowerBound).toBeLessThanOrEqual(restarted.upperBound)
})

test('it is plain data that survives being sent to a thread', () => {
  const { relaxation } = solveProximal(compile(SITE), { gap: 1e-2, isLate: never, warm: null })
  const warm = warmStartOf(relaxation)
  const copy = structuredClone(warm)
  const again = relax(compile(SITE))
  expect(applyWarmStart(again, copy)).toBe(true)
  const priced = relaxation.duals.findIndex((dual) => dual > 0)
  expect(again.duals[priced]).toBe(relaxation.duals[priced])
})

test('a warm start of another site is left aside', () => {
  const { relaxation } = solveProximal(compile(SITE), { gap: 1e-2, isLate: never, warm: null })
  const warm = warmStartOf(relaxation)
  const strangers = { ...SITE, evs: SITE.evs.map((ev) => ({ ...ev, id: `other-${ev.id}` })) }
  const fresh = relax(compile({ ...strangers, batteries: [] }))
  expect(applyWarmStart(fresh, warm)).toBe(false)
  expect(fresh.duals.some((dual) => dual !== 0)).toBe(false)
  expect(fresh.evs.centre.some((part) => part !== 0)).toBe(false)
})
