import type { Plan, PlanCosts } from '../../domain/plan.ts'
import {
  bottlenecksOf,
  describeBottleneck,
  unservedReasons,
  type Wording,
} from '../../engine/plan/explain.ts'
import { peakLevelW } from '../../engine/plan/peak-level.ts'
import type { PlanProblem, PlanSolution } from '../../engine/plan/problem.ts'
import { isExpected } from './expected-evs.ts'

/** Of what binds, the dearest; a congested site has thousands. */
const MAX_BOTTLENECKS = 50
/** Less is not worth a reason. */
const MISSED_WH = 50

/** The solver's numbers as a plan for people. */
export const asPlan = (
  siteId: string,
  problem: PlanProblem,
  solution: PlanSolution,
  createdAtMs: number,
  wording: Wording,
): Plan => {
  const { startMs, stepS, steps } = problem
  const hours = stepS / 3600
  const controlledW = controlledOf(solution, steps)
  const reasonOf = unservedReasons(problem, solution, wording)
  return {
    id: `${siteId}-${createdAtMs}`,
    createdAtMs,
    startMs,
    stepS,
    steps,
    method: solution.method,
    fallbackBecause: solution.fallbackBecause,
    // Expected arrivals come last; they have no session yet.
    sessions: problem.evs
      .filter(({ key }) => !isExpected(key))
      .map((ev, k) => {
        const powerW = whole(solution.evW[k])
        const unservedWh = solution.unservedWh[k]
        return {
          sessionId: ev.id,
          key: ev.key,
          powerW,
          energyWh: powerW.reduce((sum, watts) => sum + watts * hours, 0),
          unservedWh,
          unservedBecause: unservedWh > MISSED_WH ? reasonOf(k) : null,
        }
      }),
    controlledW: whole(controlledW),
    baseW: whole(problem.baseW),
    cost: solution.upperBound,
    costs: costsOf(problem, solution, controlledW),
    lowerBound: Number.isFinite(solution.lowerBound) ? solution.lowerBound : null,
    bottlenecks: bottlenecksOf(problem, solution)
      .slice(0, MAX_BOTTLENECKS)
      .map((binding) => ({ ...binding, text: capital(describeBottleneck(binding, wording)) })),
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Whole watts. A loop: a third of the time of `Array.from`, for a million numbers of a big site. */
const whole = (powerW: Float64Array): number[] => {
  const watts: number[] = []
  for (let t = 0; t < powerW.length; t++) watts.push(Math.round(powerW[t]))
  return watts
}

const controlledOf = (solution: PlanSolution, steps: number): Float64Array => {
  const controlledW = new Float64Array(steps)
  for (const powerW of [...solution.evW, ...solution.batteryW]) {
    for (let t = 0; t < steps; t++) controlledW[t] += powerW[t]
  }
  return controlledW
}

/** The weight of carbon is inside the prices that the solver sees; here it is taken out again. */
const costsOf = (
  { carbonPrice, baseW, stepS, peaks }: PlanProblem,
  { cost }: PlanSolution,
  controlledW: Float64Array,
): PlanCosts => {
  const kWhPerW = stepS / 3_600_000
  let carbon = 0
  carbonPrice?.forEach((price, t) => {
    const moreW = Math.max(0, baseW[t] + controlledW[t]) - Math.max(0, baseW[t])
    carbon += price * moreW * kWhPerW
  })
  // What the building alone would raise the demand charge by is no cost of charging.
  const importW = baseW.map((watts) => Math.max(0, watts))
  const baseDemand = peaks.reduce(
    (sum, peak) => sum + (peak.pricePerKw * (peakLevelW(peak, importW) - peak.billedW)) / 1000,
    0,
  )
  return {
    energy: cost.energy - carbon,
    demand: cost.peak - baseDemand,
    baseDemand,
    carbon,
    shortfall: cost.shortfall,
    other: cost.tracking + cost.wear + cost.overload,
  }
}
