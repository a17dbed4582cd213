import type { PriceSeries } from '../../domain/price.ts'

/** The price curves of all sources. Where two say something, the one that was added later holds. */
export interface Prices {
  /** Takes what a source says now; earlier words of it stand where the new ones are silent. */
  accept(series: PriceSeries): void
  /** Mean over each step; the nearest known price where nothing is known, 0 if there is none. */
  curve(kind: PriceSeries['kind'], startMs: number, stepS: number, steps: number): Float64Array
  at(kind: PriceSeries['kind'], atMs: number): number | null
  /** Whether anything is known that could make one hour better than another. */
  known(kind: PriceSeries['kind']): boolean
  all(): readonly PriceSeries[]
}

/** @param order source ids, the strongest last */
export const createPrices = (order: readonly string[]): Prices => {
  const series = new Map<string, PriceSeries>()

  const accept = (next: PriceSeries): void => {
    const id = `${next.sourceId}/${next.kind}`
    const before = series.get(id)
    if (!before || next.segments.length === 0) {
      series.set(id, next)
      return
    }
    const fromMs = next.segments[0].startMs
    const toMs = next.segments.at(-1)!.endMs
    const kept = before.segments.flatMap((segment) =>
      [
        { ...segment, endMs: Math.min(segment.endMs, fromMs) },
        { ...segment, startMs: Math.max(segment.startMs, toMs) },
      ].filter(({ startMs, endMs }) => startMs < endMs),
    )
    const segments = [...kept, ...next.segments].sort((a, b) => a.startMs - b.startMs)
    // A day of the past is kept for the charts, no more.
    const oldest = fromMs - 86_400_000
    series.set(id, { ...next, segments: segments.filter(({ endMs }) => endMs > oldest) })
  }

  const ofKind = (kind: PriceSeries['kind']): PriceSeries[] =>
    [...series.values()]
      .filter((one) => one.kind === kind && one.segments.length > 0)
      .sort((a, b) => order.indexOf(b.sourceId) - order.indexOf(a.sourceId))

  const curve = (
    kind: PriceSeries['kind'],
    startMs: number,
    stepS: number,
    steps: number,
  ): Float64Array => {
    const result = new Float64Array(steps).fill(Number.NaN)
    for (const { segments } of ofKind(kind)) {
      let k = 0
      for (let t = 0; t < steps; t++) {
        if (!Number.isNaN(result[t])) continue
        const fromMs = startMs + t * stepS * 1000
        const toMs = fromMs + stepS * 1000
        while (k < segments.length && segments[k].endMs <= fromMs) k++
        let sum = 0
        let coveredMs = 0
        for (let j = k; j < segments.length && segments[j].startMs < toMs; j++) {
          const overMs = Math.min(toMs, segments[j].endMs) - Math.max(fromMs, segments[j].startMs)
          sum += overMs * segments[j].value
          coveredMs += overMs
        }
        if (coveredMs > 0) result[t] = sum / coveredMs
      }
    }
    return fillGaps(result)
  }

  return {
    accept,
    curve,
    at: (kind, atMs) => {
      for (const { segments } of ofKind(kind)) {
        const segment = segments.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
        if (segment) return segment.value
      }
      return null
    },
    known: (kind) => ofKind(kind).length > 0,
    all: () => [...series.values()],
  }
}

const fillGaps = (values: Float64Array): Float64Array => {
  let last = values.find((value) => !Number.isNaN(value)) ?? 0
  for (let t = 0; t < values.length; t++) {
    if (Number.isNaN(values[t])) values[t] = last
    else last = values[t]
  }
  return values
}
