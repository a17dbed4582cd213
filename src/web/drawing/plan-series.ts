import type { GridEvent, Plan, Prices } from '../wire.ts'

/** A plan step by step, with prices and limits of the same times. Watts, currency per kWh. */
export interface PlanSeries {
  /** Starts of the steps, and the end of the last one. */
  readonly edgesMs: readonly number[]
  readonly baseW: readonly number[]
  readonly evW: readonly number[]
  /** `null` = nothing is known. */
  readonly price: readonly (number | null)[]
  /** The tightest limit of events in any part of the step; `null` = none. */
  readonly limit: readonly (StepLimit | null)[]
}

/** A limit as it is drawn, and as it was said. */
export interface StepLimit {
  /** As a level of the whole: a limit of the vehicles stands on top of everything else. */
  readonly levelW: number
  /** In the unit of its signal, for what the signal's scope says. */
  readonly value: number
  readonly signal: GridEvent['signal']
}

export const planSeries = (
  plan: Plan,
  prices: Prices | null,
  events: readonly GridEvent[],
  voltageV: number,
): PlanSeries => {
  const startMs = Date.parse(plan.start)
  const stepMs = plan.stepS * 1_000
  const edgesMs = Array.from({ length: plan.steps + 1 }, (_, k) => startMs + k * stepMs)
  const starts = edgesMs.slice(0, -1)
  const limits = events.flatMap((event) => limitPieces(event, voltageV))
  return {
    edgesMs,
    baseW: plan.baseW,
    evW: plan.controlledW,
    price: starts.map((atMs) => priceAt(prices, atMs + stepMs / 2)),
    limit: starts.map((fromMs, k) =>
      limits
        .filter((piece) => piece.startMs < fromMs + stepMs && fromMs < piece.endMs)
        .map(({ limitW, value, signal }): StepLimit => {
          const belowW = signal.scope === 'controllable' ? plan.baseW[k] : 0
          return { levelW: limitW + belowW, value, signal }
        })
        .reduce<StepLimit | null>(
          (least, one) => (least === null || one.levelW < least.levelW ? one : least),
          null,
        ),
    ),
  }
}

/** Of two sources the one that stands later holds. */
const priceAt = (prices: Prices | null, atMs: number): number | null => {
  for (const { kind, segments } of prices?.series.toReversed() ?? []) {
    if (kind !== 'import') continue
    const found = segments.find(
      ({ start, end }) => Date.parse(start) <= atMs && atMs < Date.parse(end),
    )
    if (found) return found.value
  }
  return null
}

interface LimitPiece {
  readonly startMs: number
  readonly endMs: number
  readonly limitW: number
  readonly value: number
  readonly signal: GridEvent['signal']
}

/** Limits in watts or amperes on the site; others have no level that could be drawn. */
const limitPieces = ({ signal, targets, intervals }: GridEvent, voltageV: number): LimitPiece[] => {
  const { kind, unit, scope } = signal
  if (targets.length > 0 || (unit !== 'W' && unit !== 'A')) return []
  if (kind !== 'import-limit' || scope === 'evse') return []
  // A current is that of one phase, as is whatever is said of each phase.
  const phases = unit === 'A' || scope === 'phase' ? 3 : 1
  const wattsPerUnit = phases * (unit === 'A' ? voltageV : 1)
  return intervals.flatMap(({ start, end, value }) =>
    value === null
      ? []
      : [
          {
            startMs: Date.parse(start),
            endMs: Date.parse(end),
            limitW: value * wattsPerUnit,
            value,
            signal,
          },
        ],
  )
}

/** Index of the step that a time falls into; the nearest one outside of the plan. */
export const stepAt = ({ edgesMs }: PlanSeries, atMs: number): number => {
  const last = edgesMs.length - 2
  const found = edgesMs.findLastIndex((edge) => edge <= atMs)
  return Math.min(Math.max(found, 0), last)
}
