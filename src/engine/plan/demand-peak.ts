import type { DemandCharge } from '../../domain/price.ts'
import type { PlanPeak } from './problem.ts'

/** Steps of a plan, and local time less UTC: windows lie on the local clock. */
export interface PeakSteps {
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
  readonly offsetMs: number
}

/** A demand charge over the steps of a plan, at its full price. */
export const demandPeak = (
  { pricePerKw, billedW, windowS, periodEndMs, counts }: DemandCharge,
  { startMs, stepS, steps, offsetMs }: PeakSteps,
): PlanPeak => {
  const stepMs = stepS * 1000
  const windowSteps = Math.max(1, Math.round(windowS / stepS))
  const first = Math.round((startMs + offsetMs) / stepMs)
  return {
    pricePerKw,
    billedW,
    windowSteps,
    offset: (windowSteps - (first % windowSteps)) % windowSteps,
    mask: Uint8Array.from({ length: steps }, (_, t) => {
      const atMs = startMs + t * stepMs
      if (atMs >= periodEndMs) return 0
      if (!counts) return 1
      return counts.some((span) => span.startMs <= atMs && atMs < span.endMs) ? 1 : 0
    }),
  }
}

/** Part of the level of the period before that is taken as reached again anyhow. */
const HINT = 0.75
const DAY_MS = 86_400_000

/**
 * A demand charge as a plan of about a day should see it, though it counts for a month:
 *
 *     price  = full price / days left: the level is worth what it spares on the days to come
 *     billed = the level so far, or HINT of that of the period before where this is more
 *
 * The second makes up for the days on which nothing is known of the month yet. Both are rules of the
 * ACN studies; what they are worth on recorded sessions: docs/guides/backtest.md.
 */
export const onlinePeak = (charge: DemandCharge, plan: PeakSteps): PlanPeak => {
  const { pricePerKw, billedW, previousW = 0, periodEndMs, counts } = charge
  const fromMs = Math.max(plan.startMs, counts?.[0]?.startMs ?? -Infinity)
  const daysLeft = Math.max(1, (periodEndMs - fromMs) / DAY_MS)
  const level = {
    ...charge,
    pricePerKw: pricePerKw / daysLeft,
    billedW: Math.max(billedW, HINT * previousW),
  }
  return demandPeak(level, plan)
}
