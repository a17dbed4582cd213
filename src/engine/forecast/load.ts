import { createDeviation, type DeviationSnapshot } from './deviation.ts'
import { createLeads, isRemembered } from './leads.ts'
import { createOutcomes, type OutcomesSnapshot } from './outcomes.ts'
import type { SlotClock } from './slot-clock.ts'
import { createSlotRing, type RingSnapshot } from './slot-ring.ts'
import { createWeekProfile, type ProfileSnapshot } from './week-profile.ts'

/**
 * What a load will draw, from what it drew:
 *
 *     Q(q, t) = usual(t) + deviation(t | now) + spread(t) z(q, lead)
 *
 * `usual` is the mean of the time of the week (week-profile.ts), `deviation` what is left of the
 * present distance from it (deviation.ts), `z` the quantile of earlier errors of this very formula
 * at the same distance ahead, in units of the usual distance at that time of the week
 * (outcomes.ts). Any unit; rows of amperes and of watts are models of their own. About 55 kB per
 * row at quarter hours; O(leads) per slot, O(1) per forecast.
 */
export interface LoadForecast {
  /** The mean of a finished slot. Slots ascend; NaN or left out = nothing was measured. */
  readonly learn: (slot: number, value: number) => void
  /** `quantile` of the mean of the slot `target`, seen from `present`. Always finite. */
  readonly at: (present: Present, target: number, quantile: number) => number
  readonly snapshot: () => LoadSnapshot
}

/** The running slot. */
export interface Present {
  readonly slot: number
  /** What is measured at this moment. */
  readonly value: number
  /** Mean of the slot so far; NaN = nothing yet. */
  readonly mean: number
  /** Part of the slot that is over, 0..1. */
  readonly part: number
}

export interface LoadSnapshot {
  readonly profile: ProfileSnapshot
  readonly deviation: DeviationSnapshot
  readonly pending: readonly RingSnapshot[]
  readonly outcomes: readonly OutcomesSnapshot[]
  readonly size: number
}

const PROFILE = { workWeight: 0.15, restWeight: 0.25, ownWeight: 0.1, clip: 5 }
/** Three weeks of errors. */
const REMEMBERED = 400
const REMEMBER_EVERY_HOURS = 1.25
/** Mean distance to standard deviation of a normal distribution. */
const SIGMAS_PER_DISTANCE = 1.25
/** Where no distance is known yet, this part of the value. */
const UNKNOWN_SPREAD = 0.1
/** The least distance, as a part of the usual size of the load: nothing is known to the last watt. */
const LEAST_SPREAD = 0.02
const MOST_SPREADS = 25
/** Anything larger is no measurement. */
const MOST = 1e12

/**
 * @param kept goes on where the snapshot was taken
 * @throws RangeError when the snapshot is of slots of another length
 */
export const createLoadForecast = (clock: SlotClock, kept?: LoadSnapshot): LoadForecast => {
  const { slotsPerDay, place } = clock
  const leads = createLeads(slotsPerDay)
  const profile = createWeekProfile({ ...PROFILE, slotsPerDay })
  const deviation = createDeviation(leads, slotsPerDay)
  const pending = leads.slots.map((lead) => createSlotRing(lead + 1))
  const outcomes = leads.slots.map(() =>
    createOutcomes({
      size: REMEMBERED,
      bandwidth: Infinity,
      anchor: 1,
      assumed: SIGMAS_PER_DISTANCE,
    }),
  )
  const sizeWeight = 1 / (14 * slotsPerDay)

  /** Mean of the absolute value over weeks. */
  let size = 0

  if (kept) {
    profile.restore(kept.profile)
    deviation.restore(kept.deviation)
    pending.forEach((ring, k) => ring.restore(kept.pending[k]))
    outcomes.forEach((one, k) => one.restore(kept.outcomes[k]))
    size = kept.size
  }

  const spreadAt = (slot: number, value: number): number => {
    const spread = profile.spread(place(slot))
    const usual = Number.isNaN(spread) ? UNKNOWN_SPREAD * Math.abs(value) : spread
    return Math.max(usual, LEAST_SPREAD * size)
  }

  const remember = (slot: number, value: number): void => {
    const spread = spreadAt(slot, value)
    pending.forEach((ring, k) => {
      const spreads = (value - ring.at(slot)) / spread
      if (Number.isNaN(spreads)) return
      outcomes[k].add(0, Math.max(-MOST_SPREADS, Math.min(MOST_SPREADS, spreads)))
    })
  }

  const foresee = (slot: number): void => {
    leads.slots.forEach((lead, k) => {
      const usual = profile.usual(place(slot + lead))
      pending[k].put(slot + lead, usual + deviation.expected(slot + lead, lead))
    })
  }

  const errorAt = (lead: number, quantile: number): number => {
    const { below, above, weight } = leads.between(lead)
    const low = outcomes[below].quantile(0, quantile)
    const high = outcomes[above].quantile(0, quantile)
    // In this form rounding cannot make quantiles cross.
    return (1 - weight) * low + weight * high
  }

  /** The deviation of the last slot and, as it fills, of the running one. */
  const deviationNow = ({ slot, mean, part }: Present): number | undefined => {
    const running = mean - profile.usual(place(slot))
    const before = deviation.at(slot - 1)
    if (Number.isNaN(running)) return Number.isNaN(before) ? undefined : before
    return Number.isNaN(before) ? running : part * running + (1 - part) * before
  }

  return {
    learn: (slot, value) => {
      if (!(Math.abs(value) < MOST)) {
        deviation.push(slot, Number.NaN)
        return
      }
      if (isRemembered(slot, slotsPerDay, REMEMBER_EVERY_HOURS)) remember(slot, value)
      const where = place(slot)
      deviation.push(slot, value - profile.usual(where))
      profile.learn(where, value)
      size += (size === 0 ? 1 : sizeWeight) * (Math.abs(value) - size)
      foresee(slot)
    },

    at: (present, target, quantile) => {
      const isNow =
        target < present.slot || (target === present.slot && !Number.isNaN(present.mean))
      const usual = isNow ? Number.NaN : profile.usual(place(target))
      // Errors were counted from the end of a slot; this moment is nearer by the part that is over.
      const lead = Math.max(1, target - present.slot + 1 - present.part)
      if (Number.isNaN(usual)) {
        const spread = spreadAt(Math.max(target, present.slot), present.value)
        return present.value + spread * (errorAt(lead, quantile) - errorAt(lead, 0.5))
      }
      const middle = usual + deviation.expected(target, lead, deviationNow(present))
      return middle + spreadAt(target, middle) * errorAt(lead, quantile)
    },

    snapshot: () => ({
      profile: profile.snapshot(),
      deviation: deviation.snapshot(),
      pending: pending.map((ring) => ring.snapshot()),
      outcomes: outcomes.map((one) => one.snapshot()),
      size,
    }),
  }
}
