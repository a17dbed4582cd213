import type { PlanCause } from '../../domain/reason.ts'
import type { Occupancy } from '../../engine/plan/occupancy.ts'
import type { PlanProblem, PlanSolution } from '../../engine/plan/problem.ts'
import type { PlanLimit } from '../wants.ts'

/** What a vehicle is offered in a step of the plan. */
export interface Offered {
  /** Index into the problem's vehicles. */
  readonly k: number
  readonly amps: number
  /** Smallest step upwards from there: one ampere, or its minimum while it pauses. */
  readonly moreA: number
}

export interface Held {
  readonly cause: PlanCause
  readonly limit: PlanLimit | null
}

/** Row of an occupancy that is a power; in `CapEvent` and `RowPrice` the line of a power is -1. */
const POWER = 3

/**
 * Why a plan offers each vehicle no more in a step: a row of the tree that has no room for more with
 * what all are offered, the vehicle's part of a set that an event limits, the level of a demand
 * charge or a limit that more energy would cost something on (by the dual prices), a better price
 * later; else its need is met in time. O(vehicles * depth + prices).
 *
 * @param occupancy of the step, without the vehicles; they are added
 * @param totalW what all vehicles may draw together without a higher demand charge
 */
export const planCauses = (
  { problem, solution }: { readonly problem: PlanProblem; readonly solution: PlanSolution },
  step: number,
  offered: readonly Offered[],
  { occupancy, totalW }: { readonly occupancy: Occupancy; readonly totalW: number },
): ((one: Offered) => Held) => {
  const { evs, nodes, capEvents = [], importPrice } = problem
  let leftW = totalW
  for (const { k, amps } of offered) {
    occupancy.add(k, amps)
    leftW -= amps * evs[k].wattsPerAmp
  }
  const priced = solution.prices.filter((price) => price.step === step && price.pricePerKwh > 0)

  const limitOf = (node: number, row: number): PlanLimit => {
    const line = row === POWER ? -1 : row
    const event = capEvents.find(
      (cap) => cap.node === node && cap.line === line && cap.from <= step && step < cap.to,
    )
    return { nodeId: nodes[node].id, row, eventId: event?.eventId ?? null }
  }

  /** The dearest limit on its way. */
  const pricedLimit = (k: number): PlanLimit | null => {
    const { node, line } = evs[k]
    const path = new Set<number>()
    for (let n = node; n >= 0; n = nodes[n].parent) path.add(n)
    const own = priced.filter(
      (price) =>
        path.has(price.node) &&
        (price.kind === 'power' ||
          (price.kind === 'phase' && Math.hypot(line.re[price.line], line.im[price.line]) > 1e-9)),
    )
    const [dearest] = own.sort((a, b) => b.pricePerKwh - a.pricePerKwh)
    return dearest ? limitOf(dearest.node, dearest.kind === 'power' ? POWER : dearest.line) : null
  }

  const isCheaperLater = (k: number): boolean =>
    solution.evW[k].some(
      (watts, t) => watts > 0 && t > step && importPrice[t] < importPrice[step] - 1e-9,
    )

  return ({ k, amps, moreA }) => {
    const ev = evs[k]
    const row = occupancy.blocking(k, moreA)
    if (row !== null) return { cause: 'limit', limit: limitOf(row.node, row.line) }
    const shareA = ev.capA?.[step] ?? Infinity
    if (amps + moreA > shareA + 1e-6 && shareA < ev.maxA) {
      return { cause: 'limit', limit: { nodeId: null, row: POWER, eventId: null } }
    }
    if (moreA * ev.wattsPerAmp > leftW + 1) return { cause: 'demand-charge', limit: null }
    const limit = pricedLimit(k)
    if (limit !== null) return { cause: 'limit', limit }
    if (priced.some(({ kind }) => kind === 'peak')) return { cause: 'demand-charge', limit: null }
    return { cause: isCheaperLater(k) ? 'price' : 'need', limit: null }
  }
}
