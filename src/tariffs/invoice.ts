import type { PeakWindow } from './peaks.ts'

export type LineKind = 'energy' | 'demand' | 'subscription' | 'overage' | 'fixed' | 'export' | 'tax'

/** One line of the bill for one billing period. */
export interface InvoiceLine {
  readonly kind: LineKind
  /** Name of the charge, as in the tariff file. */
  readonly charge: string
  /** Which of its rates, blocks or steps; empty when there is only one. */
  readonly label: string
  /** `2019-03` */
  readonly period: string
  readonly quantity: number
  /** What the quantity counts; `base` = money that a tax falls on. */
  readonly unit: 'kWh' | 'kW' | 'block' | 'day' | 'month' | 'base'
  /** Per unit; for formulas and steps what it comes to per unit. */
  readonly price: number
  /** Rounded to the currency's smallest unit; negative = credit. */
  readonly amount: number
  /** Why this quantity, for a person: ratchet, floor, average; `null` = as measured. */
  readonly because: string | null
  /** The windows that set a peak, highest first. */
  readonly windows: readonly Pick<PeakWindow, 'startMs' | 'endMs' | 'kw'>[]
}

export type ProblemCode =
  | 'missing-energy'
  | 'partial-period'
  | 'no-market-price'
  | 'coarse-steps'
  | 'incomplete-windows'
  | 'no-coincident-peaks'
  | 'outside-validity'

/** What keeps the invoice from being the real one. */
export interface InvoiceProblem {
  readonly code: ProblemCode
  readonly message: string
}

export interface Invoice {
  readonly tariffId: string
  readonly tariffName: string
  readonly currency: string
  readonly timeZone: string
  /** What was metered. */
  readonly startMs: number
  readonly endMs: number
  readonly importKwh: number
  readonly exportKwh: number
  /** Greenhouse gas of the energy drawn; `null` when the tariff says nothing about it. */
  readonly carbonKg: number | null
  readonly lines: readonly InvoiceLine[]
  /** Sum of all lines but taxes. */
  readonly net: number
  readonly tax: number
  readonly total: number
  readonly problems: readonly InvoiceProblem[]
  /** Charges whose figures the tariff file could not verify. */
  readonly unverified: readonly string[]
}
