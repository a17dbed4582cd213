import type { PeakSteps } from '../../../engine/plan/demand-peak.ts'
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

/** What a day later costs, as a part of the dearest hour: less than any difference that is meant. */
const LATE_PART = 0.004

/**
 * Real prices; what is not delivered costs `shortfallPrice`: the revenue of a kWh that is sold, or
 * much more than any tariff where every vehicle is to be served.
 */
export const costObjective = (price: Float64Array, shortfallPrice: number): Objective => ({
  price,
  shortfallPrice,
  latePricePerDay: LATE_PART * price.reduce((most, one) => Math.max(most, Math.abs(one)), 0),
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

/** Steps [t, t + steps) of the grid, which begins at midnight. */
export const peakSteps = ({ startMs, stepS }: Grid, t: number, steps: number): PeakSteps => ({
  startMs: startMs + t * stepS * 1000,
  stepS,
  steps,
  offsetMs: -startMs,
})
