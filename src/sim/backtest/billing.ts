import type { DemandCharge } from '../../domain/price.ts'
import type { Grid } from './stay.ts'

/** What the energy of a backtest costs. Tariffs are handed in, so that this floor knows none. */
export interface Billing {
  /** ISO 4217. */
  readonly currency: string
  /** Price of a kWh, mean of each step. */
  prices(grid: Grid): Float64Array
  /**
   * Demand charges as seen at step `t` for the time up to `untilMs`; `powerW` holds what was drawn
   * in the steps before `t`.
   */
  demand(grid: Grid, powerW: Float64Array, t: number, untilMs: number): readonly DemandCharge[]
  /** The bill for what was drawn, watts per step. */
  bill(grid: Grid, powerW: Float64Array): Bill
}

export interface Bill {
  /** Sums over the billing periods by kind of charge, as the invoice has them. */
  readonly lines: readonly {
    readonly kind: string
    readonly name: string
    readonly amount: number
  }[]
  readonly total: number
}
