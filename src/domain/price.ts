/** A price (or carbon) curve; segments ascend and do not overlap. */
export interface PriceSeries {
  readonly sourceId: string
  readonly kind: 'import' | 'export' | 'carbon'
  /** ISO 4217; empty for carbon (g/kWh). */
  readonly currency: string
  readonly segments: readonly PriceSegment[]
}

export interface PriceSegment {
  readonly startMs: number
  readonly endMs: number
  /** Currency per kWh, or g/kWh. May be negative. */
  readonly value: number
}

/** Charge for the highest average power in the billing period. */
export interface DemandCharge {
  readonly pricePerKw: number
  /** Length of the averaging window, aligned to the clock. */
  readonly windowS: number
  /** Highest window average billed so far, watts. */
  readonly billedW: number
  /** Level of the billing period before, watts; absent = not known. */
  readonly previousW?: number
  readonly periodEndMs: number
  /** What the bill calls it. */
  readonly name?: string
  /** When a window counts, ascending and not overlapping; absent = always until `periodEndMs`. */
  readonly counts?: readonly { readonly startMs: number; readonly endMs: number }[]
}
