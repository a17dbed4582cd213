import { expect, test } from 'vitest'
import { oddSite } from '../../bench/planner/odd-site.ts'
import { solveOracle } from '../../bench/planner/oracle.ts'
import { compile } from '../../src/engine/plan/model.ts'
import { solvePlan } from '../../src/engine/plan/plan.ts'
import type { PlanProblem } from '../../src/engine/plan/problem.ts'
import { faultsOf } from '../unit/engine/plan/feasibility.ts'

/**
 * The certificate against HiGHS: on random sites with every feature the lower bound is below the
 * optimum, the plan above it, and the plan feasible as a meter would see it.
 */
const SEEDS_PER_TEST = 60
const TIMEOUT_MS = 120_000

interface Outcome {
  readonly problem: PlanProblem
  readonly wrong: string[]
  readonly gap: number
}

const compare = async (problem: PlanProblem): Promise<Outcome> => {
  const { objective } = await solveOracle(problem, compile(problem).overloadPrice)
  const optimum = objective!
  const solution = solvePlan(problem)
  const { lowerBound, upperBound } = solution
  const slack = 1e-6 * (1 + Math.abs(optimum))
  const wrong = faultsOf(problem, solution)
  if (solution.method !== 'optimal') wrong.push(`fell back: ${solution.fallbackBecause}`)
  if (lowerBound > optimum + slack) wrong.push(`lower bound ${lowerBound} above ${optimum}`)
  if (upperBound < optimum - slack) wrong.push(`upper bound ${upperBound} below ${optimum}`)
  return { problem, wrong, gap: (upperBound - lowerBound) / Math.max(1, Math.abs(optimum)) }
}

const has = {
  batteries: ({ problem }: Outcome) => problem.batteries.length > 0,
  phasors: ({ problem }: Outcome) =>
    [...problem.evs, ...problem.batteries].some(({ line }) => line.im.some((im) => im !== 0)),
  imbalance: ({ problem }: Outcome) => problem.imbalance !== null,
  setpoint: ({ problem }: Outcome) => problem.setpoint !== null,
  peaks: ({ problem }: Outcome) => problem.peaks.length > 0,
  minimum: ({ problem }: Outcome) => problem.evs.some(({ minimum }) => minimum !== null),
}

test.for([1, 2, 3, 4, 5, 6])(
  'lower bound <= optimum <= upper bound, feasible to 1e-6 (%i of 6)',
  { timeout: TIMEOUT_MS },
  async (part) => {
    const outcomes: Outcome[] = []
    for (let k = 1; k <= SEEDS_PER_TEST; k++) {
      const seed = 1000 * part + k
      const outcome = await compare(oddSite({ seed, maxEvs: 16 }))
      expect({ seed, wrong: outcome.wrong }).toEqual({ seed, wrong: [] })
      outcomes.push(outcome)
    }
    for (const [name, test] of Object.entries(has)) {
      expect({ name, count: outcomes.filter(test).length }).not.toEqual({ name, count: 0 })
    }
    // Beyond the certificate: it closes, but for the few sites where the programme wants to burn
    // energy by charging and discharging at once, which no battery can.
    const open = outcomes.filter(({ gap }) => gap > 1.001e-3)
    expect(open.length).toBeLessThanOrEqual(SEEDS_PER_TEST * 0.1)
    expect(open.every((outcome) => has.batteries(outcome))).toBe(true)
  },
)

test('negative prices keep the bounds right', { timeout: TIMEOUT_MS }, async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { wrong } = await compare(oddSite({ seed, maxEvs: 8, negativePrices: true }))
    expect({ seed, wrong }).toEqual({ seed, wrong: [] })
  }
})

test('negative prices without batteries close the gap', { timeout: TIMEOUT_MS }, async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const site = { ...oddSite({ seed: seed + 500, negativePrices: true }), batteries: [] }
    if (site.evs.length === 0) continue
    const { wrong, gap } = await compare(site)
    expect({ seed, wrong, isClosed: gap <= 1.001e-3 }).toEqual({ seed, wrong: [], isClosed: true })
  }
})
