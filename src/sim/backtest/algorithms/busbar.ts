import type {
  PlanPeak,
  PlanProblem,
  PlanSolution,
  WarmStart,
} from '../../../engine/plan/problem.ts'
import { deal, type DealRules, type Share } from '../execution/deal.ts'
import type { Knowledge } from '../knowledge.ts'
import { createLoads } from '../network/loads.ts'
import type { Network } from '../network/network.ts'
import type { Objective } from '../planning/objective.ts'
import { planInForce, type PlanInForce } from '../planning/plan-in-force.ts'
import { planProblem } from '../planning/plan-problem.ts'
import type { Algorithm, Car, Grid } from '../stay.ts'
import type { Pilots } from './pilots.ts'

export interface BusbarOptions {
  readonly name: string
  readonly network: Network
  readonly grid: Grid
  readonly knowledge: Knowledge
  readonly objective: Objective
  /** Demand charges as a plan of `steps` steps from step `t` on should see them. */
  readonly peaks: (t: number, steps: number, powerW: Float64Array) => readonly PlanPeak[]
  readonly solve: (problem: PlanProblem, warm: WarmStart | null) => PlanSolution
  /** Per EVSE. */
  readonly pilots: readonly Pilots[]
  readonly rules: DealRules
  /** Steps after which a plan is made anew even if nothing happened. */
  readonly replanSteps: number
  /** Steps that are looked ahead at most. */
  readonly horizonSteps: number
}

/** A vehicle in the plan, and what it had got when the plan was made. */
interface Planned {
  readonly car: Car
  readonly beforeWh: number
}

/** Planned energy that nobody misses, ampere steps. */
const TRIFLE_A = 0.1

/**
 * Busbar itself: plans the vehicles that are there up to the last departure, whenever one comes,
 * something turns out otherwise than believed, or the plan is old; in between the plan is carried
 * out by execution/deal.ts.
 */
export const createBusbar = (options: BusbarOptions): Algorithm => {
  const { network, grid, knowledge, objective, rules } = options
  const hours = grid.stepS / 3600
  const loads = createLoads(network)
  let plan: PlanInForce | null = null
  let planned: readonly Planned[] = []
  let warm: WarmStart | null = null
  /** What pools were planned to draw and did not since the plan was made, ampere steps. */
  let owed = new Map<string, number>()

  const makePlan = (t: number, cars: readonly Car[], powerW: Float64Array): PlanInForce => {
    const expected = cars.map((car) => ({ stay: car.stay, belief: knowledge(car, t) }))
    const last = Math.max(...expected.map(({ belief }) => belief.depart))
    const steps = Math.max(1, Math.min(last - t, options.horizonSteps, grid.steps - t))
    const window = { t, steps, peaks: options.peaks(t, steps, powerW) }
    const problem = planProblem(network, grid, objective, window, expected)
    const solution = options.solve(problem, warm)
    warm = solution.warm
    planned = cars.map((car) => ({ car, beforeWh: car.deliveredWh }))
    owed = new Map()
    return planInForce(problem, solution, objective, t, expected)
  }

  /** What a vehicle has got since the plan was made, ampere steps. */
  const gotA = (index: number): number => {
    const { car, beforeWh } = planned[index]
    return (car.deliveredWh - beforeWh) / hours / network.evses[car.stay.evse].wattsPerAmp
  }

  /** What the plan still has for a vehicle, ampere steps. */
  const leftA = (now: PlanInForce, index: number): number =>
    Math.max(0, now.totalA[index] - gotA(index))

  /** Somebody came, left early, was full early or stays longer: the plan no longer fits. */
  const isOutdated = (now: PlanInForce, t: number, cars: readonly Car[]): boolean => {
    if (t >= now.to || t - now.from >= options.replanSteps) return true
    if (cars.some(({ stay }) => !now.indexOf.has(stay.id))) return true
    const here = new Set(cars.map(({ stay }) => stay.id))
    return now.expected.some(({ stay, belief }, index) =>
      here.has(stay.id) ? t >= belief.depart : t < belief.depart && leftA(now, index) > TRIFLE_A,
    )
  }

  const shareOf = (now: PlanInForce, car: Car, t: number): Share => {
    const { stay } = car
    const index = now.indexOf.get(stay.id)!
    const { wattsPerAmp, maxA } = network.evses[stay.evse]
    const restA = leftA(now, index)
    const needA = knowledge(car, t).needWh / hours / wattsPerAmp
    return {
      pool: now.pool(index, t),
      plannedA: now.plannedA(index, t),
      dueA: Math.min(restA, Math.max(0, now.beforeOrDearerA(index, t) - gotA(index))),
      unplannedA: Math.max(0, needA - restA),
      needA,
      intervalsLeft: now.expected[index].belief.depart - t,
      maxA: Math.min(maxA, stay.maxA),
      pilots: options.pilots[stay.evse],
      wattsPerAmp,
      isOn: car.pilotA > 0,
      sinceIntervals: t - car.since,
      changes: car.changes,
    }
  }

  return {
    name: options.name,
    decide: (t, cars, powerW) => {
      if (plan === null || isOutdated(plan, t, cars)) plan = makePlan(t, cars, powerW)
      const now = plan
      const shares = cars.map((car) => shareOf(now, car, t))
      loads.clear()
      const givenA = deal(shares, rules, {
        room: (k, mostA) => loads.room(cars[k].stay.evse, mostA),
        take: (k, amps) => loads.add(cars[k].stay.evse, amps),
        totalW: now.totalW(t, powerW),
        owedA: owed,
        takesUnplanned: objective.price[t] < objective.shortfallPrice,
      })
      shares.forEach(({ pool, plannedA, needA }, k) => {
        const drawA = Math.min(givenA[k], needA)
        owed.set(pool, (owed.get(pool) ?? 0) + plannedA - drawA)
      })
      return givenA
    },
  }
}
