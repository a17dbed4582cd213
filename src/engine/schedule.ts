import type { ChargingSchedule, SchedulePeriod } from '../domain/charging-profile.ts'

/** A piece of what an EVSE should be limited to. */
export interface LimitSegment {
  readonly startMs: number
  readonly endMs: number
  /** Per conductor. */
  readonly limitA: number
}

/** The same limits, from `atMs` on not above `limitA`. */
export const notAboveAfter = (
  segments: readonly LimitSegment[],
  limitA: number,
  atMs: number,
): LimitSegment[] =>
  segments.flatMap((segment): LimitSegment[] => {
    const lower = { ...segment, limitA: Math.min(segment.limitA, limitA) }
    if (segment.startMs >= atMs) return [lower]
    if (segment.endMs <= atMs) return [segment]
    return [
      { ...segment, endMs: atMs },
      { ...lower, startMs: atMs },
    ]
  })

export interface ScheduleLimits {
  readonly unit: 'A' | 'W'
  /** Multiples of this (in `unit`), rounded down: stations refuse or mangle decimals. */
  readonly step: number
  readonly maxPeriods: number
  readonly wattsPerAmp: number
  readonly numberPhases: 1 | 3
  /** Values below this become 0: nothing can be signalled between 0 and 6 A (IEC 61851-1). */
  readonly minA: number
  /** How long before now the schedule starts, against clock skew. */
  readonly leadMs: number
}

/**
 * Turns limits over time into one schedule that a station can hold: absolute, whole steps, at most
 * `maxPeriods` periods. Nowhere above the input: where periods must be saved, neighbours are merged
 * to their smaller limit (cheapest loss of ampere-seconds first). O(n^2) in the number of segments,
 * which is small.
 *
 * @param segments ascending and contiguous, at least one
 */
export const buildSchedule = (
  segments: readonly LimitSegment[],
  limits: ScheduleLimits,
): ChargingSchedule => {
  const startMs = Math.floor((segments[0].startMs - limits.leadMs) / 1000) * 1000
  const durationS = Math.floor((segments[segments.length - 1].endMs - startMs) / 1000)
  const periods = wholeSeconds(segments, limits, startMs, durationS)
  while (periods.length > Math.max(1, limits.maxPeriods)) mergeCheapest(periods)
  return {
    startMs,
    durationS,
    unit: limits.unit,
    numberPhases: limits.numberPhases,
    periods: periods.map(({ startS, limit }): SchedulePeriod => ({ startS, limit })),
  }
}

interface Period {
  startS: number
  endS: number
  limit: number
}

/** Stations count in seconds: a second that two segments share gets the lower limit. */
const wholeSeconds = (
  segments: readonly LimitSegment[],
  limits: ScheduleLimits,
  startMs: number,
  durationS: number,
): Period[] => {
  const spans = segments.map((segment, k) => ({
    startS: k === 0 ? 0 : Math.floor((segment.startMs - startMs) / 1000),
    endS: Math.ceil((segment.endMs - startMs) / 1000),
    limit: toUnit(segment.limitA, limits),
  }))
  const cuts = [...new Set(spans.flatMap(({ startS, endS }) => [startS, endS]))]
    .filter((at) => at < durationS)
    .sort((a, b) => a - b)
  const periods: Period[] = []
  cuts.forEach((startS, k) => {
    const endS = cuts[k + 1] ?? Math.max(durationS, startS)
    const over = spans.filter((span) => span.startS < endS && span.endS > startS)
    const limit = Math.min(...over.map((span) => span.limit))
    const previous = periods.at(-1)
    if (previous?.limit === limit) previous.endS = endS
    else periods.push({ startS, endS, limit })
  })
  return periods
}

const toUnit = (limitA: number, limits: ScheduleLimits): number => {
  if (limitA < limits.minA) return 0
  const value = limits.unit === 'A' ? limitA : limitA * limits.wattsPerAmp
  return Math.floor(value / limits.step + 1e-9) * limits.step
}

const mergeCheapest = (periods: Period[]): void => {
  let best = 0
  let bestLoss = Infinity
  for (let k = 0; k + 1 < periods.length; k++) {
    const [a, b] = [periods[k], periods[k + 1]]
    const higher = a.limit > b.limit ? a : b
    const loss = Math.abs(a.limit - b.limit) * (higher.endS - higher.startS)
    if (loss < bestLoss) {
      bestLoss = loss
      best = k
    }
  }
  const [a, b] = [periods[best], periods[best + 1]]
  periods.splice(best, 2, {
    startS: a.startS,
    endS: b.endS,
    limit: Math.min(a.limit, b.limit),
  })
}
