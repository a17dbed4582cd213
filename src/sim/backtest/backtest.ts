import { onlinePeak } from '../../engine/plan/demand-peak.ts'
import type { PlanProblem, PlanSolution, WarmStart } from '../../engine/plan/problem.ts'
import { DEFAULT_RULES } from '../../engine/plan/execute.ts'
import { solvePlan } from '../../engine/plan/plan.ts'
import { createBusbar } from './algorithms/busbar.ts'
import { createOptimum, optimalPlan } from './algorithms/optimum.ts'
import { pilotsOf, type PilotRule } from './algorithms/pilots.ts'
import { createRoundRobin } from './algorithms/round-robin.ts'
import { createSorted } from './algorithms/sorted.ts'
import { createUncontrolled } from './algorithms/uncontrolled.ts'
import type { Billing } from './billing.ts'
import type { Knowledge } from './knowledge.ts'
import { measure, moneyOf, type Measures, type Money } from './measures.ts'
import type { Network } from './network/network.ts'
import { costObjective, energyObjective, peakSteps, type Objective } from './planning/objective.ts'
import type { AlgorithmName } from './names.ts'
import { replay, type Replay } from './replay.ts'
import type { Algorithm, Case } from './stay.ts'

/** What Busbar and the optimum are after. */
export type Goal =
  | { readonly kind: 'energy' }
  /** Least cost; a kWh that is not delivered costs `shortfallPrice`. */
  | { readonly kind: 'cost'; readonly shortfallPrice: number }

export interface BacktestOptions {
  readonly knowledge: Knowledge
  /** The knowledge may be wrong: plan more often. */
  readonly isUnsure: boolean
  readonly pilots: PilotRule
  /** On/off changes per session that Busbar allows itself; `null` = any number. */
  readonly maxChanges: number | null
  readonly goal: Goal
  readonly billing: Billing | null
  readonly revenuePerKwh: number
  /** Seconds on a clock that never goes back, to time the runs. */
  readonly now: () => number
}

export interface Run {
  readonly algorithm: AlgorithmName
  readonly replay: Replay
  readonly measures: Measures
  /** `null` without a tariff. */
  readonly money: Money | null
  readonly seconds: number
  /** Plans that were made, and how many of them by the fallback planner. */
  readonly plans: { readonly made: number; readonly fallback: number }
}

/** Planning: a day ahead; anew each quarter hour where the future is only believed. */
const HORIZON_S = 86_400
const REPLAN_S = 3 * 3600
const REPLAN_UNSURE_S = 1800

const objectiveOf = ({ grid }: Case, { goal, billing }: BacktestOptions): Objective =>
  goal.kind === 'energy' || billing === null
    ? energyObjective(grid)
    : costObjective(billing.prices(grid), goal.shortfallPrice)

interface Planner {
  readonly plans: { made: number; fallback: number }
  readonly solve: (problem: PlanProblem, warm?: WarmStart | null) => PlanSolution
}

const countingPlanner = (): Planner => {
  const plans = { made: 0, fallback: 0 }
  return {
    plans,
    solve: (problem, warm = null) => {
      const solution = solvePlan(problem, { warm })
      plans.made++
      if (solution.method !== 'optimal') plans.fallback++
      return solution
    },
  }
}

const algorithmFor = (
  name: AlgorithmName,
  network: Network,
  one: Case,
  options: BacktestOptions,
  { solve }: Planner,
): Algorithm => {
  const { grid } = one
  const pilots = network.evses.map((evse) => pilotsOf(options.pilots, evse))
  const baseline = { network, stepS: grid.stepS, knowledge: options.knowledge, pilots }
  // Demand charges only count where money does.
  const billing = options.goal.kind === 'cost' ? options.billing : null
  switch (name) {
    case 'uncontrolled':
      return createUncontrolled(network)
    case 'fcfs':
      return createSorted('FCFS', baseline)
    case 'edf':
      return createSorted('EDF', baseline)
    case 'llf':
      return createSorted('LLF', baseline)
    case 'rr':
      return createRoundRobin(baseline)
    case 'busbar': {
      const objective = objectiveOf(one, options)
      const replanS = options.isUnsure ? REPLAN_UNSURE_S : REPLAN_S
      return createBusbar({
        name,
        network,
        grid,
        knowledge: options.knowledge,
        objective,
        peaks: (t, steps, powerW) => {
          const plan = peakSteps(grid, t, steps)
          const untilMs = plan.startMs + steps * grid.stepS * 1000
          const charges = billing?.demand(grid, powerW, t, untilMs) ?? []
          return charges.map((charge) => onlinePeak(charge, plan))
        },
        solve,
        pilots,
        rules: { ...DEFAULT_RULES, stepS: grid.stepS, maxChanges: options.maxChanges },
        replanSteps: Math.ceil(replanS / grid.stepS),
        horizonSteps: Math.ceil(HORIZON_S / grid.stepS),
      })
    }
    case 'optimum': {
      const plan = optimalPlan(network, one, objectiveOf(one, options), billing, solve)
      return createOptimum(network, one, plan)
    }
  }
}

/** Replays a case under one algorithm and measures what came of it. Deterministic. */
export const runBacktest = (
  name: AlgorithmName,
  network: Network,
  one: Case,
  options: BacktestOptions,
): Run => {
  const started = options.now()
  const planner = countingPlanner()
  const run = replay(network, one, algorithmFor(name, network, one, options, planner))
  const seconds = options.now() - started
  const measures = measure(one, run)
  const bill = options.billing?.bill(one.grid, run.powerW)
  return {
    algorithm: name,
    replay: run,
    measures,
    money: bill ? moneyOf(bill, measures.deliveredKwh, options.revenuePerKwh) : null,
    seconds,
    plans: planner.plans,
  }
}
