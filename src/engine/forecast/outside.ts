import type { ForecastSegment, ForecastSeries } from '../../domain/forecast-series.ts'
import type { Leads } from './leads.ts'
import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'
import { createSlotRing, type RingSnapshot } from './slot-ring.ts'

/**
 * A forecast of somebody else about one PV plant, and how good it has been. A factor, learned from
 * what it said and what came, brings it to the plant (irradiance to watts, or a portal that is
 * always 10 % high); the mean square of its errors at each distance ahead says what it is worth.
 */
export interface Outside {
  readonly accept: (series: ForecastSeries) => void
  /** Part of the clear sky's power at a slot; NaN where it says nothing or its factor is unknown. */
  readonly clearness: (slot: number, clearW: number) => number
  /** Watts at a slot, likewise. */
  readonly watts: (slot: number) => number
  /** Keeps what it says now of the slots that skill is measured at. */
  readonly note: (slot: number) => void
  /** What came in daylight; `own` is what we ourselves had said, per lead. */
  readonly learn: (slot: number, powerW: number, clearW: number, own: readonly number[]) => void
  /** Its mean square error and ours on the same slots, clearness squared, per lead. */
  readonly squares: (lead: number) => { readonly theirs: number; readonly ours: number }
  readonly snapshot: () => OutsideSnapshot
  readonly restore: (snapshot: OutsideSnapshot) => void
}

export interface OutsideSnapshot {
  readonly series: ForecastSeries | null
  readonly product: number
  readonly square: number
  readonly weight: number
  readonly theirs: PlainNumbers
  readonly ours: PlainNumbers
  readonly said: readonly RingSnapshot[]
}

/** Errors are a mean over about so many daylight slots. */
const MEMORY = 500
/** So many daylight slots tell the factor of irradiance, and outweigh that of watts being 1. */
const ENOUGH = 12
const MAX_SEGMENTS = 2_000
/** Squared error that both are assumed to have at first. */
const ASSUMED_SQUARE = 0.06

export const createOutside = (leads: Leads, clock: { readonly slotMs: number }): Outside => {
  let series: ForecastSeries | null = null
  let product = 0
  let square = 0
  let weight = 0
  const theirs = new Float64Array(leads.slots.length).fill(ASSUMED_SQUARE)
  const ours = new Float64Array(leads.slots.length).fill(ASSUMED_SQUARE)
  /** What it had said of a slot, by lead. */
  const said = leads.slots.map((lead) => createSlotRing(lead + 1))

  /** Mean over the slot of what it says; NaN unless it speaks of half of the slot. */
  const valueAt = (slot: number): number => {
    if (series === null) return Number.NaN
    const startMs = slot * clock.slotMs
    const endMs = startMs + clock.slotMs
    const { segments } = series
    let sum = 0
    let coveredMs = 0
    for (let k = firstEndingAfter(segments, startMs); k < segments.length; k++) {
      const segment = segments[k]
      if (segment.startMs >= endMs) break
      const overMs = Math.min(endMs, segment.endMs) - Math.max(startMs, segment.startMs)
      sum += overMs * segment.value
      coveredMs += overMs
    }
    return coveredMs * 2 >= clock.slotMs ? sum / coveredMs : Number.NaN
  }

  /** Regression through the origin; watts are believed until the past says otherwise. */
  const factor = (): number => {
    const meanSquare = weight > 0 ? square / weight : 0
    if (series?.quantity === 'irradiance') {
      return weight >= ENOUGH && square > 0 ? product / square : Number.NaN
    }
    const prior = ENOUGH * meanSquare
    return prior > 0 ? (product + prior) / (square + prior) : 1
  }

  return {
    accept: (next) => {
      const segments = next.segments.slice(0, MAX_SEGMENTS)
      if (series !== null && series.quantity === next.quantity && segments.length > 0) {
        const kept = series.segments.filter(({ endMs }) => endMs <= segments[0].startMs)
        series = { ...next, segments: [...kept, ...segments].slice(-MAX_SEGMENTS) }
      } else series = { ...next, segments }
    },
    clearness: (slot, clearW) => {
      return clearW > 0 ? (valueAt(slot) * factor()) / clearW : Number.NaN
    },
    watts: (slot) => valueAt(slot) * factor(),
    note: (slot) => {
      leads.slots.forEach((lead, k) => said[k].put(slot + lead, valueAt(slot + lead)))
    },
    learn: (slot, powerW, clearW, own) => {
      leads.slots.forEach((_, k) => {
        const value = said[k].at(slot)
        if (Number.isNaN(value) || !(clearW > 0)) return
        const error = (value * factor() - powerW) / clearW
        const ownError = own[k] - powerW / clearW
        if (Number.isNaN(error) || Number.isNaN(ownError)) return
        theirs[k] += (Math.min(error * error, 4) - theirs[k]) / MEMORY
        ours[k] += (Math.min(ownError * ownError, 4) - ours[k]) / MEMORY
      })
      const latest = said.map((ring) => ring.at(slot)).find((value) => !Number.isNaN(value))
      if (latest === undefined) return
      const keep = 1 - 1 / MEMORY
      product = keep * product + latest * powerW
      square = keep * square + latest * latest
      weight = keep * weight + 1
    },
    squares: (lead) => {
      const { below, above, weight: part } = leads.between(lead)
      const mix = (values: Float64Array): number =>
        values[below] + part * (values[above] - values[below])
      return { theirs: mix(theirs), ours: mix(ours) }
    },
    snapshot: () => ({
      series,
      product,
      square,
      weight,
      theirs: toPlain(theirs),
      ours: toPlain(ours),
      said: said.map((ring) => ring.snapshot()),
    }),
    restore: (snapshot) => {
      ;({ series, product, square, weight } = snapshot)
      fromPlain(theirs, snapshot.theirs)
      fromPlain(ours, snapshot.ours)
      said.forEach((ring, k) => ring.restore(snapshot.said[k]))
    },
  }
}

/** Index of the first segment that ends after `atMs`. */
const firstEndingAfter = (segments: readonly ForecastSegment[], atMs: number): number => {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle].endMs > atMs) high = middle
    else low = middle + 1
  }
  return low
}
