import { evenly } from '../../../domain/phases.ts'
import type { PlanEv, PlanNode, PlanPeak, PlanProblem } from '../../../engine/plan/problem.ts'
import type { Belief } from '../knowledge.ts'
import type { Network } from '../network/network.ts'
import type { Car, Grid } from '../stay.ts'

/** What a plan is to achieve, over the whole backtest. */
export interface Objective {
  /** Price of a kWh drawn, per step of the grid. */
  readonly price: Float64Array
  /** Price of a kWh that is wanted and not delivered. */
  readonly shortfallPrice: number
  /** Demand charges as seen at step `t`, for a plan of `steps` steps. */
  peaks(t: number, steps: number): readonly PlanPeak[]
}

/** A car and what is believed of it. */
export interface Known {
  readonly car: Car
  readonly belief: Belief
}

const nodesFor = ({ nodes }: Network, steps: number): PlanNode[] =>
  nodes.map(({ id, parent, limitA, limitW, deltaRatio }) => {
    const line = (p: number) => new Float64Array(steps).fill((limitA ?? evenly(0))[p])
    return {
      id,
      parent,
      capA: limitA === null ? null : ([line(0), line(1), line(2)] as const),
      capW: limitW === null ? null : new Float64Array(steps).fill(limitW),
      exportCapW: null,
      deltaRatio,
    }
  })

/** The planning problem of some cars from step `t` on; steps of the plan count from there. */
export const planProblem = (
  network: Network,
  grid: Grid,
  objective: Objective,
  t: number,
  steps: number,
  known: readonly Known[],
): PlanProblem => ({
  startMs: grid.startMs + t * grid.stepS * 1000,
  stepS: grid.stepS,
  steps,
  nodes: nodesFor(network, steps),
  evs: known.map(({ car: { stay }, belief }): PlanEv => {
    const evse = network.evses[stay.evse]
    return {
      id: stay.id,
      key: evse.id,
      node: evse.node,
      line: evse.line,
      wattsPerAmp: evse.wattsPerAmp,
      minA: evse.minA,
      maxA: Math.min(evse.maxA, stay.maxA),
      arrive: Math.min(steps, Math.max(0, stay.arrive - t)),
      depart: Math.min(steps, Math.max(0, belief.depart - t)),
      needWh: belief.needWh,
      shortfallPrice: objective.shortfallPrice,
      minimum: null,
      capA: null,
    }
  }),
  batteries: [],
  importPrice: objective.price.slice(t, t + steps),
  exportPrice: new Float64Array(steps),
  baseW: new Float64Array(steps),
  peaks: objective.peaks(t, steps),
  setpoint: null,
  imbalance: null,
})
