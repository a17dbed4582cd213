import type { MonthPeak } from './demand.ts'
import type { DemandChargeFile } from './schema.ts'

/**
 * A ratchet: a month is billed at least a fraction of the highest peak of the months before, or a
 * floor in kW. Which windows it looks at may differ from those the charge bills (a winter month can
 * be billed by last summer's peak, and leave no trace itself).
 */
export type RatchetFile = NonNullable<DemandChargeFile['ratchet']>

const DAY_MS = 86_400_000
/** So many months are no more than so many times 31 days; a day for clock changes. */
const withinMonths = (months: number): number => (months * 31 + 1) * DAY_MS

/** What a ratchet remembers of a month. */
export const rememberedKw = ({ kw, ratchetKw }: MonthPeak): number => ratchetKw ?? kw

/** The month that a ratchet bills in the period that begins at `startMs`; `null` = none counts. */
export const ratchetMonth = (
  ratchet: RatchetFile,
  months: readonly MonthPeak[],
  startMs: number,
): MonthPeak | null => {
  let highest: MonthPeak | null = null
  for (const month of months) {
    const ageMs = startMs - month.startMs
    if (ageMs <= 0 || ageMs > withinMonths(ratchet.months)) continue
    if (rememberedKw(month) > (highest === null ? 0 : rememberedKw(highest))) highest = month
  }
  return highest
}

/** The least that is billed in the period that begins at `startMs`, kW. */
export const ratchetKw = (
  ratchet: RatchetFile,
  months: readonly MonthPeak[],
  startMs: number,
): number => {
  const month = ratchetMonth(ratchet, months, startMs)
  return Math.max(ratchet.minKw ?? 0, month === null ? 0 : ratchet.fraction * rememberedKw(month))
}

/** A level above which a kW of this month is billed again, in so many later months. */
export interface LaterBill {
  readonly fromKw: number
  readonly months: number
}

const YEAR_MS = 365 * DAY_MS

/** What month `startMs` will reach by itself: that of the same month a year ago; `null` = unknown. */
const usualKw = (months: readonly MonthPeak[], startMs: number): number | null =>
  months.find((month) => Math.abs(month.startMs + YEAR_MS - startMs) < 15 * DAY_MS)?.kw ?? null

/**
 * From which levels on a peak of this month raises the bills of later months: in each month beyond
 * what it is expected to reach and what older peaks make it pay anyway. A month of which nothing is
 * known is taken to be a usual one (the median of those known). Without any, nothing is said: it
 * would be a guess about a whole year.
 *
 * @param months the months before this one
 * @param laterMs beginnings of the months after this one that the charge bills, ascending
 */
export const laterBills = (
  ratchet: RatchetFile,
  months: readonly MonthPeak[],
  laterMs: readonly number[],
): LaterBill[] => {
  if (months.length === 0) return []
  const levelsKw = months.map(({ kw }) => kw).sort((a, b) => a - b)
  const medianKw = levelsKw[levelsKw.length >> 1]
  const levels = new Map<number, number>()
  for (const startMs of laterMs) {
    const own = usualKw(months, startMs) ?? medianKw
    const fromKw = Math.max(own, ratchetKw(ratchet, months, startMs)) / ratchet.fraction
    levels.set(fromKw, (levels.get(fromKw) ?? 0) + 1)
  }
  return [...levels]
    .map(([fromKw, count]) => ({ fromKw, months: count }))
    .sort((a, b) => a.fromKw - b.fromKw)
}
