import type { DemandCharge, PriceSeries } from '../domain/price.ts'
import { AppError } from '../errors.ts'
import type { Bill, Billing, BillPeriod } from '../sim/backtest/billing.ts'
import type { Grid } from '../sim/backtest/stay.ts'
import { readPriceCsv } from '../signals/prices/csv.ts'
import { readPriceJson } from '../signals/prices/json.ts'
import { billingPeriods } from '../tariffs/billing-period.ts'
import { costOf, type CostOptions } from '../tariffs/cost.ts'
import { demandCharges, demandHistory } from '../tariffs/demand-charges.ts'
import type { Invoice } from '../tariffs/invoice.ts'
import type { MeteredSeries } from '../tariffs/meter.ts'
import { resample, tariffPrices } from '../tariffs/price-series.ts'
import type { Tariff } from '../tariffs/tariff.ts'

const endOf = ({ startMs, stepS, steps }: Grid): number => startMs + steps * stepS * 1000

const metered = ({ startMs, stepS }: Grid, powerW: Float64Array, steps: number): MeteredSeries => ({
  startMs,
  stepS,
  importWh: powerW.subarray(0, steps).map((watts) => (watts * stepS) / 3600),
})

const periodOf = (name: string, importKwh: number, { lines }: Invoice): BillPeriod => {
  const own = lines.filter(({ period }) => period === name)
  return {
    name,
    importKwh,
    lines: own.map(({ kind, charge, label, amount }) => ({
      kind,
      name: label === '' ? charge : `${charge}, ${label}`,
      amount,
    })),
    total: own.reduce((sum, { amount }) => sum + amount, 0),
  }
}

const billOf = (tariff: Tariff, options: CostOptions, grid: Grid, powerW: Float64Array): Bill => {
  const invoice = costOf(tariff, metered(grid, powerW, grid.steps), options)
  const stepOf = (atMs: number): number =>
    Math.max(0, Math.round((atMs - grid.startMs) / (grid.stepS * 1000)))
  const kwh = (fromMs: number, toMs: number): number =>
    powerW.subarray(stepOf(fromMs), stepOf(toMs)).reduce((sum, watts) => sum + watts, 0) *
    (grid.stepS / 3.6e6)
  return {
    periods: billingPeriods(tariff.calendar, grid.startMs, endOf(grid)).map(
      ({ label, startMs, endMs }) => periodOf(label, kwh(startMs, endMs), invoice),
    ),
    total: invoice.total,
    remarks: invoice.problems.map(({ message }) => message),
  }
}

/** What a text does not say otherwise is in currency per kWh. */
const UNIT = 'currency/kWh'

/**
 * Prices of a market for a tariff that follows it, from the CSV or JSON that `prices` of a
 * configuration reads.
 *
 * @throws AppError `payload-invalid` with the line or place
 */
export const marketPrices = (text: string, { file }: Tariff): PriceSeries => {
  const isJson = text.trimStart().startsWith('{')
  const { segments } = isJson ? readPriceJson(text, UNIT) : readPriceCsv(text, file.timeZone, UNIT)
  return { sourceId: 'market', kind: 'import', currency: file.currency, segments }
}

/** Averaging windows of the charges for power, minutes. */
const windowsOf = (tariff: Tariff): number[] => [
  ...tariff.demand.map(({ charge }) => charge.windowMin),
  ...tariff.subscriptions.flatMap(({ overage }) => (overage ? [overage.windowMin] : [])),
]

/**
 * A tariff as a backtest asks it.
 *
 * @param market prices for a tariff that follows a market
 * @throws AppError `config-invalid` for such a tariff without them
 */
export const billingOf = (tariff: Tariff, market: PriceSeries | null): Billing => {
  const { id, name, currency, spot } = tariff.file
  if (spot && market === null) {
    throw new AppError(
      'config-invalid',
      `tariff ${id} follows a market (${spot.market}): give its prices as well (--prices FILE)`,
    )
  }
  const options = market === null ? {} : { spot: market }
  const windowS = 60 * Math.max(0, ...windowsOf(tariff))
  return {
    name,
    currency,
    prices: (grid) => {
      const all = tariffPrices(tariff, grid.startMs, endOf(grid), options)
      const { segments } = all.find(({ kind }) => kind === 'import')!
      const prices = new Float64Array(grid.steps)
      for (const { startMs, value } of resample(segments, grid.startMs, endOf(grid), grid.stepS)) {
        prices[Math.round((startMs - grid.startMs) / (grid.stepS * 1000))] = value
      }
      return prices
    },
    demand: (grid, powerW, t, untilMs): readonly DemandCharge[] => {
      if (windowS === 0) return []
      const atMs = grid.startMs + t * grid.stepS * 1000
      // A window that is not over yet has no average.
      const over = t - Math.ceil((t % (windowS / grid.stepS)) - 1e-9)
      const history = over <= 0 ? {} : demandHistory(tariff, metered(grid, powerW, over), atMs)
      return demandCharges(tariff, atMs, history, { untilMs })
    },
    bill: (grid, powerW) => billOf(tariff, options, grid, powerW),
  }
}
