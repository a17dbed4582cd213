import type { ExecuteEv } from './execute.ts'
import { createOccupancy, type Occupancy, type OccupancyNode } from './occupancy.ts'
import { peakLevelW, sumOf } from './peak-level.ts'
import type { PlanProblem, PlanSolution } from './problem.ts'

/** What became of a vehicle since the plan began. */
export interface Progress {
  readonly gotWh: number
  /** What it would still take. */
  readonly needWh: number
}

/** The part of `ExecuteEv` that follows from the plan. */
export type PlanShare = Pick<
  ExecuteEv,
  | 'pool'
  | 'wattsPerAmp'
  | 'plannedA'
  | 'owedA'
  | 'dueA'
  | 'unplannedA'
  | 'needA'
  | 'slackSteps'
  | 'maxA'
>

/** A plan while it is carried out. Steps and vehicles are those of its problem. */
export interface PlanInForce {
  readonly problem: PlanProblem
  /** What the plan says of vehicle `ev` in a step, given what it has got. O(steps). */
  share(ev: number, step: number, progress: Progress): PlanShare
  /** What the plan still has for it, watt-hours. */
  leftWh(ev: number, gotWh: number): number
  /**
   * What all vehicles together may draw in a step without a higher demand charge (or beside the
   * setpoint), watts. `importedW`: mean import of the site in an earlier step; steps below 0 are
   * before the plan.
   */
  totalW(step: number, importedW: (step: number) => number): number
  /** The tree in a step with the batteries as planned; its devices are the vehicles. */
  occupancy(step: number): Occupancy
}

/** Prices that are equal, and powers. */
const SMALL = 1e-9
const SMALL_W = 1

/** By node, the last step in which one of its limits has a price. */
const lastPriced = ({ prices }: PlanSolution): Map<number, number> => {
  const last = new Map<number, number>()
  for (const { kind, node, step, pricePerKwh } of prices) {
    if ((kind !== 'phase' && kind !== 'power') || pricePerKwh <= 0) continue
    last.set(node, Math.max(step, last.get(node) ?? 0))
  }
  return last
}

const nodesAt = ({ nodes }: PlanProblem, step: number): OccupancyNode[] =>
  nodes.map(({ parent, capA, capW, deltaRatio }) => ({
    parent,
    limitA: capA && [capA[0][step], capA[1][step], capA[2][step]],
    limitW: capW && capW[step],
    deltaRatio: deltaRatio ?? null,
  }))

/** Makes a plan ready to be carried out by `execute`. O(vehicles * steps). */
export const planInForce = (problem: PlanProblem, solution: PlanSolution): PlanInForce => {
  const { steps, stepS, evs, batteries, nodes, baseW, importPrice, exportPrice, peaks } = problem
  const hours = stepS / 3600
  const priced = lastPriced(solution)
  const vehiclesW = sumOf(steps, solution.evW)
  const othersW = sumOf(steps, [baseW, ...solution.batteryW])
  const netW = sumOf(steps, [vehiclesW, othersW])
  const importW = netW.map((watts) => Math.max(0, watts))
  const levelsW = peaks.map((peak) => peakLevelW(peak, importW))
  const wirings = evs.map(({ line, wattsPerAmp }) =>
    [wattsPerAmp, ...line.re, ...line.im].join(' '),
  )

  /** A kWh that is planned in step `k` costs this; surplus is not better than it is. */
  const paid = (k: number): number => (netW[k] <= SMALL_W ? exportPrice[k] : importPrice[k])
  /** One more kWh in step `k`. */
  const costs = (k: number): number => (netW[k] < -SMALL_W ? exportPrice[k] : importPrice[k])

  const plannedWh = (ev: number, from: number, to: number): number => {
    let sum = 0
    for (let k = from; k < to; k++) sum += solution.evW[ev][k]
    return sum * hours
  }
  const totalsWh = evs.map((_, ev) => plannedWh(ev, 0, steps))

  /** Planned from `step` on at no better price than in it. */
  const noBetterWh = (ev: number, step: number): number => {
    const priceNow = costs(step) - SMALL
    let sum = 0
    for (let k = step; k < evs[ev].depart; k++) {
      if (k === step || paid(k) >= priceNow) sum += solution.evW[ev][k]
    }
    return sum * hours
  }

  const leftWh = (ev: number, gotWh: number): number => Math.max(0, totalsWh[ev] - gotWh)

  /** Steps until it must charge at full current, for all that is planned and for its minimum. */
  const slackSteps = (ev: number, step: number, gotWh: number): number => {
    const { depart, minimum, maxA, wattsPerAmp } = evs[ev]
    const perStepWh = maxA * wattsPerAmp * hours
    const slack = depart - step - leftWh(ev, gotWh) / perStepWh
    if (minimum === null || minimum.by <= step) return slack
    const early = Math.min(minimum.needWh, plannedWh(ev, 0, minimum.by)) - gotWh
    return early > 0 ? Math.min(slack, minimum.by - step - early / perStepWh) : slack
  }

  /** No limit that still has a price tells its members apart. */
  const poolOf = (ev: number, step: number): string => {
    let { node } = evs[ev]
    while (node >= 0 && (priced.get(node) ?? -1) < step) node = nodes[node].parent
    return `${node} ${wirings[ev]}`
  }

  /** What is left for step `k` of the averaging window that it is in when the rest goes by plan. */
  const leftInWindowW = (p: number, k: number, importedW: (step: number) => number): number => {
    const { windowSteps, offset } = peaks[p]
    const first = offset + Math.floor((k - offset) / windowSteps) * windowSteps
    let leftW = levelsW[p] * windowSteps - othersW[k]
    for (let j = first; j < k; j++) leftW -= importedW(j)
    for (let j = k + 1; j < Math.min(steps, first + windowSteps); j++) leftW -= importW[j]
    return Math.max(0, leftW)
  }

  return {
    problem,
    leftWh,
    share: (ev, step, { gotWh, needWh }) => {
      const { wattsPerAmp, maxA, capA, shortfallPrice } = evs[ev]
      const perAmpWh = wattsPerAmp * hours
      const owedWh = plannedWh(ev, 0, step) - gotWh
      const dueWh = Math.min(leftWh(ev, gotWh), Math.max(0, owedWh + noBetterWh(ev, step)))
      const isWorthIt = costs(step) < shortfallPrice
      return {
        pool: poolOf(ev, step),
        wattsPerAmp,
        plannedA: solution.evW[ev][step] / wattsPerAmp,
        owedA: owedWh / perAmpWh,
        dueA: dueWh / perAmpWh,
        unplannedA: isWorthIt ? Math.max(0, needWh - leftWh(ev, gotWh)) / perAmpWh : 0,
        needA: needWh / perAmpWh,
        slackSteps: slackSteps(ev, step, gotWh),
        maxA: Math.min(maxA, capA?.[step] ?? Infinity),
      }
    },
    totalW: (step, importedW) => {
      const { setpoint } = problem
      const isFollowing = setpoint !== null && (setpoint.mask?.[step] ?? 1) === 1
      return peaks.reduce(
        (least, { mask, pricePerKw }, p) =>
          mask[step] === 0 || pricePerKw <= 0
            ? least
            : Math.min(least, leftInWindowW(p, step, importedW)),
        isFollowing ? vehiclesW[step] : Infinity,
      )
    },
    occupancy: (step) => {
      const occupancy = createOccupancy(nodesAt(problem, step), [...evs, ...batteries])
      batteries.forEach(({ wattsPerAmp }, b) =>
        occupancy.add(evs.length + b, solution.batteryW[b][step] / wattsPerAmp),
      )
      return occupancy
    },
  }
}
