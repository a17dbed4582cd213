import type { Calendar } from './calendar.ts'

/** A month of the bill. */
export interface BillingPeriod {
  readonly startMs: number
  readonly endMs: number
  /** Local days of the whole period. */
  readonly days: number
  /** `2019-03`, by its first day. */
  readonly label: string
  /** First day of a calendar year's first period: what is counted per year starts anew. */
  readonly newYear: boolean
}

/**
 * The billing months that touch [fromMs, toMs), whole, by the tariff's local clock.
 *
 * @param billingDay day of the month on which a period starts, 1..28
 */
export const billingPeriods = (
  calendar: Calendar,
  fromMs: number,
  toMs: number,
  billingDay = 1,
): BillingPeriod[] => {
  const MARGIN_MS = 32 * 86_400_000
  const days = calendar.days(fromMs - MARGIN_MS, toMs + MARGIN_MS)
  const starts = days.flatMap(({ day }, i) => (day === billingDay ? [i] : []))
  return starts.slice(0, -1).flatMap((first, k) => {
    const next = starts[k + 1]
    const { startMs, year, month } = days[first]
    const endMs = days[next].startMs
    if (endMs <= fromMs || startMs >= toMs) return []
    const label = `${year}-${String(month).padStart(2, '0')}`
    return [{ startMs, endMs, days: next - first, label, newYear: month === 1 }]
  })
}

/** How many local days of [fromMs, toMs) lie in a stretch; parts of days count as parts. */
export const localDaysIn = (calendar: Calendar, fromMs: number, toMs: number): number =>
  calendar
    .days(fromMs, toMs)
    .reduce(
      (sum, { startMs, endMs }) =>
        sum + (Math.min(endMs, toMs) - Math.max(startMs, fromMs)) / (endMs - startMs),
      0,
    )
