import { localTime, type DayKind, type SiteCalendar } from './calendar.ts'
import { createStayPool, type PoolEntry, type StayPool } from './stay-pool.ts'

/** A vehicle that has left. */
export interface PastStay {
  readonly arrivedMs: number
  readonly stayMs: number
  readonly energyWh: number
  readonly stationId: string
  /** The driver's identification; `null` = nobody knows. */
  readonly userId: string | null
  /** What the driver (or the vehicle) had said; `null` = nothing. */
  readonly saidStayMs: number | null
  readonly saidEnergyWh: number | null
}

/** A vehicle that is here, or is expected. */
export type Arrival = Omit<PastStay, 'stayMs' | 'energyWh' | 'stationId'> & {
  /** `null` = any. */
  readonly stationId: string | null
}

export interface StayDefaults {
  readonly stayMs: number
  readonly energyWh: number
}

/**
 * How long vehicles stay and what they take, from those that came before: the weighted empirical
 * distribution of stays that began at a like time of day, on a like day, lately, and of which the
 * driver had said the like. What drivers say is thereby read as what people (and this driver) who
 * said so really did. Nested from the one to the many, each level as strong as its weight W:
 *
 *     F = (W_u F_user + k_u F') / (W_u + k_u)         F' = (W_s F_station + k_s F'') / (W_s + k_s)
 *     F'' = (W F_site + k F_default) / (W + k)        F_default: the driver's word, else the settings
 *
 * O(history) per new vehicle; what it gives is then asked in O(log n) (stay-pool.ts).
 */
export interface StayHistory {
  readonly learn: (stay: PastStay) => void
  readonly pool: (arrival: Arrival, defaults: StayDefaults) => StayPool
  /** Plain means, the baseline that forecasts are measured by; `null` without history. */
  readonly means: () => StayDefaults | null
  /** Stays learned since the beginning: rises whenever pools would come out differently. */
  readonly learned: () => number
  readonly snapshot: () => readonly PastStay[]
}

/** Vehicles that are remembered. */
const MOST_STAYS = 4_000
/** Forgotten at once when there are too many, so that forgetting is rare. */
const FORGET = 400
/** A longer stay is a cable that was forgotten, or a session that nobody ended. */
const MOST_STAY_MS = 7 * 86_400_000
/** A plug that did not fit says nothing about those that do. */
const LEAST_STAY_MS = 60_000

const TIME_BANDWIDTH_H = 1
const HALF_LIFE_MS = 45 * 86_400_000
/** Weight of one kind of day for another: workday, Saturday, Sunday or holiday. */
const KIND_WEIGHT: readonly (readonly [number, number, number])[] = [
  [1, 0.15, 0.15],
  [0.15, 1, 0.5],
  [0.15, 0.5, 1],
]
/** What drivers said is alike within about this part. */
const SAID_BANDWIDTH = 0.25
const SAID_STAY_FLOOR_MS = 900_000
const SAID_ENERGY_FLOOR_WH = 1_000
/** Vehicles that the next wider circle counts as. */
const USER_PRIOR = 4
const STATION_PRIOR = 4
const DEFAULT_PRIOR = 1
const LEAST_WEIGHT = 1e-3
const HOUR_MS = 3_600_000

interface Remembered extends PastStay {
  readonly hour: number
  readonly kind: DayKind
}

export const createStayHistory = (
  calendar: SiteCalendar,
  kept: readonly PastStay[] = [],
): StayHistory => {
  let stays: Remembered[] = []
  let learned = 0
  let sumStayMs = 0
  let sumEnergyWh = 0

  const learn = (stay: PastStay): void => {
    const { arrivedMs, stayMs, energyWh } = stay
    const isStay = stayMs >= LEAST_STAY_MS && stayMs <= MOST_STAY_MS
    if (!isStay || !(energyWh >= 0 && energyWh < 1e9) || !Number.isFinite(arrivedMs)) return
    const { timeMs, kind } = localTime(calendar, arrivedMs)
    const said = { saidStayMs: word(stay.saidStayMs), saidEnergyWh: word(stay.saidEnergyWh) }
    stays.push({ ...stay, ...said, hour: timeMs / HOUR_MS, kind })
    sumStayMs += stayMs
    sumEnergyWh += energyWh
    learned++
    if (stays.length <= MOST_STAYS) return
    for (const old of stays.slice(0, FORGET)) {
      sumStayMs -= old.stayMs
      sumEnergyWh -= old.energyWh
    }
    stays = stays.slice(FORGET)
  }
  for (const stay of kept) learn(stay)

  const pool = (given: Arrival, defaults: StayDefaults): StayPool => {
    const arrival = {
      ...given,
      saidStayMs: word(given.saidStayMs),
      saidEnergyWh: word(given.saidEnergyWh),
    }
    const { timeMs, kind } = localTime(calendar, arrival.arrivedMs)
    const hour = timeMs / HOUR_MS
    const likeness = (stay: Remembered): number => {
      const apart = Math.abs(stay.hour - hour)
      const hours = Math.min(apart, 24 - apart)
      if (hours > 3.5 * TIME_BANDWIDTH_H) return 0
      const ageMs = Math.max(0, arrival.arrivedMs - stay.arrivedMs)
      return (
        gauss(hours / TIME_BANDWIDTH_H) *
        KIND_WEIGHT[kind][stay.kind] *
        2 ** (-ageMs / HALF_LIFE_MS)
      )
    }
    const saidStay = (stay: Remembered): number =>
      likeness(stay) * alike(stay.saidStayMs, arrival.saidStayMs, SAID_STAY_FLOOR_MS)
    const saidEnergy = (stay: Remembered): number =>
      likeness(stay) * alike(stay.saidEnergyWh, arrival.saidEnergyWh, SAID_ENERGY_FLOOR_WH)
    const forStay = nest(stays, saidStay, arrival, defaults)
    return createStayPool(
      forStay,
      arrival.saidEnergyWh === null ? forStay : nest(stays, saidEnergy, arrival, defaults),
    )
  }

  return {
    learn,
    pool,
    means: () =>
      stays.length === 0
        ? null
        : { stayMs: sumStayMs / stays.length, energyWh: sumEnergyWh / stays.length },
    learned: () => learned,
    snapshot: () => stays.map(({ hour: _hour, kind: _kind, ...stay }) => stay),
  }
}

const gauss = (x: number): number => Math.exp(-0.5 * x * x)

/** A word that can be true: a departure before the arrival, say, is none. */
const word = (said: number | null): number | null => (said !== null && said > 0 ? said : null)

/** How much a stay of which `said` was said tells of one of which `now` is said; 1 = nothing is. */
const alike = (said: number | null, now: number | null, floor: number): number => {
  if (now === null) return 1
  if (said === null) return 0
  return gauss(Math.log((said + floor) / (now + floor)) / SAID_BANDWIDTH)
}

/** The nested weights of all stays, and of the default; their sum is 1. */
const nest = (
  stays: readonly Remembered[],
  weigh: (stay: Remembered) => number,
  arrival: Arrival,
  defaults: StayDefaults,
): PoolEntry[] => {
  const found: { stay: Remembered; weight: number }[] = []
  let userSum = 0
  let stationSum = 0
  let siteSum = 0
  for (const stay of stays) {
    const weight = weigh(stay)
    if (weight < LEAST_WEIGHT) continue
    found.push({ stay, weight })
    siteSum += weight
    if (stay.stationId === arrival.stationId) stationSum += weight
    if (arrival.userId !== null && stay.userId === arrival.userId) userSum += weight
  }
  const userPart = 1 / (userSum + USER_PRIOR)
  const stationPart = (USER_PRIOR * userPart) / (stationSum + STATION_PRIOR)
  const sitePart = (STATION_PRIOR * stationPart) / (siteSum + DEFAULT_PRIOR)
  const entries = found.map(({ stay, weight }): PoolEntry => {
    let part = sitePart
    if (stay.stationId === arrival.stationId) part += stationPart
    if (arrival.userId !== null && stay.userId === arrival.userId) part += userPart
    return { stayMs: stay.stayMs, energyWh: stay.energyWh, weight: weight * part }
  })
  entries.push({
    stayMs: arrival.saidStayMs ?? defaults.stayMs,
    energyWh: arrival.saidEnergyWh ?? defaults.energyWh,
    weight: DEFAULT_PRIOR * sitePart,
  })
  return entries
}
