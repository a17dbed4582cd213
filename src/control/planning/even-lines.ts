import { PHASES } from '../../domain/phases.ts'
import { highest, type Pilots } from '../../engine/plan/pilots.ts'
import type { PlanProblem } from '../../engine/plan/problem.ts'

/** A vehicle of the problem with the current that it is meant to have. */
export interface Offered {
  /** Index into the problem's vehicles. */
  readonly k: number
  readonly pilots: Pilots
  amps: number
}

/** Least cut where any current will do, amperes. */
const CUT_A = 1
const SMALL = 1e-6

/**
 * Takes currents back until no two lines of the connection differ by more than the limit, the base
 * load included: whole amperes cannot follow a plan exactly, and on few vehicles at a time even less.
 * Cuts, step by step, the largest of those that make the difference. O(amperes cut * vehicles).
 */
export const evenLines = (
  { evs, imbalance }: Pick<PlanProblem, 'evs' | 'imbalance'>,
  step: number,
  offered: readonly Offered[],
): void => {
  if (imbalance === null) return
  const lineA = PHASES.map((_, line) =>
    offered.reduce(
      (sum, { k, amps }) => sum + amps * evs[k].line.re[line],
      imbalance.baseA[line][step],
    ),
  )
  const stuck = new Set<string>()
  for (;;) {
    const worst = worstPair(lineA, imbalance.limitA, stuck)
    if (worst === null) return
    const [high, low] = worst
    const drives = ({ k, amps }: Offered): boolean =>
      amps > 0 && evs[k].line.re[high] - evs[k].line.re[low] > SMALL
    const [largest] = offered.filter(drives).sort((a, b) => b.amps - a.amps || a.k - b.k)
    if (largest === undefined) {
      // What remains is the base load's.
      stuck.add(`${high}${low}`)
      continue
    }
    const cut = largest.amps - highest(largest.pilots, Math.max(0, largest.amps - CUT_A))
    largest.amps -= cut
    PHASES.forEach((_, line) => (lineA[line] -= cut * evs[largest.k].line.re[line]))
  }
}

/** The two lines that differ most beyond the limit, but for those where nothing can be done. */
const worstPair = (
  lineA: readonly number[],
  limitA: number,
  stuck: ReadonlySet<string>,
): readonly [high: number, low: number] | null => {
  let worst: readonly [number, number] | null = null
  let most = limitA + SMALL
  for (const high of [0, 1, 2]) {
    for (const low of [0, 1, 2]) {
      const apart = lineA[high] - lineA[low]
      if (apart <= most || stuck.has(`${high}${low}`)) continue
      most = apart
      worst = [high, low]
    }
  }
  return worst
}
