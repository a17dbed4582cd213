import { DEFAULT_RULES, execute, type ExecuteRules } from '../../../../src/engine/plan/execute.ts'
import { planInForce } from '../../../../src/engine/plan/in-force.ts'
import type { Pilots } from '../../../../src/engine/plan/pilots.ts'
import type { PlanProblem, PlanSolution } from '../../../../src/engine/plan/problem.ts'

/** A plan that somebody wrote down, in amperes per vehicle and step. */
export const solution = (
  { evs, batteries, steps }: PlanProblem,
  amps: readonly (readonly number[])[],
  over: Partial<PlanSolution> = {},
): PlanSolution => ({
  method: 'optimal',
  fallbackBecause: null,
  evW: evs.map(({ wattsPerAmp }, i) => Float64Array.from(amps[i], (value) => value * wattsPerAmp)),
  batteryW: batteries.map(() => new Float64Array(steps)),
  unservedWh: new Float64Array(evs.length),
  batteryUnservedWh: new Float64Array(batteries.length),
  upperBound: 0,
  lowerBound: 0,
  cost: { total: 0, energy: 0, peak: 0, tracking: 0, shortfall: 0, wear: 0, overload: 0 },
  prices: [],
  warm: null,
  ...over,
})

export interface Followed {
  /** Per step and vehicle. */
  readonly offeredA: readonly (readonly number[])[]
  readonly gotWh: readonly number[]
  readonly changes: readonly number[]
}

/** Carries a plan out to its end with vehicles that take what they are offered until they are full. */
export const follow = (
  problem: PlanProblem,
  plan: PlanSolution,
  pilots: Pilots,
  rules: Partial<ExecuteRules> = {},
): Followed => {
  const { evs, steps, stepS } = problem
  const hours = stepS / 3600
  const force = planInForce(problem, plan)
  const cars = evs.map(() => ({ gotWh: 0, isOn: false, since: 0, changes: 0 }))
  const importedW: number[] = []
  const offeredA: number[][] = []
  for (let t = 0; t < steps; t++) {
    const present = evs.flatMap(({ arrive, depart, needWh }, i) =>
      arrive <= t && t < depart && needWh - cars[i].gotWh > 1e-6 ? [i] : [],
    )
    const given = execute(
      present.map((i) => ({
        ...force.share(i, t, { gotWh: cars[i].gotWh, needWh: evs[i].needWh - cars[i].gotWh }),
        device: i,
        limitA: evs[i].maxA,
        pilots,
        isOn: cars[i].isOn,
        sinceS: (t - cars[i].since) * stepS,
        changes: cars[i].changes,
      })),
      { ...DEFAULT_RULES, stepS, ...rules },
      {
        occupancy: force.occupancy(t),
        totalW: force.totalW(t, (step) => importedW[step] ?? 0),
      },
    )
    offeredA.push(evs.map(() => 0))
    importedW.push(0)
    present.forEach((i, k) => {
      const car = cars[i]
      const drawnWh = Math.min(given[k] * evs[i].wattsPerAmp * hours, evs[i].needWh - car.gotWh)
      car.gotWh += drawnWh
      importedW[t] += drawnWh / hours
      offeredA[t][i] = given[k]
      if (given[k] > 0 === car.isOn) return
      Object.assign(car, { isOn: !car.isOn, since: t, changes: car.changes + 1 })
    })
  }
  return {
    offeredA,
    gotWh: cars.map(({ gotWh }) => gotWh),
    changes: cars.map(({ changes }) => changes),
  }
}
