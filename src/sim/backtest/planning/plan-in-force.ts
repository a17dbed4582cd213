import type { PlanProblem, PlanSolution } from '../../../engine/plan/problem.ts'
import type { Objective } from './objective.ts'
import { peakLevelW } from './peak-level.ts'
import type { Expected } from './plan-problem.ts'

/**
 * A plan while it is carried out: what it says for a step, and what follows from it for the pools of
 * exchangeable vehicles (see execution/deal.ts).
 */
export interface PlanInForce {
  /** Step of the grid at which it begins, and the first one after it. */
  readonly from: number
  readonly to: number
  readonly expected: readonly Expected[]
  /** Index into `expected` by stay id. */
  readonly indexOf: ReadonlyMap<string, number>
  /** Amperes planned for a vehicle in a step of the grid. */
  plannedA(index: number, t: number): number
  /** Ampere steps planned for it in all. */
  readonly totalA: Float64Array
  /** Ampere steps planned for it before step `t`, and from then on at no better price than at `t`. */
  beforeOrDearerA(index: number, t: number): number
  /** Vehicles with the same name see the same limits and prices in step `t`. */
  pool(index: number, t: number): string
  /** What all vehicles together may draw in step `t` without a higher demand charge, watts. */
  totalW(t: number, powerW: Float64Array): number
}

const SMALL = 1e-9

/** Per step of the plan, the nodes at which some limit has a price. */
const pricedNodes = ({ steps }: PlanProblem, { prices }: PlanSolution): Set<number>[] => {
  const nodes = Array.from({ length: steps }, () => new Set<number>())
  for (const { kind, node, step, pricePerKwh } of prices) {
    if ((kind === 'phase' || kind === 'power') && pricePerKwh > 0) nodes[step].add(node)
  }
  return nodes
}

const totalsOf = ({ steps }: PlanProblem, { evW }: PlanSolution): Float64Array => {
  const totals = new Float64Array(steps)
  for (const watts of evW) for (let k = 0; k < steps; k++) totals[k] += watts[k]
  return totals
}

export const planInForce = (
  problem: PlanProblem,
  solution: PlanSolution,
  objective: Objective,
  from: number,
  expected: readonly Expected[],
): PlanInForce => {
  const { steps, evs, nodes } = problem
  const priced = pricedNodes(problem, solution)
  const totals = totalsOf(problem, solution)
  const levels = problem.peaks.map((peak) => peakLevelW(peak, [totals]))
  const wiring = evs.map(({ line, wattsPerAmp }) => [wattsPerAmp, ...line.re, ...line.im].join(' '))
  const amps = evs.map(({ wattsPerAmp }, i) => solution.evW[i].map((watts) => watts / wattsPerAmp))

  /** What is left of the averaging window that step `k` is in, when the rest of it goes by plan. */
  const leftInWindow = (p: number, k: number, powerW: Float64Array): number => {
    const { windowSteps, offset } = problem.peaks[p]
    const first = offset + Math.floor((k - offset) / windowSteps) * windowSteps
    let leftW = levels[p] * windowSteps
    for (let j = first; j < k; j++) leftW -= powerW[from + j] ?? 0
    for (let j = k + 1; j < Math.min(steps, first + windowSteps); j++) leftW -= totals[j]
    return Math.max(0, leftW)
  }

  return {
    from,
    to: from + steps,
    expected,
    indexOf: new Map(expected.map(({ stay }, i) => [stay.id, i])),
    plannedA: (index, t) => amps[index][t - from],
    totalA: Float64Array.from(amps, (planned) => planned.reduce((sum, value) => sum + value, 0)),
    beforeOrDearerA: (index, t) => {
      let sum = 0
      for (let k = 0; k < evs[index].depart; k++) {
        const counts = from + k < t || objective.price[from + k] >= objective.price[t] - SMALL
        if (counts) sum += amps[index][k]
      }
      return sum
    },
    pool: (index, t) => {
      let node = evs[index].node
      while (node >= 0 && !priced[t - from].has(node)) node = nodes[node].parent
      return `${node} ${wiring[index]}`
    },
    totalW: (t, powerW) =>
      problem.peaks.reduce(
        (least, { mask }, p) =>
          mask[t - from] === 0 ? least : Math.min(least, leftInWindow(p, t - from, powerW)),
        Infinity,
      ),
  }
}
