import type { PlanProblem, PlanSolution, WarmStart } from './problem.ts'

/**
 * Money without a currency. The solver moves prices in steps of its own size (eps, tolerances), so
 * it works in a unit of money in which a kWh costs about `TYPICAL_PRICE`, whether the site pays in
 * dinar or in rupiah: every price is divided by the unit, and what comes out is multiplied by it.
 */
const TYPICAL_PRICE = 0.2
/** What is not delivered costs several times the energy; so much of it counts as a price. */
const SHORTFALL_PART = 0.1

const meanOf = (prices: ArrayLike<number>): number => {
  let sum = 0
  for (let t = 0; t < prices.length; t++) sum += Math.abs(prices[t])
  return prices.length > 0 ? sum / prices.length : 0
}

/**
 * The unit, in the currency of the problem: proportional to its prices, so that a problem in other
 * money is solved in the same numbers. 1 when nothing costs anything. O(steps + devices).
 */
export const moneyUnit = ({
  importPrice,
  exportPrice,
  evs,
  batteries,
  setpoint,
  peaks,
}: PlanProblem): number => {
  const shortfalls = [...evs, ...batteries].map(({ shortfallPrice }) => shortfallPrice)
  const perKwh = Math.max(
    meanOf(importPrice),
    meanOf(exportPrice),
    SHORTFALL_PART * Math.max(meanOf(shortfalls), setpoint?.pricePerKwh ?? 0),
  )
  if (perKwh > 0) return perKwh / TYPICAL_PRICE
  return meanOf(peaks.map(({ pricePerKw }) => pricePerKw)) || 1
}

/** The problem with every price in `unit`. */
export const inUnits = (problem: PlanProblem, unit: number): PlanProblem => ({
  ...problem,
  importPrice: problem.importPrice.map((price) => price / unit),
  exportPrice: problem.exportPrice.map((price) => price / unit),
  evs: problem.evs.map((ev) => ({
    ...ev,
    shortfallPrice: ev.shortfallPrice / unit,
    minimum: ev.minimum && { ...ev.minimum, price: ev.minimum.price / unit },
  })),
  batteries: problem.batteries.map((battery) => ({
    ...battery,
    cyclePrice: battery.cyclePrice / unit,
    shortfallPrice: battery.shortfallPrice / unit,
  })),
  peaks: problem.peaks.map((peak) => ({ ...peak, pricePerKw: peak.pricePerKw / unit })),
  setpoint: problem.setpoint && {
    ...problem.setpoint,
    pricePerKwh: problem.setpoint.pricePerKwh / unit,
  },
})

/** Dual prices times a factor; the profiles know no money. */
export const scaleWarm = (warm: WarmStart | null, factor: number): WarmStart | null =>
  warm && {
    ...warm,
    duals: Object.fromEntries(
      Object.entries(warm.duals).map(([name, duals]) => [name, duals.map((dual) => dual * factor)]),
    ),
  }

/** What was solved in `unit`, in the currency of the problem. */
export const inCurrency = (solution: PlanSolution, unit: number): PlanSolution => {
  const { cost } = solution
  return {
    ...solution,
    upperBound: solution.upperBound * unit,
    lowerBound: solution.lowerBound * unit,
    cost: {
      total: cost.total * unit,
      energy: cost.energy * unit,
      peak: cost.peak * unit,
      tracking: cost.tracking * unit,
      shortfall: cost.shortfall * unit,
      wear: cost.wear * unit,
      overload: cost.overload * unit,
    },
    prices: solution.prices.map((price) => ({ ...price, pricePerKwh: price.pricePerKwh * unit })),
    warm: scaleWarm(solution.warm, unit),
  }
}
