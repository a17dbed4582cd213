import type { Meter } from './meter.ts'
import { countedWindows, highest, weightedKw, type PeakWindow } from './peaks.ts'
import { ratchetKw, ratchetMonth, rememberedKw } from './ratchet.ts'
import type { DemandChargeFile, StepFile } from './schema.ts'
import type { DemandRule, PeakRule, Tariff } from './tariff.ts'

/** The peak of one month under one charge, before averages and ratchets. */
export interface MonthPeak {
  /** Start of the billing period. */
  readonly startMs: number
  readonly kw: number
  /** The peak that later months may be billed by; absent = `kw`. */
  readonly ratchetKw?: number
}

/** What a charge remembers of the past. */
export interface PeakHistory {
  /** Earlier months, ascending. */
  readonly months: readonly MonthPeak[]
  /** Highest windows of the running month, highest first. */
  readonly windows: readonly PeakWindow[]
}

/** Per name of a demand charge or subscription. */
export type DemandHistory = Readonly<Record<string, PeakHistory>>

export interface MeasuredPeak extends MonthPeak {
  /** Some windows of the month count for the charge; else only a ratchet looks at the month. */
  readonly isBilled: boolean
  readonly windows: readonly PeakWindow[]
  readonly partial: number
  readonly skipped: number
}

/** The kW that a month is billed for, and why. */
export interface BilledDemand {
  readonly kw: number
  readonly measured: MeasuredPeak
  /** What made the billed value, for a person; `null` = the month's own peak. */
  readonly because: string | null
}

/** A charge for peaks, and which windows its ratchet looks at (`null` = its own). */
export type WatchedRule = PeakRule & {
  readonly charge?: DemandChargeFile
  readonly ratchet?: PeakRule | null
}

/**
 * The peak of a month by the rule of a charge: mean of its highest windows, weighted.
 * `null` when no window of the month counts (another season), so nothing is billed or remembered.
 */
export const monthPeak = (
  tariff: Tariff,
  rule: WatchedRule,
  meter: Meter,
  fromMs: number,
  toMs: number,
  coincidentPeaksMs: readonly number[] | null,
): MeasuredPeak | null => {
  const { top = 1, distinctDays = false, minKw = 0 } = rule.charge ?? {}
  const meanOf = (windows: readonly PeakWindow[]): number =>
    windows.reduce((sum, window) => sum + weightedKw(window), 0) / Math.max(1, windows.length)
  const ratchet = rule.ratchet
    ? countedWindows(tariff, rule.ratchet, meter, fromMs, toMs).windows
    : null
  const found = countedWindows(tariff, rule, meter, fromMs, toMs, coincidentPeaksMs)
  const isBilled = found.windows.length > 0 || found.skipped > 0
  if (!isBilled && (ratchet === null || ratchet.length === 0)) return null
  const windows = coincidentPeaksMs ? found.windows : highest(found.windows, top, distinctDays)
  return {
    startMs: fromMs,
    kw: isBilled ? Math.max(minKw, meanOf(windows)) : 0,
    ...(ratchet && { ratchetKw: meanOf(highest(ratchet, top, distinctDays)) }),
    isBilled,
    windows,
    partial: found.partial,
    skipped: found.skipped,
  }
}

const kW = (kw: number): string => `${Number(kw.toFixed(3))} kW`

/**
 * The month's billed demand.
 *
 * @param months the months before, ascending: averages and ratchets look at the last of them
 */
export const billedDemand = (
  { charge }: DemandRule,
  measured: MeasuredPeak,
  months: readonly MonthPeak[],
): BilledDemand => {
  let { kw } = measured
  let because: string | null =
    charge.minKw !== undefined && kw === charge.minKw ? `at least ${kW(charge.minKw)}` : null
  if (charge.averageMonths !== undefined) {
    const peaks = [...months.slice(-(charge.averageMonths - 1)), measured]
    kw = peaks.reduce((sum, peak) => sum + peak.kw, 0) / peaks.length
    because = `mean of ${peaks.length} monthly peaks, this month ${kW(measured.kw)}`
  }
  if (charge.ratchet) {
    const { fraction } = charge.ratchet
    const least = ratchetKw(charge.ratchet, months, measured.startMs)
    if (least > kw) {
      const month = ratchetMonth(charge.ratchet, months, measured.startMs)
      const before = month === null ? 0 : rememberedKw(month)
      because =
        least > fraction * before
          ? `ratchet: at least ${kW(least)}, this month ${kW(measured.kw)}`
          : `ratchet: ${fraction * 100} % of ${kW(before)}, this month ${kW(measured.kw)}`
      kw = least
    }
  }
  return { kw, measured, because }
}

/** The fee of the step that holds this level; a level on the edge belongs to the lower step. */
export const stepOf = (steps: readonly StepFile[], kw: number): number => {
  const i = steps.findIndex(({ upToKw = Infinity }) => kw <= upToKw)
  return i < 0 ? steps.length - 1 : i
}
