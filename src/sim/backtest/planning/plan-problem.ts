import { evenly } from '../../../domain/phases.ts'
import type { PlanEv, PlanNode, PlanPeak, PlanProblem } from '../../../engine/plan/problem.ts'
import type { Belief } from '../knowledge.ts'
import type { Network } from '../network/network.ts'
import type { Grid, Stay } from '../stay.ts'
import { pricesFrom, type Objective } from './objective.ts'

/** A stay and what is believed of the rest of it. */
export interface Expected {
  readonly stay: Stay
  readonly belief: Belief
}

export interface PlanWindow {
  /** First step, and how many. */
  readonly t: number
  readonly steps: number
  readonly peaks: readonly PlanPeak[]
}

/** Price of missing an early departure, as a part of that of missing the energy altogether. */
const EARLY_PART = 0.5

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

/** The planning problem of some stays over a window; steps of the plan count from its first. */
export const planProblem = (
  network: Network,
  grid: Grid,
  objective: Objective,
  { t, steps, peaks }: PlanWindow,
  expected: readonly Expected[],
): PlanProblem => {
  const within = (step: number): number => Math.min(steps, Math.max(0, step - t))
  return {
    startMs: grid.startMs + t * grid.stepS * 1000,
    stepS: grid.stepS,
    steps,
    nodes: nodesFor(network, steps),
    evs: expected.map(({ stay, belief }): PlanEv => {
      const { id, node, line, wattsPerAmp, minA, maxA } = network.evses[stay.evse]
      return {
        id: stay.id,
        key: id,
        node,
        line,
        wattsPerAmp,
        minA,
        maxA: Math.min(maxA, stay.maxA),
        arrive: within(stay.arrive),
        depart: within(Math.max(stay.arrive, belief.depart)),
        needWh: belief.needWh,
        shortfallPrice: objective.shortfallPrice,
        minimum: belief.early && {
          needWh: Math.min(belief.early.needWh, belief.needWh),
          by: within(belief.early.by),
          price: objective.shortfallPrice * EARLY_PART,
        },
        capA: null,
      }
    }),
    batteries: [],
    importPrice: pricesFrom(objective, grid, t, steps),
    exportPrice: new Float64Array(steps),
    baseW: new Float64Array(steps),
    peaks,
    setpoint: null,
    imbalance: null,
  }
}
