import type { DemandCharge } from '../../../domain/price.ts'
import { peakLevelW, sumOf } from '../../../engine/plan/peak-level.ts'
import type { PlanPeak, PlanProblem, PlanSolution } from '../../../engine/plan/problem.ts'
import type { Billing } from '../billing.ts'
import type { Network } from '../network/network.ts'
import type { Grid, Stay } from '../stay.ts'
import { peakFrom, type Objective } from './objective.ts'
import { planProblem } from './plan-problem.ts'

/**
 * Demand charges as an online plan should see them. A plan looks one day ahead, the charge counts for
 * a month:
 *
 *     price  = monthly price / days left: the peak is worth what it spares on the days to come
 *     billed = the larger of the peak so far and HINT of the peak that would have been best in the
 *              period before (found by planning its vehicles with hindsight)
 *
 * The first rule alone reaches 92 to 99 % of what was possible in a month; the second makes up for
 * the days on which nothing is known of the month yet (docs/guides/backtest.md has the numbers).
 */
export interface PeakOptions {
  readonly network: Network
  readonly grid: Grid
  readonly stays: readonly Stay[]
  readonly billing: Billing
  readonly objective: Objective
  readonly solve: (problem: PlanProblem) => PlanSolution
}

export type Peaks = (t: number, steps: number, powerW: Float64Array) => readonly PlanPeak[]

/** Part of the best peak of the period before that is taken as free. */
const HINT = 0.9
/** A period of which less was seen says nothing about the next. */
const LEAST_DAYS = 7
const DAYS_PER_PERIOD = 30.4
const DAY_MS = 86_400_000

const nameOf = ({ name = '', windowS }: DemandCharge): string => `${name} ${windowS}`

export const createPeaks = (options: PeakOptions): Peaks => {
  const { network, grid, stays, billing, objective, solve } = options
  const stepMs = grid.stepS * 1000
  const msAt = (t: number): number => grid.startMs + t * stepMs
  /** Best level of the last period by charge, watts. */
  let hints = new Map<string, number>()
  let periodFrom = 0
  let periodEndMs: number | null = null

  /** What would have been the best peaks of steps [from, to), had they been known. */
  const hindsight = (from: number, to: number, powerW: Float64Array): Map<string, number> => {
    const days = ((to - from) * stepMs) / DAY_MS
    const past = stays.filter(({ arrive, depart }) => arrive >= from && depart <= to)
    if (days < LEAST_DAYS || past.length === 0) return new Map()
    const charges = billing
      .demand(grid, powerW, from, msAt(to))
      .filter((charge) => charge.periodEndMs <= msAt(to))
    const peaks = charges.map((charge) => {
      // A period that was seen in part gave only a part of the reasons for its peak.
      const pricePerKw = charge.pricePerKw * Math.min(1, days / DAYS_PER_PERIOD)
      return peakFrom({ ...charge, pricePerKw }, grid, from, to - from)
    })
    const window = { t: from, steps: to - from, peaks }
    const expected = past.map((stay) => ({
      stay,
      belief: { needWh: stay.needWh, depart: stay.depart, early: null },
    }))
    const exact = { ...objective, latePricePerDay: 0 }
    const problem = planProblem(network, grid, exact, window, expected)
    const solution = solve(problem)
    const powerSumW = sumOf(problem.steps, solution.evW)
    return new Map(
      charges.map((charge, p) => [nameOf(charge), peakLevelW(problem.peaks[p], powerSumW)]),
    )
  }

  const enterPeriod = (endMs: number, powerW: Float64Array): void => {
    if (periodEndMs !== null && endMs > periodEndMs) {
      const to = Math.round((periodEndMs - grid.startMs) / stepMs)
      hints = hindsight(periodFrom, to, powerW)
      periodFrom = to
    }
    periodEndMs = endMs
  }

  return (t, steps, powerW) => {
    const charges = billing.demand(grid, powerW, t, msAt(t + steps))
    if (charges.length === 0) return []
    const endMs = Math.min(...charges.map((charge) => charge.periodEndMs))
    if (endMs !== periodEndMs) enterPeriod(endMs, powerW)
    return charges.map((charge) => {
      const fromMs = Math.max(msAt(t), charge.counts?.[0]?.startMs ?? -Infinity)
      const daysLeft = Math.max(1, (charge.periodEndMs - fromMs) / DAY_MS)
      return peakFrom(
        {
          ...charge,
          pricePerKw: charge.pricePerKw / daysLeft,
          billedW: Math.max(charge.billedW, HINT * (hints.get(nameOf(charge)) ?? 0)),
        },
        grid,
        t,
        steps,
      )
    })
  }
}
