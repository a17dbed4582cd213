import type { DemandCharge } from '../domain/price.ts'
import { billingPeriods, type BillingPeriod } from './billing-period.ts'
import {
  monthPeak,
  stepOf,
  type DemandHistory,
  type MonthPeak,
  type PeakHistory,
  type WatchedRule,
} from './demand.ts'
import { readMeter, type Meter, type MeteredSeries } from './meter.ts'
import { countedWindows, highest, weightedKw, windowAt, type PeakWindow } from './peaks.ts'
import { contractedKw } from './power-lines.ts'
import { laterBills, ratchetKw } from './ratchet.ts'
import type { DemandChargeFile } from './schema.ts'
import type { PeakRule, Tariff } from './tariff.ts'
import { taxFactor } from './taxes.ts'

export interface DemandOptions {
  /** End of the plan: a billing period that begins before it is given too. Default `atMs`. */
  readonly untilMs?: number
  readonly contractedKw?: Readonly<Record<string, number>>
  /** Instants in windows that are expected to become the operator's peaks. */
  readonly coincidentPeaksMs?: readonly number[]
  readonly billingDay?: number
  /** With percentage taxes (the default). */
  readonly taxes?: boolean
}

const KEPT_WINDOWS = 31

/**
 * What the charges of a tariff remember of a recording: the peaks of the months before the one that
 * holds `atMs`, and the highest windows of that one.
 */
export const demandHistory = (
  tariff: Tariff,
  metered: MeteredSeries | readonly MeteredSeries[],
  atMs: number,
  options: Pick<DemandOptions, 'billingDay' | 'coincidentPeaksMs'> = {},
): DemandHistory => {
  const meter = readMeter(metered)
  const periods = billingPeriods(
    tariff.calendar,
    Math.min(meter.startMs, atMs),
    Math.max(Math.min(meter.endMs, atMs), Math.min(meter.startMs, atMs) + 1),
    options.billingDay,
  )
  const historyOf = (rule: WatchedRule): PeakHistory => {
    const only = rule.charge?.coincident ? (options.coincidentPeaksMs ?? []) : null
    const months = periods
      .filter(({ endMs }) => endMs <= atMs)
      .flatMap(({ startMs, endMs }): MonthPeak[] => {
        const peak = monthPeak(tariff, rule, meter, startMs, endMs, only)
        if (!peak) return []
        const { kw, ratchetKw } = peak
        return [{ startMs, kw, ...(ratchetKw !== undefined && { ratchetKw }) }]
      })
    return { months, windows: openWindows(tariff, rule, meter, periods, atMs, only) }
  }
  return Object.fromEntries([
    ...tariff.demand.map((rule) => [rule.charge.name, historyOf(rule)] as const),
    ...tariff.subscriptions.flatMap(({ charge, overage }) =>
      overage ? [[charge.name, historyOf(overage)] as const] : [],
    ),
  ])
}

const openWindows = (
  tariff: Tariff,
  rule: WatchedRule,
  meter: Meter,
  periods: readonly BillingPeriod[],
  atMs: number,
  only: readonly number[] | null,
): PeakWindow[] => {
  const open = periods.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
  if (!open) return []
  const found = countedWindows(tariff, rule, meter, open.startMs, Math.min(open.endMs, atMs), only)
  return highest(found.windows, KEPT_WINDOWS, rule.charge?.distinctDays ?? false)
}

/**
 * From which level on a window costs more, in weighted kW: with a mean of the highest N (one per
 * day), today's window must beat today's highest, or the lowest of the N.
 */
const threshold = (
  windows: readonly PeakWindow[],
  charge: DemandChargeFile,
  todayMs: number,
): number => {
  const { top = 1, distinctDays = false } = charge
  if (!distinctDays) return windows.length < top ? 0 : weightedKw(windows[top - 1])
  const today = windows.find(({ dayMs }) => dayMs === todayMs)
  const others = windows.filter(({ dayMs }) => dayMs !== todayMs)
  const lowest = others.length < top ? 0 : weightedKw(others[top - 1])
  return Math.max(lowest, today ? weightedKw(today) : 0)
}

interface Marginal {
  readonly pricePerKw: number
  readonly freeKw: number
}

/** A staircase as its next edge: free up to it, then the mean slope of the next step. */
const staircase = (
  steps: NonNullable<DemandChargeFile['steps']>,
  reachedKw: number,
): Marginal | null => {
  const now = stepOf(steps, reachedKw)
  const edge = steps[now].upToKw
  if (edge === undefined) return null
  const next = steps[now + 1]
  const width = (next.upToKw ?? edge * 2) - edge
  return { freeKw: edge, pricePerKw: (next.price - steps[now].price) / width }
}

const PER_MONTH = { day: 30, month: 1, year: 1 / 12 } as const

const meanTop = (windows: readonly PeakWindow[], top: number): number => {
  const chosen = windows.slice(0, top)
  return chosen.reduce((sum, window) => sum + weightedKw(window), 0) / Math.max(1, chosen.length)
}

/**
 * What one more kW costs in this period and from where on; `null` = nothing more can be charged.
 */
const marginal = (
  charge: DemandChargeFile,
  history: PeakHistory,
  windows: readonly PeakWindow[],
  todayMs: number,
  periodMs: number,
): Marginal | null => {
  const { top = 1, per = 'month', minKw = 0, ratchet } = charge
  const factor = PER_MONTH[per]
  const before = ratchet ? ratchetKw(ratchet, history.months, periodMs) : 0
  if (charge.steps) {
    const stair = staircase(charge.steps, Math.max(meanTop(windows, top), minKw, before))
    return stair && { freeKw: stair.freeKw, pricePerKw: stair.pricePerKw * factor }
  }
  // A mean over months spreads one month's peak over as many bills: the sum is the same.
  return {
    freeKw: Math.max(threshold(windows, charge, todayMs), minKw, before),
    pricePerKw: ((charge.pricePerKw ?? 0) / top) * factor,
  }
}

const LONGEST_PERIOD_MS = 32 * 86_400_000

/** Peak of the period before the one that began at `startMs`; `null` = nothing counted in it. */
const lastLevel = ({ months }: PeakHistory, startMs: number): number | null => {
  const last = months.at(-1)
  return last && startMs - last.startMs <= LONGEST_PERIOD_MS ? last.kw : null
}

interface Stretch {
  readonly startMs: number
  readonly endMs: number
}

/** Where a rule's windows count, cut by weight; windows of weight 0 are left out. */
const countingSpans = (
  tariff: Tariff,
  rule: PeakRule,
  fromMs: number,
  toMs: number,
): Map<number, Stretch[]> => {
  const byFactor = new Map<number, Stretch[]>()
  for (const span of tariff.calendar.spans(rule.counts, fromMs, toMs)) {
    if (span.index !== 0) continue
    const parts =
      rule.weights.length === 0
        ? [{ ...span, index: -1 }]
        : tariff.calendar.spans(rule.weights, span.startMs, span.endMs)
    for (const { startMs, endMs, index } of parts) {
      const factor = index < 0 ? 1 : rule.factors[index]
      if (factor === 0) continue
      const known = byFactor.get(factor)
      if (known) known.push({ startMs, endMs })
      else byFactor.set(factor, [{ startMs, endMs }])
    }
  }
  return byFactor
}

/** Beginnings of the billing periods from `fromMs` on in which the charge bills something. */
const laterPeriods = (
  tariff: Tariff,
  rule: PeakRule,
  fromMs: number,
  months: number,
  { billingDay }: DemandOptions,
): number[] =>
  billingPeriods(tariff.calendar, fromMs, fromMs + months * LONGEST_PERIOD_MS, billingDay)
    .slice(0, months)
    .filter(({ startMs, endMs }) => countingSpans(tariff, rule, startMs, endMs).size > 0)
    .map(({ startMs }) => startMs)

/** The part of a billing period that is still to come. */
interface Counting {
  readonly fromMs: number
  readonly toMs: number
  /** How long a level that is paid for is of use; default `toMs`. */
  readonly worthUntilMs?: number
  /** The only instants that count; `null` = all. */
  readonly only?: readonly Stretch[] | null
}

/** What lies in both. */
const within = (span: Stretch, wanted: readonly Stretch[]): Stretch[] =>
  wanted.flatMap(({ startMs, endMs }) => {
    const from = Math.max(span.startMs, startMs)
    const to = Math.min(span.endMs, endMs)
    return from < to ? [{ startMs: from, endMs: to }] : []
  })

/**
 * The demand charges as a planner sees them from now on: a price per kW above a level that is free,
 * with the time that counts. Exact for a plain monthly maximum with season, hours, floor and
 * ratchet; a marginal price for means of several peaks (price / N) and for stairs (mean slope of
 * the next step). What a peak does to later months by a ratchet comes as charges of the same name
 * that begin at the levels from which on those months would be billed more (ratchet.ts).
 *
 * @param atMs now
 * @param history from `demandHistory`; `{}` when nothing is known
 */
export const demandCharges = (
  tariff: Tariff,
  atMs: number,
  history: DemandHistory,
  options: DemandOptions = {},
): DemandCharge[] => {
  const untilMs = Math.max(options.untilMs ?? atMs, atMs + 1)
  const [today] = tariff.calendar.days(atMs, atMs + 1)
  const charges: DemandCharge[] = []
  const add = (
    name: string,
    rule: PeakRule,
    { pricePerKw, freeKw }: Marginal,
    previousKw: number | null,
    { fromMs, toMs, worthUntilMs = toMs, only = null }: Counting,
  ): void => {
    const taxed = options.taxes === false ? 1 : taxFactor(tariff.file, name)
    for (const [factor, spans] of countingSpans(tariff, rule, fromMs, toMs)) {
      const counts = only ? spans.flatMap((span) => within(span, only)) : spans
      if (counts.length === 0) continue
      charges.push({
        name,
        pricePerKw: pricePerKw * factor * taxed,
        windowS: rule.windowMin * 60,
        billedW: (freeKw / factor) * 1000,
        ...(previousKw !== null && { previousW: (previousKw / factor) * 1000 }),
        periodEndMs: worthUntilMs,
        counts,
      })
    }
  }
  for (const period of billingPeriods(tariff.calendar, atMs, untilMs, options.billingDay)) {
    const open = period.startMs <= atMs
    const fromMs = Math.max(atMs, period.startMs)
    for (const rule of tariff.demand) {
      const { charge } = rule
      const only = charge.coincident
        ? (options.coincidentPeaksMs ?? []).map((ms) => windowAt(tariff, charge.windowMin, ms))
        : null
      const past = history[charge.name] ?? { months: [], windows: [] }
      const found = marginal(charge, past, open ? past.windows : [], today.startMs, period.startMs)
      if (!found) continue
      const { top = 1 } = charge
      const previousKw = open ? lastLevel(past, period.startMs) : meanTop(past.windows, top)
      add(charge.name, rule, found, previousKw, { fromMs, toMs: period.endMs, only })
      if (!charge.ratchet || charge.pricePerKw === undefined || only) continue
      const watchedKw = open ? found.freeKw : 0
      const laterMs = laterPeriods(tariff, rule, period.endMs, charge.ratchet.months, options)
      for (const { fromKw, months } of laterBills(charge.ratchet, past.months, laterMs)) {
        const price = {
          pricePerKw: found.pricePerKw * charge.ratchet.fraction * months,
          freeKw: Math.max(fromKw, watchedKw),
        }
        // The level is paid for once and then free as long as the ratchet remembers it.
        const counting = { fromMs, toMs: period.endMs, worthUntilMs: laterMs.at(-1)! }
        add(charge.name, rule.ratchet ?? rule, price, null, counting)
      }
    }
    for (const { charge, overage } of tariff.subscriptions) {
      if (!overage || !charge.overage) continue
      const covered = contractedKw(charge, options.contractedKw?.[charge.name] ?? charge.kw)
      const reached = open ? (history[charge.name]?.windows ?? []) : []
      const freeKw = Math.max(covered, meanTop(reached, 1))
      const price = { freeKw, pricePerKw: charge.overage.pricePerKw }
      const past = history[charge.name] ?? { months: [], windows: [] }
      // Demand that gets cheaper is judged from the same level as the charge it is taken off.
      const previousKw = open ? lastLevel(past, period.startMs) : meanTop(past.windows, 1)
      const hintKw = charge.overage.pricePerKw < 0 ? previousKw : null
      add(charge.name, overage, price, hintKw, { fromMs, toMs: period.endMs })
    }
  }
  return charges
}
