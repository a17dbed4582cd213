import { execute, type ExecuteEv, type ExecuteRules } from '../../../engine/plan/execute.ts'
import { planInForce, type PlanInForce } from '../../../engine/plan/in-force.ts'
import { createOccupancy } from '../../../engine/plan/occupancy.ts'
import type { Pilots } from '../../../engine/plan/pilots.ts'
import type {
  PlanPeak,
  PlanProblem,
  PlanSolution,
  WarmStart,
} from '../../../engine/plan/problem.ts'
import type { Knowledge } from '../knowledge.ts'
import type { Network } from '../network/network.ts'
import type { Objective } from '../planning/objective.ts'
import { planProblem, type Expected } from '../planning/plan-problem.ts'
import type { Algorithm, Car, Grid, Stay } from '../stay.ts'

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
  readonly rules: ExecuteRules
  /** Steps after which a plan is made anew even if nothing happened. */
  readonly replanSteps: number
  /** Steps that are looked ahead at most. */
  readonly horizonSteps: number
}

/** A plan, and the vehicles it was made for: what was believed of them and what they had got. */
interface Current {
  readonly plan: PlanInForce
  readonly from: number
  readonly expected: readonly (Expected & { readonly car: Car; readonly beforeWh: number })[]
  readonly indexOf: ReadonlyMap<Stay, number>
}

/** Planned energy that nobody misses, watt-hours. */
const TRIFLE_WH = 2

/**
 * Busbar itself: plans the vehicles that are there up to the last departure, whenever one comes,
 * something turns out otherwise than believed, or the plan is old; in between the plan is carried
 * out as in production (engine/plan/execute.ts).
 */
export const createBusbar = (options: BusbarOptions): Algorithm => {
  const { network, grid, knowledge, objective, rules } = options
  const occupancy = createOccupancy(network.nodes, network.evses)
  let current: Current | null = null
  let warm: WarmStart | null = null

  const planAt = (t: number, cars: readonly Car[], powerW: Float64Array): Current => {
    const expected = cars.map((car) => ({
      car,
      stay: car.stay,
      belief: knowledge(car, t),
      beforeWh: car.deliveredWh,
    }))
    const last = Math.max(...expected.map(({ belief }) => belief.depart))
    const steps = Math.max(1, Math.min(last - t, options.horizonSteps, grid.steps - t))
    const window = { t, steps, peaks: options.peaks(t, steps, powerW) }
    const problem = planProblem(network, grid, objective, window, expected)
    const solution = options.solve(problem, warm)
    warm = solution.warm
    return {
      plan: planInForce(problem, solution),
      from: t,
      expected,
      indexOf: new Map(cars.map(({ stay }, index) => [stay, index])),
    }
  }

  /** Somebody came, left early, was full early or stays longer: the plan no longer fits. */
  const isOutdated = (
    { plan, from, expected, indexOf }: Current,
    t: number,
    cars: readonly Car[],
  ): boolean => {
    const age = t - from
    if (age >= plan.problem.steps || age >= options.replanSteps) return true
    if (cars.some(({ stay }) => !indexOf.has(stay))) return true
    const here = new Set(cars)
    return expected.some(({ car, belief, beforeWh }, index) => {
      if (here.has(car)) return t >= belief.depart
      return t < belief.depart && plan.leftWh(index, car.deliveredWh - beforeWh) > TRIFLE_WH
    })
  }

  const evOf = ({ plan, from, expected, indexOf }: Current, car: Car, t: number): ExecuteEv => {
    const { stay, deliveredWh } = car
    const index = indexOf.get(stay)!
    const progress = {
      gotWh: deliveredWh - expected[index].beforeWh,
      needWh: knowledge(car, t).needWh,
    }
    return {
      ...plan.share(index, t - from, progress),
      device: stay.evse,
      limitA: network.evses[stay.evse].maxA,
      pilots: options.pilots[stay.evse],
      isOn: car.pilotA > 0,
      sinceS: (t - car.since) * grid.stepS,
      changes: car.changes,
    }
  }

  return {
    name: options.name,
    decide: (t, cars, powerW) => {
      if (current === null || isOutdated(current, t, cars)) current = planAt(t, cars, powerW)
      const now = current
      occupancy.clear()
      return execute(
        cars.map((car) => evOf(now, car, t)),
        rules,
        {
          occupancy,
          totalW: now.plan.totalW(t - now.from, (step) => powerW[now.from + step] ?? 0),
        },
      )
    },
  }
}
