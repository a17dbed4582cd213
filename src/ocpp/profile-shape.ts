import type {
  ChargingProfile,
  ChargingSchedule,
  CompositeSchedule,
} from '../domain/charging-profile.ts'
import type { ProfileCapability } from '../domain/evse-state.ts'

/** Longest time that we plan ahead on a station: a schedule has seconds in 32 bits. */
const MAX_S = 2 ** 31 - 1

/**
 * Brings a profile within what the station takes: its stack level, and limits rounded down to whole
 * steps (OCPP 1.6 allows one decimal, production stacks refuse 6.1). `clockSkewMs`: the station's
 * time less ours; times are given in its time, lest a fast clock ends a profile before it begins.
 */
export const shapeProfile = (
  profile: ChargingProfile,
  capability: ProfileCapability,
  clockSkewMs: number,
): ChargingProfile => ({
  ...profile,
  stackLevel: Math.min(profile.stackLevel, capability.maxStackLevel),
  validToMs: profile.validToMs === null ? null : profile.validToMs + clockSkewMs,
  schedule: {
    ...timed(profile.schedule, capability, clockSkewMs),
    periods: profile.schedule.periods.map(({ startS, limit }) => ({
      startS,
      limit: stepDown(limit, profile.schedule.unit === 'A' ? capability.stepA : capability.stepW),
    })),
  },
})

/**
 * A station that refuses what counts from the start of the transaction gets it from a day on that no
 * clock has not seen.
 */
const timed = (
  { isRelative, ...schedule }: ChargingSchedule,
  { refusesRelative }: ProfileCapability,
  clockSkewMs: number,
): ChargingSchedule => {
  if (!isRelative) return { ...schedule, startMs: schedule.startMs + clockSkewMs }
  return refusesRelative ? { ...schedule, startMs: 0 } : { ...schedule, isRelative }
}

/** The largest multiple of `step` that is not above; never below 0. One decimal at most. */
export const stepDown = (limit: number, step: number): number =>
  Math.max(0, Math.round(Math.floor(limit / step + 1e-9) * step * 10) / 10)

/** What is wrong with a profile whatever the version; `null` = nothing. */
export const profileFault = (profile: ChargingProfile): string | null => {
  const { periods, durationS } = profile.schedule
  if (periods.length === 0 || periods[0].startS !== 0) {
    return 'the first period of a charging schedule must start at 0'
  }
  for (let k = 1; k < periods.length; k++) {
    if (periods[k].startS <= periods[k - 1].startS) return 'periods must ascend'
  }
  if (periods.some(({ limit }) => !(limit >= 0))) return 'limits must be numbers from 0 up'
  if (durationS !== null && !(durationS > 0 && durationS <= MAX_S)) {
    return 'the duration of a charging schedule must be above 0'
  }
  return null
}

/** The same limits in the other unit: watts in total, amperes per conductor. */
export const convertUnit = (
  schedule: ChargingSchedule,
  unit: 'A' | 'W',
  wattsPerAmp: number,
): ChargingSchedule => {
  if (schedule.unit === unit) return schedule
  const factor = unit === 'W' ? wattsPerAmp : 1 / wattsPerAmp
  return {
    ...schedule,
    unit,
    periods: schedule.periods.map(({ startS, limit }) => ({ startS, limit: limit * factor })),
  }
}

/** A composite schedule as stations write it: "no limit" is -1 (MicroOcpp) or an empty list. */
export const readComposite = (
  startMs: number | null,
  unit: 'A' | 'W',
  periods: readonly { readonly startPeriod: number; readonly limit: number }[],
): CompositeSchedule => ({
  startMs,
  unit,
  periods: periods.map(({ startPeriod, limit }) => ({
    startS: startPeriod,
    limit: limit < 0 ? Infinity : limit,
  })),
})

/**
 * Time stamps passed their schema; what is none all the same counts as not said. (The parser of the
 * engine reads "0" as the year 2000, so the form is looked at before.)
 */
export const readTime = (text: string | undefined): number | null => {
  if (text === undefined || text[4] !== '-' || text[10] !== 'T') return null
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? null : atMs
}
