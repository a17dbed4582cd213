/**
 * What a load will do, from what it did: the mean of its time of the week, corrected by how far off
 * that mean is now, a correction that fades within hours. Without history the load stays as it is.
 *
 *   forecast(t) = mean(slot(t)) + (value(now) - mean(slot(now))) * exp(-(t - now) / fade)
 *
 * The mean is exponentially weighted (a quarter of each new week), so it follows the seasons.
 */
export interface WeeklyProfile {
  /** Adds the average over one slot. */
  learn(slot: number, value: number): void
  /** The mean of a slot; `null` before anything is known of it. */
  mean(slot: number): number | null
}

export const SLOT_S = 900
export const SLOTS_PER_WEEK = (7 * 24 * 3600) / SLOT_S

const NEW_WEIGHT = 0.25

export const createWeeklyProfile = (): WeeklyProfile => {
  const means = new Float64Array(SLOTS_PER_WEEK).fill(Number.NaN)
  return {
    learn: (slot, value) => {
      means[slot] = Number.isNaN(means[slot])
        ? value
        : means[slot] + NEW_WEIGHT * (value - means[slot])
    },
    mean: (slot) => (Number.isNaN(means[slot]) ? null : means[slot]),
  }
}

/**
 * @param slotOf slot of the week, in local time, at an instant
 * @param fadeMs time in which the present deviation shrinks to a third
 */
export const forecastAt = (
  profile: WeeklyProfile,
  nowValue: number,
  nowMs: number,
  atMs: number,
  slotOf: (atMs: number) => number,
  fadeMs: number,
): number => {
  const then = profile.mean(slotOf(atMs))
  if (then === null) return nowValue
  const now = profile.mean(slotOf(nowMs)) ?? nowValue
  return then + (nowValue - now) * Math.exp(-Math.max(0, atMs - nowMs) / fadeMs)
}
