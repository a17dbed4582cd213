import type { PriceSegment } from '../../domain/price.ts'
import { AppError } from '../../errors.ts'

/** A price as a document gives it; what is missing follows from its neighbours. */
export interface RawInterval {
  readonly startMs: number
  readonly endMs: number | null
  /** `null` = the document says nothing about this interval. */
  readonly value: number | null
  /** Where it stands, for people: `line 7`, `intervals/3`. */
  readonly where: string
}

export type PriceKind = 'import' | 'export' | 'carbon'

/** What a price document says, in currency (or grams) per kWh. */
export interface PriceDocument {
  readonly kind: PriceKind | null
  readonly currency: string | null
  readonly segments: readonly PriceSegment[]
}

/** Fourteen months of quarters of an hour. */
export const MAX_INTERVALS = 40_000
/** Currency (or grams) per kWh, either sign; beyond it the unit is wrong. */
const MAX_PRICE = 1e6
const HOUR_MS = 3_600_000
/** Some feeds begin each interval a second late and end it on time: that is no time without price. */
const SEAM_MS = 2_000

const UNITS: Readonly<Record<string, number>> = {
  'currency/kwh': 1,
  'currency/mwh': 0.001,
  'cent/kwh': 0.01,
  'g/kwh': 1,
}

/** For messages. */
export const UNIT_NAMES = 'currency/kWh, currency/MWh, cent/kWh, g/kWh'

/** How much of a currency unit (or gram) per kWh one of the unit is; `null` for unknown units. */
export const unitFactor = (unit: string): number | null => UNITS[unit.toLowerCase()] ?? null

export const refuse = (message: string): never => {
  throw new AppError('payload-invalid', message)
}

/**
 * Intervals in any order as segments: sorted, without overlaps. An end that is not given is the
 * next beginning, and for the last one the length of the one before (an hour for a single one).
 * Seams of up to two seconds between intervals are closed.
 * Values of `null` leave a hole. DST needs no care here: all times are instants.
 *
 * @param factor see `unitFactor`
 * @throws AppError `payload-invalid` for overlaps, empty intervals, too many of them and values that
 *   are no prices
 */
export const toSegments = (raw: readonly RawInterval[], factor: number): PriceSegment[] => {
  if (raw.length > MAX_INTERVALS) refuse(`more than ${MAX_INTERVALS} intervals`)
  const sorted = [...raw].sort((a, b) => a.startMs - b.startMs)
  const segments: PriceSegment[] = []
  let lastMs = -Infinity
  for (const [i, interval] of sorted.entries()) {
    const before = sorted[i - 1]
    const usualMs = before ? interval.startMs - before.startMs : HOUR_MS
    const nextMs = sorted[i + 1]?.startMs
    const statedMs = interval.endMs ?? nextMs ?? interval.startMs + usualMs
    const isSeam = nextMs !== undefined && nextMs > statedMs && nextMs - statedMs <= SEAM_MS
    const endMs = isSeam ? nextMs : statedMs
    if (interval.startMs < lastMs) {
      refuse(`${interval.where} overlaps ${before.where}: give each time once`)
    }
    if (endMs <= interval.startMs) refuse(`${interval.where} must end after it begins`)
    lastMs = endMs
    if (interval.value === null) continue
    const value = interval.value * factor
    if (!(Math.abs(value) <= MAX_PRICE)) {
      refuse(`${interval.where}: ${interval.value} is no price; check the unit`)
    }
    segments.push({ startMs: interval.startMs, endMs, value })
  }
  return segments
}
