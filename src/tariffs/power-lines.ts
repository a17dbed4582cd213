import type { BillingPeriod } from './billing-period.ts'
import { billedDemand, monthPeak, stepOf, type MeasuredPeak, type MonthPeak } from './demand.ts'
import type { InvoiceLine } from './invoice.ts'
import type { Meter } from './meter.ts'
import type { Per, StepFile, SubscriptionFile } from './schema.ts'
import type { DemandRule, SubscriptionRule, Tariff } from './tariff.ts'

/** How much of a billing period is billed. */
export interface Share {
  readonly period: BillingPeriod
  readonly fromMs: number
  readonly toMs: number
  /** Local days of the part, parts of days included. */
  readonly days: number
}

/** Turns "per month" into the part of a period. @param prorate by days, else the whole period */
export const periodFactor = (per: Per, share: Share, prorate: boolean): number => {
  const part = prorate ? share.days / share.period.days : 1
  switch (per) {
    case 'day':
      return prorate ? share.days : share.period.days
    case 'month':
      return part
    case 'year':
      return part / 12
  }
}

const stepLabel = (steps: readonly StepFile[], i: number): string => {
  const from = steps[i - 1]?.upToKw ?? 0
  const to = steps[i].upToKw
  return to === undefined ? `above ${from} kW` : `${from} to ${to} kW`
}

export interface DemandLine {
  readonly line: InvoiceLine | null
  /** To remember for averages and ratchets. */
  readonly measured: MeasuredPeak | null
}

/** The line of a demand charge for one billing period, with the windows that set it. */
export const demandLine = (
  tariff: Tariff,
  rule: DemandRule,
  meter: Meter,
  share: Share,
  months: readonly MonthPeak[],
  coincidentPeaksMs: readonly number[],
  prorate: boolean,
  round: (amount: number) => number,
): DemandLine => {
  const { charge } = rule
  const { startMs, endMs, label: period } = share.period
  const only = charge.coincident ? coincidentPeaksMs : null
  const measured = monthPeak(tariff, rule, meter, startMs, endMs, only)
  if (!measured?.isBilled) return { line: null, measured }
  const billed = billedDemand(rule, measured, months)
  const factor = periodFactor(charge.per ?? 'month', share, prorate)
  const step = charge.steps ? stepOf(charge.steps, billed.kw) : -1
  const fee = charge.steps ? charge.steps[step].price : billed.kw * (charge.pricePerKw ?? 0)
  const amount = fee * factor
  const line: InvoiceLine = {
    kind: 'demand',
    charge: charge.name,
    label: charge.steps ? stepLabel(charge.steps, step) : '',
    period,
    quantity: billed.kw,
    unit: 'kW',
    price: billed.kw === 0 ? 0 : amount / billed.kw,
    amount: round(amount),
    because: billed.because,
    windows: measured.windows.map(({ startMs, endMs, kw }) => ({ startMs, endMs, kw })),
  }
  return { line, measured }
}

const contractLine = (
  charge: SubscriptionFile,
  kw: number,
): Pick<InvoiceLine, 'label' | 'quantity' | 'unit'> & { fee: number } => {
  if (charge.block) {
    const blocks = Math.ceil(kw / charge.block.kw)
    const label = `blocks of ${charge.block.kw} kW`
    return { label, quantity: blocks, unit: 'block', fee: blocks * charge.block.price }
  }
  if (charge.levels) {
    const step = stepOf(charge.levels, kw)
    return {
      label: stepLabel(charge.levels, step),
      quantity: kw,
      unit: 'kW',
      fee: charge.levels[step].price,
    }
  }
  return { label: '', quantity: kw, unit: 'kW', fee: kw * (charge.pricePerKw ?? 0) }
}

/** Power that the contract covers: whole blocks, or what was agreed. */
export const contractedKw = (charge: SubscriptionFile, kw: number): number =>
  charge.block ? Math.ceil(kw / charge.block.kw) * charge.block.kw : kw

/** The lines of contracted power: the subscription, and what was drawn above it. */
export const subscriptionLines = (
  tariff: Tariff,
  rule: SubscriptionRule,
  meter: Meter,
  share: Share,
  kw: number,
  prorate: { readonly fixed: boolean; readonly demand: boolean },
  round: (amount: number) => number,
): { lines: readonly InvoiceLine[]; measured: MeasuredPeak | null } => {
  const { charge, overage } = rule
  const { startMs, endMs, label: period } = share.period
  const { fee, ...contract } = contractLine(charge, kw)
  const amount = fee * periodFactor(charge.per ?? 'month', share, prorate.fixed)
  const lines: InvoiceLine[] = [
    {
      kind: 'subscription',
      charge: charge.name,
      ...contract,
      period,
      price: contract.quantity === 0 ? 0 : amount / contract.quantity,
      amount: round(amount),
      because: null,
      windows: [],
    },
  ]
  const measured = overage ? monthPeak(tariff, overage, meter, startMs, endMs, null) : null
  const over = measured ? measured.kw - contractedKw(charge, kw) : 0
  if (measured && charge.overage && over > 0) {
    const price = charge.overage.pricePerKw * periodFactor('month', share, prorate.demand)
    lines.push({
      kind: 'overage',
      charge: charge.name,
      label: `above ${contractedKw(charge, kw)} kW`,
      period,
      quantity: over,
      unit: 'kW',
      price,
      amount: round(over * price),
      because: null,
      windows: measured.windows.map(({ startMs, endMs, kw }) => ({ startMs, endMs, kw })),
    })
  }
  return { lines, measured }
}
