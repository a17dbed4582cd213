import type { PlanContext, PlanSteps } from './plan-context.ts'

/** What energy costs and earns per step, currency per kWh. */
export interface EnergyPrices {
  /** With the weight of carbon. */
  readonly importPrice: Float64Array
  readonly exportPrice: Float64Array
  /** The part of the import price that is the weight of carbon; `null` = it has none. */
  readonly carbonPrice: Float64Array | null
}

/** Curves of all sources; what an event says of a step stands above them. */
export const energyPrices = (
  { prices, settings }: PlanContext,
  { startMs, stepS, steps, segments }: PlanSteps,
): EnergyPrices => {
  const curve = (
    kind: 'import' | 'export' | 'carbon',
    overlay: 'price' | 'exportPrice' | 'carbon',
  ): Float64Array =>
    prices
      .curve(kind, startMs, stepS, steps)
      .map((value, t) => segments[t][overlay]?.value ?? value)
  const importPrice = curve('import', 'price')
  const exportPrice = curve('export', 'exportPrice')
  const perKg = settings.carbonPrice ?? 0
  if (perKg === 0) return { importPrice, exportPrice, carbonPrice: null }
  const carbonPrice = curve('carbon', 'carbon').map((grams) => (grams / 1000) * perKg)
  return {
    importPrice: importPrice.map((price, t) => price + carbonPrice[t]),
    exportPrice,
    carbonPrice,
  }
}
