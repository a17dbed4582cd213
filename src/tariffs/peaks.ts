import type { Span } from './calendar.ts'
import type { Meter } from './meter.ts'
import type { PeakRule, Tariff } from './tariff.ts'

/** Mean power in one averaging window. */
export interface PeakWindow {
  readonly startMs: number
  readonly endMs: number
  /** Mean of what was recorded, kW, before any weight. */
  readonly kw: number
  /** Weight of the window: 0.5 counts half. */
  readonly factor: number
  /** Local midnight of its day. */
  readonly dayMs: number
}

export interface WindowsFound {
  readonly windows: readonly PeakWindow[]
  /** Windows of which a part was not recorded: their mean is that of the rest. */
  readonly partial: number
  /** Windows that are not used because less than half was recorded. */
  readonly skipped: number
}

const MIN_MS = 60_000
/** Of a window of which less is recorded, nothing can be said. */
const LEAST_COVER = 0.5

/** Walks forward through spans; gives the index that holds at an instant, -1 outside. */
const follower = (spans: readonly Span[]): ((atMs: number) => number) => {
  let i = 0
  return (atMs) => {
    while (i < spans.length && spans[i].endMs <= atMs) i += 1
    return i < spans.length && spans[i].startMs <= atMs ? spans[i].index : -1
  }
}

/**
 * All windows of [fromMs, toMs) that count, in order, aligned to the local clock: a 60 minute
 * window begins when the clock shows a full hour. A window counts when its beginning fulfils the
 * rule. At a clock change that is no multiple of the window a short window remains, with its own
 * mean. O(windows).
 *
 * @param onlyAt the instants that the operator named, for coincident peaks; `null` = all windows
 */
export const countedWindows = (
  tariff: Tariff,
  rule: PeakRule,
  meter: Meter,
  fromMs: number,
  toMs: number,
  onlyAt: readonly number[] | null = null,
): WindowsFound => {
  const { calendar } = tariff
  const windows: PeakWindow[] = []
  let partial = 0
  let skipped = 0
  const from = Math.max(fromMs, meter.startMs)
  const to = Math.min(toMs, meter.endMs)
  if (from >= to) return { windows, partial, skipped }
  const days = calendar.days(from, to)
  const wholeFrom = days[0].startMs
  const wholeTo = days.at(-1)!.endMs
  const counts = follower(calendar.spans(rule.counts, wholeFrom, wholeTo))
  const weight = follower(
    rule.weights.length === 0 ? [] : calendar.spans(rule.weights, wholeFrom, wholeTo),
  )
  const add = (startMs: number, endMs: number, dayMs: number): void => {
    if (counts(startMs) !== 0) return
    const weightIndex = weight(startMs)
    if (onlyAt && !onlyAt.some((atMs) => atMs >= startMs && atMs < endMs)) return
    const coveredMs = meter.coveredMs(startMs, endMs)
    if (coveredMs < (endMs - startMs) * LEAST_COVER) {
      skipped += 1
      return
    }
    if (coveredMs < endMs - startMs) partial += 1
    windows.push({
      startMs,
      endMs,
      kw: (meter.importWh(startMs, endMs) / coveredMs) * 3600,
      factor: weightIndex < 0 ? 1 : rule.factors[weightIndex],
      dayMs,
    })
  }
  const lengthMs = rule.windowMin * MIN_MS
  for (const day of days) {
    for (const piece of day.pieces) {
      let startMs = piece.startMs
      let endMs = startMs + lengthMs - ((piece.wallMin * MIN_MS) % lengthMs)
      while (startMs < piece.endMs) {
        const stop = Math.min(endMs, piece.endMs)
        if (startMs < to && stop > from && startMs >= fromMs) add(startMs, stop, day.startMs)
        startMs = stop
        endMs = stop + lengthMs
      }
    }
  }
  return { windows, partial, skipped }
}

/** The averaging window that holds an instant, by the local clock. */
export const windowAt = (
  tariff: Tariff,
  windowMin: number,
  atMs: number,
): { startMs: number; endMs: number } => {
  const [day] = tariff.calendar.days(atMs, atMs + 1)
  const piece = day.pieces.findLast(({ startMs }) => startMs <= atMs)!
  const lengthMs = windowMin * MIN_MS
  const wallMs = piece.wallMin * MIN_MS + (atMs - piece.startMs)
  const startMs = atMs - (wallMs % lengthMs)
  return {
    startMs: Math.max(startMs, piece.startMs),
    endMs: Math.min(startMs + lengthMs, piece.endMs),
  }
}

export const weightedKw = ({ kw, factor }: PeakWindow): number => kw * factor

/** The highest windows, highest first; of equal ones the earlier. */
export const highest = (
  windows: readonly PeakWindow[],
  top: number,
  distinctDays: boolean,
): PeakWindow[] => {
  const ranked = [...windows].sort((a, b) => weightedKw(b) - weightedKw(a) || a.startMs - b.startMs)
  if (!distinctDays) return ranked.slice(0, top)
  const days = new Set<number>()
  const chosen: PeakWindow[] = []
  for (const window of ranked) {
    if (chosen.length === top) break
    if (days.has(window.dayMs)) continue
    days.add(window.dayMs)
    chosen.push(window)
  }
  return chosen
}
