import { PHASES } from '../../domain/phases.ts'
import type { Bottleneck, Plan } from '../../domain/plan.ts'
import { isExpected } from './expected-evs.ts'
import type { PlanProblem, PlanSolution, RowPrice } from '../../engine/plan/problem.ts'

/** The solver's numbers as a plan for people. */
export const asPlan = (
  siteId: string,
  problem: PlanProblem,
  solution: PlanSolution,
  createdAtMs: number,
): Plan => {
  const { startMs, stepS, steps } = problem
  const hours = stepS / 3600
  const controlledW = new Float64Array(steps)
  for (const powerW of [...solution.evW, ...solution.batteryW]) {
    for (let t = 0; t < steps; t++) controlledW[t] += powerW[t]
  }
  return {
    id: `${siteId}-${createdAtMs}`,
    createdAtMs,
    startMs,
    stepS,
    steps,
    method: solution.method,
    // Expected arrivals come last; they have no session yet.
    sessions: problem.evs
      .filter(({ key }) => !isExpected(key))
      .map((ev, k) => {
        const powerW = Array.from(solution.evW[k], Math.round)
        const unservedWh = solution.unservedWh[k]
        return {
          sessionId: ev.id,
          key: ev.key,
          powerW,
          energyWh: powerW.reduce((sum, watts) => sum + watts * hours, 0),
          unservedWh,
          unservedBecause: unservedWh > 50 ? becauseOf(problem, solution, k) : null,
        }
      }),
    controlledW: Array.from(controlledW, Math.round),
    baseW: Array.from(problem.baseW, Math.round),
    cost: solution.upperBound,
    lowerBound: Number.isFinite(solution.lowerBound) ? solution.lowerBound : null,
    bottlenecks: bottlenecks(problem, solution.prices),
  }
}

/** Why a session stays short: its own time, or the limit that costs it most. */
const becauseOf = (problem: PlanProblem, solution: PlanSolution, k: number): string => {
  const ev = problem.evs[k]
  const mostWh = ((ev.depart - ev.arrive) * ev.maxA * ev.wattsPerAmp * problem.stepS) / 3600
  if (mostWh < ev.needWh) {
    return `its stay of ${ev.depart - ev.arrive} steps allows ${Math.round(mostWh / 100) / 10} kWh`
  }
  const path = new Set<number>()
  for (let n = ev.node; n >= 0; n = problem.nodes[n].parent) path.add(n)
  const worst = solution.prices
    .filter((price) => path.has(price.node) && price.step >= ev.arrive && price.step < ev.depart)
    .sort((a, b) => b.pricePerKwh - a.pricePerKwh)[0]
  return worst ? `limited by ${problem.nodes[worst.node].id}` : 'limits above it leave no room'
}

/** Neighbouring steps of the same limit become one entry, at their mean price. */
const bottlenecks = (problem: PlanProblem, prices: readonly RowPrice[]): Bottleneck[] => {
  const stepMs = problem.stepS * 1000
  const sorted = [...prices].sort(
    (a, b) => a.kind.localeCompare(b.kind) || a.node - b.node || a.line - b.line || a.step - b.step,
  )
  const found: { first: RowPrice; last: number; sum: number; count: number }[] = []
  for (const price of sorted) {
    const open = found.at(-1)
    const follows =
      open &&
      open.first.kind === price.kind &&
      open.first.node === price.node &&
      open.first.line === price.line &&
      open.last + 1 === price.step
    if (follows) {
      open.last = price.step
      open.sum += price.pricePerKwh
      open.count++
    } else {
      found.push({ first: price, last: price.step, sum: price.pricePerKwh, count: 1 })
    }
  }
  return found
    .map(({ first, last, sum, count }): Bottleneck => ({
      nodeId: first.node >= 0 ? problem.nodes[first.node].id : null,
      kind: first.kind === 'phase' || first.kind === 'peak' ? first.kind : 'power',
      phase: first.kind === 'phase' ? PHASES[first.line] : null,
      startMs: problem.startMs + first.step * stepMs,
      endMs: problem.startMs + (last + 1) * stepMs,
      pricePerKwh: sum / count,
    }))
    .sort((a, b) => b.pricePerKwh - a.pricePerKwh)
    .slice(0, 50)
}
