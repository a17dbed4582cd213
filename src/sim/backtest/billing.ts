import type { DemandCharge } from '../../domain/price.ts'
import type { Grid } from './stay.ts'

/** What the energy of a backtest costs. Tariffs are handed in, so that this floor knows none. */
export interface Billing {
  readonly name: string
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
  /** In the order of time. */
  readonly periods: readonly BillPeriod[]
  readonly total: number
  /** What keeps it from being the real one, in sentences. */
  readonly remarks: readonly string[]
}

export interface BillPeriod {
  /** `2019-03` */
  readonly name: string
  readonly importKwh: number
  readonly lines: readonly BillLine[]
  readonly total: number
}

export interface BillLine {
  readonly kind: string
  readonly name: string
  readonly amount: number
}

/** Charges that are alike in several periods as one line. */
export const linesOf = ({ periods }: Bill): BillLine[] => {
  const lines = new Map<string, BillLine>()
  for (const line of periods.flatMap((period) => period.lines)) {
    const key = `${line.kind} ${line.name}`
    lines.set(key, { ...line, amount: line.amount + (lines.get(key)?.amount ?? 0) })
  }
  return [...lines.values()]
}
