import { DAY_KINDS, type DayKind } from './calendar.ts'
import { fromPlain, toPlain, type PlainNumbers } from './plain.ts'

/** Where in the week something happens. */
export interface WeekPlace {
  readonly kind: DayKind
  /** 0 = Monday .. 6 = Sunday. */
  readonly weekday: number
  /** Slot of the day by the local clock. */
  readonly slot: number
}

/**
 * What is usual at a time of the week, in two layers, so that five workdays teach one another and a
 * Monday may still differ:
 *
 *     usual(place) = mean[kind, slot] + own[weekday, slot]        (own: workdays only)
 *
 * Both are means with forgetting (a quarter of each new Sunday, less of each new workday: the
 * seasons are followed within weeks). A value further off than `clip` times the usual distance
 * moves them only by that much, so that one wrong day leaves little behind, and a lasting change is
 * still learned. O(1) per value; 3 x 96 x 3 + 5 x 96 numbers for quarter hours.
 */
export interface WeekProfile {
  readonly learn: (place: WeekPlace, value: number) => void
  /** NaN before anything is known of the time of day. */
  readonly usual: (place: WeekPlace) => number
  /** Usual distance of a value from `usual`, > 0 once something is known. */
  readonly spread: (place: WeekPlace) => number
  readonly snapshot: () => ProfileSnapshot
  readonly restore: (snapshot: ProfileSnapshot) => void
}

export interface ProfileSnapshot {
  readonly mean: PlainNumbers
  readonly count: PlainNumbers
  readonly own: PlainNumbers
  readonly distance: PlainNumbers
}

export interface ProfileSettings {
  readonly slotsPerDay: number
  /** Part of a new value in the mean of workdays, and of Saturdays and Sundays. */
  readonly workWeight: number
  readonly restWeight: number
  /** Part of what is left after that in the own layer of the weekday. */
  readonly ownWeight: number
  /** A value moves the means by at most so many usual distances. */
  readonly clip: number
}

const WORKDAYS = 5
const DISTANCE_WEIGHT = 0.1
/** The own layer falls back to nothing by this part of each step: it must keep earning its place. */
const OWN_LEAK = 0.2

export const createWeekProfile = (settings: ProfileSettings): WeekProfile => {
  const { slotsPerDay } = settings
  const mean = new Float64Array(DAY_KINDS * slotsPerDay).fill(Number.NaN)
  const count = new Float64Array(DAY_KINDS * slotsPerDay)
  const own = new Float64Array(WORKDAYS * slotsPerDay)
  const distance = new Float64Array(DAY_KINDS * slotsPerDay).fill(Number.NaN)

  const ownAt = ({ kind, weekday, slot }: WeekPlace): number =>
    kind === 0 ? weekday * slotsPerDay + slot : -1

  /** The mean of the kind of day, else of the kind that is most like it. */
  const meanOf = (kind: DayKind, slot: number): number => {
    const same = mean[kind * slotsPerDay + slot]
    if (!Number.isNaN(same)) return same
    const next = mean[(kind === 2 ? 1 : 2) * slotsPerDay + slot]
    if (kind !== 0 && !Number.isNaN(next)) return next
    const work = mean[slot]
    return Number.isNaN(work) ? next : work
  }

  const usual = (place: WeekPlace): number => {
    const k = ownAt(place)
    return meanOf(place.kind, place.slot) + (k < 0 ? 0 : own[k])
  }

  const spread = ({ kind, slot }: WeekPlace): number => {
    // Neighbours smooth it: with a few weeks of history each slot knows little by itself.
    let sum = 0
    let weight = 0
    for (let d = -2; d <= 2; d++) {
      const s = (slot + d + slotsPerDay) % slotsPerDay
      const value = distance[kind * slotsPerDay + s]
      if (Number.isNaN(value)) continue
      const w = 3 - Math.abs(d)
      sum += w * value
      weight += w
    }
    return weight > 0 ? sum / weight : Number.NaN
  }

  return {
    learn: (place, value) => {
      const { kind, slot } = place
      const k = kind * slotsPerDay + slot
      const o = ownAt(place)
      const before = usual(place)
      const seen = count[k]
      count[k] = Math.min(seen + 1, 1e6)
      if (Number.isNaN(mean[k])) {
        if (!Number.isNaN(before)) distance[k] = Math.abs(value - before)
        mean[k] = value
        return
      }
      const usually = spread(place)
      const off = value - before
      const most = seen >= 3 && usually > 0 ? settings.clip * usually : Infinity
      const step = Math.max(-most, Math.min(most, off))
      const weight = Math.max(
        kind === 0 ? settings.workWeight : settings.restWeight,
        1 / (seen + 1),
      )
      mean[k] += weight * step
      if (o >= 0) own[o] += settings.ownWeight * (step * (1 - weight) - own[o] * OWN_LEAK)
      const d = Math.min(Math.abs(off), most * 1.5)
      distance[k] = Number.isNaN(distance[k])
        ? d
        : distance[k] + Math.max(DISTANCE_WEIGHT, 1 / (seen + 1)) * (d - distance[k])
    },
    usual,
    spread,
    snapshot: () => ({
      mean: toPlain(mean),
      count: toPlain(count),
      own: toPlain(own),
      distance: toPlain(distance),
    }),
    restore: (snapshot) => {
      fromPlain(mean, snapshot.mean)
      fromPlain(count, snapshot.count)
      fromPlain(own, snapshot.own)
      fromPlain(distance, snapshot.distance)
    },
  }
}
