import { demandPeak } from '../../../engine/plan/demand-peak.ts'
import type { PlanProblem, PlanSolution } from '../../../engine/plan/problem.ts'
import type { Billing } from '../billing.ts'
import type { Network } from '../network/network.ts'
import { peakSteps, type Objective } from '../planning/objective.ts'
import { planProblem } from '../planning/plan-problem.ts'
import type { Algorithm, Case } from '../stay.ts'

/**
 * The optimum with hindsight: one plan over the whole case, every vehicle known beforehand, demand
 * charges in full, any current. Nobody could have done it; nobody can do better.
 */
export const optimalPlan = (
  network: Network,
  { grid, stays }: Case,
  objective: Objective,
  billing: Billing | null,
  solve: (problem: PlanProblem) => PlanSolution,
): PlanSolution => {
  const endMs = grid.startMs + grid.steps * grid.stepS * 1000
  const charges = billing?.demand(grid, new Float64Array(0), 0, endMs) ?? []
  const window = {
    t: 0,
    steps: grid.steps,
    peaks: charges.map((charge) => demandPeak(charge, peakSteps(grid, 0, grid.steps))),
  }
  const expected = stays.map((stay) => ({
    stay,
    belief: { needWh: stay.needWh, depart: stay.depart, early: null },
  }))
  return solve(planProblem(network, grid, { ...objective, latePricePerDay: 0 }, window, expected))
}

/** Carries out a plan that was made for all `stays`. */
export const createOptimum = (
  network: Network,
  { stays }: Case,
  { evW }: PlanSolution,
): Algorithm => {
  const indexOf = new Map(stays.map((stay, index) => [stay, index]))
  return {
    name: 'optimum',
    decide: (t, cars) =>
      cars.map(({ stay }) => evW[indexOf.get(stay)!][t] / network.evses[stay.evse].wattsPerAmp),
  }
}
