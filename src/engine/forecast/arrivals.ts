import { DAY_MS, type SiteCalendar } from './calendar.ts'
import { createSlotClock } from './slot-clock.ts'
import { normalQuantile } from './weighted.ts'
import { createWeekProfile, type ProfileSnapshot } from './week-profile.ts'

/**
 * How many vehicles will come in each hour: the mean of that hour of the week (week-profile.ts).
 * Whole arrivals follow a Poisson law about it. How today has gone so far says little about the
 * rest of it: a correction by it made the forecasts of the recorded sites worse. O(1) per hour.
 */
export interface ArrivalForecast {
  /** A vehicle came. Times ascend; one before the present hour is not counted any more. */
  readonly arrived: (atMs: number) => void
  /** Time goes on: the hour that is over is learned. Hours without any call are not. */
  readonly advance: (nowMs: number) => void
  /** Expected arrivals in the part of [fromMs, toMs) that is still to come. */
  readonly expected: (nowMs: number, fromMs: number, toMs: number) => number
  readonly snapshot: () => ArrivalSnapshot
}

export interface ArrivalSnapshot {
  readonly profile: ProfileSnapshot
  readonly hour: number | null
  readonly count: number
}

const HOUR_MS = 3_600_000
/** Most hours have no arrival: nothing may be clipped, or rare arrivals would count for less. */
const PROFILE = {
  slotsPerDay: 24,
  workWeight: 0.1,
  restWeight: 0.2,
  ownWeight: 0.1,
  clip: Infinity,
}

export const createArrivalForecast = (
  calendar: SiteCalendar,
  kept?: ArrivalSnapshot,
): ArrivalForecast => {
  const clock = createSlotClock(calendar, HOUR_MS)
  const profile = createWeekProfile(PROFILE)
  /** The present hour and what has come in it. */
  let hour = kept?.hour ?? Number.NaN
  let count = kept?.count ?? 0
  if (kept) profile.restore(kept.profile)

  const usualAt = (slot: number): number => {
    const value = profile.usual(clock.place(slot))
    return Number.isNaN(value) ? 0 : Math.max(0, value)
  }

  return {
    arrived: (atMs) => {
      if (clock.slotAt(atMs) === hour) count++
    },
    advance: (nowMs) => {
      const now = clock.slotAt(nowMs)
      if (now === hour) return
      if (now === hour + 1) profile.learn(clock.place(hour), count)
      count = 0
      hour = now
    },
    expected: (nowMs, fromMs, toMs) => {
      let sum = 0
      const beginMs = Math.max(fromMs, nowMs)
      for (let slot = clock.slotAt(beginMs); slot * HOUR_MS < toMs; slot++) {
        const overMs = Math.min(toMs, (slot + 1) * HOUR_MS) - Math.max(beginMs, slot * HOUR_MS)
        sum += (usualAt(slot) * overMs) / HOUR_MS
      }
      return sum
    },
    snapshot: () => ({
      profile: profile.snapshot(),
      hour: Number.isNaN(hour) ? null : hour,
      count,
    }),
  }
}

/** A stretch without any arrival that is longer than this was an outage, not an empty site. */
const OUTAGE_MS = 4 * DAY_MS

/** Feeds arrivals of the past, ascending, and the quiet hours between them and up to `untilMs`. */
export const replayArrivals = (
  forecast: ArrivalForecast,
  arrivedMs: readonly number[],
  untilMs: number,
): void => {
  let lastMs = arrivedMs[0] ?? untilMs
  const goTo = (atMs: number): void => {
    if (atMs - lastMs <= OUTAGE_MS) {
      for (let hourMs = lastMs + HOUR_MS; hourMs < atMs; hourMs += HOUR_MS) forecast.advance(hourMs)
    }
    forecast.advance(atMs)
    lastMs = atMs
  }
  for (const atMs of arrivedMs) {
    goTo(atMs)
    forecast.arrived(atMs)
  }
  goTo(untilMs)
}

/** From here on the Poisson law is a normal one. */
const MANY = 100

/** Smallest count that is not exceeded with probability `q` at this mean. */
export const poissonQuantile = (mean: number, q: number): number => {
  if (mean > MANY) return Math.max(0, Math.round(mean + normalQuantile(q) * Math.sqrt(mean)))
  let probability = Math.exp(-mean)
  let sum = probability
  let count = 0
  while (sum < q && count < 10 * mean + 20) {
    count++
    probability *= mean / count
    sum += probability
  }
  return count
}
