import type { DemandCharge } from '../../../domain/price.ts'
import type { PlanPeak } from '../../../engine/plan/problem.ts'
import type { Grid } from '../stay.ts'

/** What a plan is to achieve, in prices over the whole backtest. */
export interface Objective {
  /** Price of a kWh drawn, per step of the grid. */
  readonly price: Float64Array
  /** Price of a kWh that is wanted and not delivered. */
  readonly shortfallPrice: number
  /** A kWh at the end of a day later costs this much more: of equal times the earlier is taken. */
  readonly latePricePerDay: number
}

/** As much energy as possible, as early as possible: prices hardly count. */
export const energyObjective = ({ steps }: Grid): Objective => ({
  price: new Float64Array(steps).fill(0.05),
  shortfallPrice: 1,
  latePricePerDay: 0.05,
})

/**
 * Real prices; what is not delivered costs `shortfallPrice`: the revenue of a kWh that is sold, or
 * much more than any tariff where every vehicle is to be served.
 */
export const costObjective = (price: Float64Array, shortfallPrice: number): Objective => ({
  price,
  shortfallPrice,
  latePricePerDay: 0.001,
})

/** The prices of a plan of `steps` steps from step `t` on. */
export const pricesFrom = (
  { price, latePricePerDay }: Objective,
  grid: Grid,
  t: number,
  steps: number,
): Float64Array => {
  const perStep = (latePricePerDay * grid.stepS) / 86_400
  return Float64Array.from({ length: steps }, (_, k) => price[t + k] + perStep * k)
}

/** A demand charge as the planner sees it from step `t` on; windows lie on the grid's clock. */
export const peakFrom = (charge: DemandCharge, grid: Grid, t: number, steps: number): PlanPeak => {
  const stepMs = grid.stepS * 1000
  const windowSteps = Math.max(1, Math.round(charge.windowS / grid.stepS))
  const first = Math.round(grid.startMs / stepMs) + t
  return {
    pricePerKw: charge.pricePerKw,
    billedW: charge.billedW,
    windowSteps,
    offset: (windowSteps - (first % windowSteps)) % windowSteps,
    mask: Uint8Array.from({ length: steps }, (_, k) => {
      const atMs = grid.startMs + (t + k) * stepMs
      if (atMs >= charge.periodEndMs) return 0
      if (!charge.counts) return 1
      return charge.counts.some((span) => span.startMs <= atMs && atMs < span.endMs) ? 1 : 0
    }),
  }
}
