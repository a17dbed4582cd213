import type { ForecastSeries } from '../../domain/forecast-series.ts'
import { createClearSky, type ClearSkySnapshot } from './clear-sky.ts'
import { createDeviation, type DeviationSnapshot } from './deviation.ts'
import { createLeads, isRemembered } from './leads.ts'
import type { Present } from './load.ts'
import { createOutcomes, type OutcomesSnapshot } from './outcomes.ts'
import { createOutside, type Outside, type OutsideSnapshot } from './outside.ts'
import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'
import type { SlotClock } from './slot-clock.ts'
import { createSlotRing, type RingSnapshot } from './slot-ring.ts'

/**
 * What a PV plant will give. Its power is split into what a clear sky would give at that time of
 * day (clear-sky.ts) and the clearness, 0 to about 1, of which the usual at that time of day, the
 * present deviation (deviation.ts) and the forecasts of others (outside.ts) say what to expect:
 *
 *     own(t) = usual(t) + deviation(t | now)
 *     x(t) = (own + sum w_i outside_i) / (1 + sum w_i)          w_i = own mse / mse_i at this lead
 *     Q(q, t) = clear(t) * quantile q of what came when about x(t) was expected     (outcomes.ts)
 *
 * Skies are either clear or not: the quantiles come from what really followed such expectations,
 * not from a bell curve. O(leads) per slot; O(remembered pairs) per forecast, for few plants.
 */
export interface PvForecast {
  /** Mean power of a finished slot, watts given. Slots ascend; NaN or left out = not measured. */
  readonly learn: (slot: number, powerW: number) => void
  readonly accept: (series: ForecastSeries) => void
  /** `quantile` of the mean power of the slot `target`, watts given, >= 0. */
  readonly at: (present: Present, target: number, quantile: number) => number
  readonly snapshot: () => PvSnapshot
}

export interface PvSnapshot {
  readonly sky: ClearSkySnapshot
  readonly usual: PlainNumbers
  readonly deviation: DeviationSnapshot
  readonly own: readonly RingSnapshot[]
  readonly blended: readonly RingSnapshot[]
  readonly outcomes: readonly OutcomesSnapshot[]
  readonly outsides: readonly (readonly [sourceId: string, snapshot: OutsideSnapshot])[]
}

/** Seven weeks of daylight. */
const REMEMBERED = 600
const REMEMBER_EVERY_HOURS = 1.5
/** Expectations that differ by this much in clearness still tell of one another. */
const BANDWIDTH = 0.07
const ASSUMED_SIGMA = 0.25
/** The sky holds for hours: errors are what is alike soon, outcomes later. */
const ANCHOR_HOURS = 4
const USUAL_WEIGHT = 0.07
const USUAL_AT_FIRST = 0.8
/** Edges of clouds give more than a clear sky, for a while. */
const MOST_CLEARNESS = 1.3
const MAX_SOURCES = 4
const MOST_W = 1e12

export const createPvForecast = (clock: SlotClock, kept?: PvSnapshot): PvForecast => {
  const { slotsPerDay } = clock
  const leads = createLeads(slotsPerDay)
  const sky = createClearSky(slotsPerDay)
  const usual = new Float64Array(slotsPerDay).fill(USUAL_AT_FIRST)
  const deviation = createDeviation(leads, slotsPerDay)
  const ring = (lead: number) => createSlotRing(lead + 1)
  /** What was expected of a slot, by lead: by us alone, and together with others. */
  const own = leads.slots.map(ring)
  const blended = leads.slots.map(ring)
  const outcomes = leads.slots.map((lead) =>
    createOutcomes({
      size: REMEMBERED,
      bandwidth: BANDWIDTH,
      anchor: Math.exp((-lead * 24) / slotsPerDay / ANCHOR_HOURS),
      assumed: ASSUMED_SIGMA,
    }),
  )
  const outsides = new Map<string, Outside>()
  if (kept) restore(kept)

  const timeOf = (slot: number): number => ((slot % slotsPerDay) + slotsPerDay) % slotsPerDay
  const clearnessOf = (powerW: number, slot: number): number =>
    clamp(powerW / sky.at(slot), 0, MOST_CLEARNESS)

  const ownAt = (target: number, lead: number, now?: number): number =>
    usual[timeOf(target)] + deviation.expected(target, lead, now)

  const blend = (ownClearness: number, target: number, lead: number): number => {
    let sum = ownClearness
    let weights = 1
    for (const outside of outsides.values()) {
      const clearness = outside.clearness(target, sky.at(target))
      if (Number.isNaN(clearness)) continue
      const { theirs, ours } = outside.squares(lead)
      const weight = ours / Math.max(theirs, 1e-6)
      sum += weight * clamp(clearness, 0, MOST_CLEARNESS)
      weights += weight
    }
    return sum / weights
  }

  const learnDaylight = (slot: number, powerW: number): void => {
    const clearness = clearnessOf(powerW, slot)
    if (isRemembered(slot, slotsPerDay, REMEMBER_EVERY_HOURS)) {
      blended.forEach((said, k) => {
        const expected = said.at(slot)
        if (!Number.isNaN(expected)) outcomes[k].add(expected, clearness)
      })
    }
    const ownSaid = own.map((said) => said.at(slot))
    for (const outside of outsides.values()) outside.learn(slot, powerW, sky.at(slot), ownSaid)
    const time = timeOf(slot)
    deviation.push(slot, clearness - usual[time])
    usual[time] += USUAL_WEIGHT * (clearness - usual[time])
  }

  const foresee = (slot: number): void => {
    leads.slots.forEach((lead, k) => {
      const target = slot + lead
      const alone = sky.isDay(target) ? ownAt(target, lead) : Number.NaN
      own[k].put(target, alone)
      blended[k].put(target, blend(alone, target, lead))
    })
    for (const outside of outsides.values()) outside.note(slot)
  }

  const quantileOf = (expected: number, lead: number, quantile: number): number => {
    const { below, above, weight } = leads.between(lead)
    const low = outcomes[below].quantile(expected, quantile)
    const high = outcomes[above].quantile(expected, quantile)
    // In this form rounding cannot make quantiles cross.
    return (1 - weight) * low + weight * high
  }

  /** Before the plant has shown what it can: what others say, else what it gives now. */
  const unknown = (target: number, present: Present): number => {
    for (const outside of outsides.values()) {
      const watts = outside.watts(target)
      if (!Number.isNaN(watts)) return watts
    }
    return Math.max(0, present.value)
  }

  const deviationNow = ({ slot, mean, part }: Present): number | undefined => {
    const before = deviation.at(slot - 1)
    if (Number.isNaN(mean) || !sky.isDay(slot)) return before
    const running = clearnessOf(mean, slot) - usual[timeOf(slot)]
    return Number.isNaN(before) ? running : part * running + (1 - part) * before
  }

  return {
    learn: (slot, powerW) => {
      if (!(Math.abs(powerW) < MOST_W)) {
        deviation.push(slot, Number.NaN)
        return
      }
      const givenW = Math.max(0, powerW)
      if (sky.isDay(slot)) learnDaylight(slot, givenW)
      else deviation.push(slot, Number.NaN)
      sky.learn(slot, givenW)
      foresee(slot)
    },

    accept: (series) => {
      let outside = outsides.get(series.sourceId)
      if (!outside) {
        if (outsides.size >= MAX_SOURCES) return
        outside = createOutside(leads, clock)
        outsides.set(series.sourceId, outside)
      }
      outside.accept(series)
    },

    at: (present, target, quantile) => {
      if (sky.peak() === 0) return unknown(target, present)
      const clearW = sky.at(Math.max(target, present.slot))
      if (clearW === 0) return 0
      const lead = Math.max(1, target - present.slot + 1 - present.part)
      const isNow =
        target < present.slot || (target === present.slot && !Number.isNaN(present.mean))
      if (isNow) {
        const clearness = clearnessOf(Math.max(0, present.value), present.slot)
        const off = quantileOf(clearness, lead, quantile) - quantileOf(clearness, lead, 0.5)
        return Math.max(0, present.value + clearW * off)
      }
      const expected = blend(ownAt(target, lead, deviationNow(present)), target, lead)
      return clearW * clamp(quantileOf(expected, lead, quantile), 0, MOST_CLEARNESS)
    },

    snapshot: () => ({
      sky: sky.snapshot(),
      usual: toPlain(usual),
      deviation: deviation.snapshot(),
      own: own.map((one) => one.snapshot()),
      blended: blended.map((one) => one.snapshot()),
      outcomes: outcomes.map((one) => one.snapshot()),
      outsides: [...outsides].map(([id, one]) => [id, one.snapshot()] as const),
    }),
  }

  function restore(from: PvSnapshot): void {
    sky.restore(from.sky)
    fromPlain(usual, from.usual)
    deviation.restore(from.deviation)
    own.forEach((one, k) => one.restore(from.own[k]))
    blended.forEach((one, k) => one.restore(from.blended[k]))
    outcomes.forEach((one, k) => one.restore(from.outcomes[k]))
    for (const [id, snapshot] of from.outsides) {
      const outside = createOutside(leads, clock)
      outside.restore(snapshot)
      outsides.set(id, outside)
    }
  }
}

const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(most, value))
