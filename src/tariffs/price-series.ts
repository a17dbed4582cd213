import type { PriceSegment, PriceSeries } from '../domain/price.ts'
import { firstEndingAfter } from './calendar.ts'
import { pricedSpans, type PricedSpan } from './rate.ts'
import type { EnergyCharge, Tariff } from './tariff.ts'
import { taxFactor } from './taxes.ts'

export interface PriceOptions {
  /** Cut into steps of this length from `fromMs` on, each with its mean price. */
  readonly stepS?: number
  /** Market price for formulas, currency per kWh. */
  readonly spot?: PriceSeries
  /**
   * Where the market price is unknown: `assume` uses the file's assumption (for planning), `omit`
   * leaves the time out.
   */
  readonly unknownSpot?: 'assume' | 'omit'
  /** kWh that block rates have counted in the running month or year, per charge. */
  readonly usedKwh?: Readonly<Record<string, number>>
  /** With percentage taxes (the default): what a kWh costs in the end. */
  readonly taxes?: boolean
  readonly sourceId?: string
}

/** Joins what touches and has the same value. */
const joined = (segments: readonly PriceSegment[]): PriceSegment[] => {
  const result: PriceSegment[] = []
  for (const segment of segments) {
    const last = result.at(-1)
    if (last && last.endMs === segment.startMs && last.value === segment.value) {
      result[result.length - 1] = { ...last, endMs: segment.endMs }
    } else result.push(segment)
  }
  return result
}

/** Sum of step functions that all tile the same range; unknown where any of them is. */
const sum = (layers: readonly PricedSpan[][], factors: readonly number[]): PriceSegment[] => {
  const at = layers.map(() => 0)
  const segments: PriceSegment[] = []
  let startMs = layers[0]?.[0]?.startMs ?? 0
  while (layers.length > 0 && at[0] < layers[0].length) {
    const spans = layers.map((layer, i) => layer[at[i]])
    const endMs = Math.min(...spans.map((span) => span.endMs))
    if (spans.every(({ price }) => price !== null)) {
      const value = spans.reduce((total, { price }, i) => total + price! * factors[i], 0)
      // Dust of adding decimals would make equal prices differ.
      segments.push({ startMs, endMs, value: Number(value.toPrecision(12)) })
    }
    for (const [i, span] of spans.entries()) if (span.endMs === endMs) at[i] += 1
    startMs = endMs
  }
  return joined(segments)
}

/** Where the series says nothing in [fromMs, toMs), the assumed value. */
const withAssumed = (
  segments: readonly PriceSegment[],
  fromMs: number,
  toMs: number,
  value: number,
): PriceSegment[] => {
  const filled: PriceSegment[] = []
  let at = fromMs
  for (let i = firstEndingAfter(segments, fromMs); i < segments.length; i++) {
    const segment = segments[i]
    if (segment.startMs >= toMs) break
    if (segment.startMs > at) filled.push({ startMs: at, endMs: segment.startMs, value })
    filled.push(segment)
    at = segment.endMs
  }
  if (at < toMs) filled.push({ startMs: at, endMs: toMs, value })
  return filled
}

/**
 * The time-weighted mean of a series per step; steps of which nothing is known are left out.
 *
 * @param segments ascending, not overlapping
 */
export const resample = (
  segments: readonly PriceSegment[],
  fromMs: number,
  toMs: number,
  stepS: number,
): PriceSegment[] => {
  const steps: PriceSegment[] = []
  let i = firstEndingAfter(segments, fromMs)
  for (let startMs = fromMs; startMs < toMs; startMs += stepS * 1000) {
    const endMs = Math.min(toMs, startMs + stepS * 1000)
    let knownMs = 0
    let weighted = 0
    while (i < segments.length && segments[i].endMs <= startMs) i += 1
    for (let k = i; k < segments.length && segments[k].startMs < endMs; k++) {
      const shared = Math.min(segments[k].endMs, endMs) - Math.max(segments[k].startMs, startMs)
      knownMs += shared
      weighted += shared * segments[k].value
    }
    if (knownMs > 0) steps.push({ startMs, endMs, value: weighted / knownMs })
  }
  return steps
}

/** The price at an instant; `null` where the series says nothing. O(log n). */
export const priceAt = (series: PriceSeries, atMs: number): number | null => {
  const segment = series.segments[firstEndingAfter(series.segments, atMs)]
  return segment && segment.startMs <= atMs ? segment.value : null
}

/**
 * What a tariff's kWh costs and earns: a series for import, and for export and carbon where the
 * tariff has them. Segments are exact: they begin and end at the instant at which a rate, a market
 * price or the clock changes. Demand charges are not in it: see `demandCharges`.
 *
 * @param fromMs inclusive
 * @param toMs exclusive
 */
export const tariffPrices = (
  tariff: Tariff,
  fromMs: number,
  toMs: number,
  options: PriceOptions = {},
): PriceSeries[] => {
  const { file } = tariff
  const known = options.spot?.segments ?? []
  const spot =
    file.spot && options.unknownSpot !== 'omit'
      ? withAssumed(known, fromMs, toMs, file.spot.assume)
      : known
  const series = (
    kind: PriceSeries['kind'],
    charges: readonly EnergyCharge[],
    taxed: boolean,
  ): PriceSeries => {
    const layers = charges.map((charge) =>
      pricedSpans(tariff, charge, fromMs, toMs, spot, options.usedKwh?.[charge.name]),
    )
    const factors = charges.map(({ name }) => (taxed ? taxFactor(file, name) : 1))
    const free = [{ startMs: fromMs, endMs: toMs, value: 0 }]
    const segments = layers.length > 0 || fromMs >= toMs ? sum(layers, factors) : free
    return {
      sourceId: options.sourceId ?? file.id,
      kind,
      currency: kind === 'carbon' ? '' : file.currency,
      segments: options.stepS ? resample(segments, fromMs, toMs, options.stepS) : segments,
    }
  }
  const taxed = options.taxes !== false
  const all = [series('import', tariff.energy, taxed)]
  if (tariff.exports.length > 0) all.push(series('export', tariff.exports, taxed))
  if (tariff.carbon) all.push(series('carbon', [tariff.carbon], false))
  return all
}
