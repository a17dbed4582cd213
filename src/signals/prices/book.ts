import type { PriceSegment, PriceSeries } from '../../domain/price.ts'
import type { Health } from '../../ports/meter-source.ts'
import type { PriceKind } from './intervals.ts'

/**
 * What is known of a price, and what is taken for granted beyond it. Nothing ever waits for a
 * price: after the last known one the prices of its last 24 hours repeat; a hole has the price
 * before it.
 */
export interface PriceBook {
  /** New prices replace old ones for the time that they cover. */
  learn(segments: readonly PriceSegment[], currency: string, nowMs: number): void
  /**
   * Without a gap from the full hour before now to the end of the horizon or of what is known,
   * whichever is later; `null` while nothing is known, or when it is too old to be repeated.
   */
  series(nowMs: number): PriceSeries | null
  health(nowMs: number): Health
}

export interface BookOptions {
  readonly sourceId: string
  readonly kind: PriceKind
  /** How far ahead a series reaches at least. */
  readonly horizonMs: number
  /** How long after the last known price its day is repeated. */
  readonly keepMs: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The past that is kept: a day to repeat, and another for late readers. */
const PAST_MS = 2 * DAY_MS
/** Fourteen months; beyond it a date is a slip, up to which the last price would hold. */
const AHEAD_MS = 426 * DAY_MS

const clip = (
  segments: readonly PriceSegment[],
  fromMs: number,
  toMs: number,
  shiftMs = 0,
): PriceSegment[] =>
  segments.flatMap(({ startMs, endMs, value }) => {
    const start = Math.max(startMs, fromMs)
    const end = Math.min(endMs, toMs)
    return start < end ? [{ startMs: start + shiftMs, endMs: end + shiftMs, value }] : []
  })

/**
 * Closes holes with the price before them (at the beginning: after them) and joins equal prices.
 */
const closed = (
  segments: readonly PriceSegment[],
  fromMs: number,
  toMs: number,
): PriceSegment[] => {
  const result: PriceSegment[] = []
  const add = (startMs: number, endMs: number, value: number): void => {
    const last = result.at(-1)
    if (startMs >= endMs) return
    if (last && last.value === value) result[result.length - 1] = { ...last, endMs }
    else result.push({ startMs, endMs, value })
  }
  let atMs = fromMs
  for (const segment of segments) {
    add(atMs, segment.startMs, result.at(-1)?.value ?? segment.value)
    add(segment.startMs, segment.endMs, segment.value)
    atMs = segment.endMs
  }
  const last = segments.at(-1)
  if (last) add(atMs, toMs, last.value)
  return result
}

/** The last 24 known hours over and over, up to `toMs`. */
const repeated = (known: readonly PriceSegment[], toMs: number): PriceSegment[] => {
  const endMs = known.at(-1)!.endMs
  const day = closed(clip(known, endMs - DAY_MS, endMs), endMs - DAY_MS, endMs)
  const tail: PriceSegment[] = []
  for (let shift = DAY_MS; endMs + shift - DAY_MS < toMs; shift += DAY_MS) {
    tail.push(...clip(day, endMs - DAY_MS, toMs - shift, shift))
  }
  return tail
}

export const createPriceBook = (options: BookOptions, startedMs: number): PriceBook => {
  let known: readonly PriceSegment[] = []
  let currency = ''
  let sinceMs = startedMs
  let wasOk = false

  return {
    learn(told, newCurrency, nowMs) {
      const segments = clip(told, -Infinity, nowMs + AHEAD_MS)
      if (segments.length === 0) return
      const fromMs = segments[0].startMs
      const toMs = segments.at(-1)!.endMs
      // Money of another currency cannot be mixed in.
      const kept = newCurrency === currency ? known : []
      currency = newCurrency
      known = [...clip(kept, -Infinity, fromMs), ...segments, ...clip(kept, toMs, Infinity)].filter(
        ({ endMs }) => endMs > Math.min(nowMs, toMs) - PAST_MS,
      )
    },
    series(nowMs) {
      const last = known.at(-1)
      if (!last || nowMs >= last.endMs + options.keepMs) return null
      const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
      const toMs = Math.max(nowMs + options.horizonMs, last.endMs)
      const all = [...known, ...repeated(known, toMs)]
      return {
        sourceId: options.sourceId,
        kind: options.kind,
        currency: options.kind === 'carbon' ? '' : currency,
        segments: closed(clip(all, fromMs, toMs), fromMs, toMs),
      }
    },
    health(nowMs) {
      const last = known.at(-1)
      const ok = last !== undefined && nowMs < last.endMs
      if (ok !== wasOk) {
        wasOk = ok
        sinceMs = nowMs
      }
      const until = last ? new Date(last.endMs).toISOString() : ''
      const detail = !last
        ? 'no price is known yet'
        : ok
          ? `prices are known until ${until}`
          : `prices ended at ${until}; ${
              nowMs < last.endMs + options.keepMs
                ? 'those of the day before are repeated'
                : 'they are too old to go on with'
            }`
      return { ok, sinceMs, detail }
    },
  }
}
