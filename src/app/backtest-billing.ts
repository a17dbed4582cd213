import type { DemandCharge } from '../domain/price.ts'
import type { Bill, Billing } from '../sim/backtest/billing.ts'
import type { Grid } from '../sim/backtest/stay.ts'
import { costOf } from '../tariffs/cost.ts'
import { demandCharges, demandHistory } from '../tariffs/demand-charges.ts'
import type { MeteredSeries } from '../tariffs/meter.ts'
import { resample, tariffPrices } from '../tariffs/price-series.ts'
import type { Tariff } from '../tariffs/tariff.ts'

const metered = ({ startMs, stepS }: Grid, powerW: Float64Array, steps: number): MeteredSeries => ({
  startMs,
  stepS,
  importWh: powerW.subarray(0, steps).map((watts) => (watts * stepS) / 3600),
})

/** Charges that are alike in all billing periods become one line. */
const billOf = (tariff: Tariff, grid: Grid, powerW: Float64Array): Bill => {
  const invoice = costOf(tariff, metered(grid, powerW, grid.steps))
  const lines = new Map<string, { kind: string; name: string; amount: number }>()
  for (const { kind, charge, label, amount } of invoice.lines) {
    const name = label === '' ? charge : `${charge}, ${label}`
    const before = lines.get(`${kind} ${name}`)?.amount ?? 0
    lines.set(`${kind} ${name}`, { kind, name, amount: before + amount })
  }
  return { lines: [...lines.values()], total: invoice.total }
}

/** Averaging windows of the charges for power, minutes. */
const windowsOf = (tariff: Tariff): number[] => [
  ...tariff.demand.map(({ charge }) => charge.windowMin),
  ...tariff.subscriptions.flatMap(({ overage }) => (overage ? [overage.windowMin] : [])),
]

/** A tariff as a backtest asks it. */
export const billingOf = (tariff: Tariff): Billing => {
  const hasDemand = tariff.demand.length > 0 || tariff.subscriptions.length > 0
  const windowS = 60 * Math.max(0, ...windowsOf(tariff))
  return {
    currency: tariff.file.currency,
    prices: (grid) => {
      const endMs = grid.startMs + grid.steps * grid.stepS * 1000
      const { segments } = tariffPrices(tariff, grid.startMs, endMs).find(
        ({ kind }) => kind === 'import',
      )!
      const prices = new Float64Array(grid.steps)
      for (const { startMs, value } of resample(segments, grid.startMs, endMs, grid.stepS)) {
        prices[Math.round((startMs - grid.startMs) / (grid.stepS * 1000))] = value
      }
      return prices
    },
    demand: (grid, powerW, t, untilMs): readonly DemandCharge[] => {
      if (!hasDemand) return []
      const atMs = grid.startMs + t * grid.stepS * 1000
      // A window that is not over yet has no average.
      const over = t - Math.ceil((t % (windowS / grid.stepS)) - 1e-9)
      const history = over <= 0 ? {} : demandHistory(tariff, metered(grid, powerW, over), atMs)
      return demandCharges(tariff, atMs, history, { untilMs })
    },
    bill: (grid, powerW) => billOf(tariff, grid, powerW),
  }
}
