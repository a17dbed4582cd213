import type { Random } from '../ports/random.ts'
import { between, pick } from './random.ts'
import type { VehicleTraits } from './vehicle.ts'
import { VEHICLE_MODELS, type VehicleModel } from './vehicle-models.ts'

/** Where the chargers are: decides when people come, how long they stay and what they need. */
export const PLACES = ['home', 'public', 'workplace'] as const
export type Place = (typeof PLACES)[number]

interface Habits {
  /** Weight of an arrival in each hour of the day, weekday and weekend. */
  readonly weekday: readonly number[]
  readonly weekend: readonly number[]
  /** Hours connected, and kWh taken, at 0, 10, 20, ... 100 % of all visits, ascending. */
  readonly stayH: readonly number[]
  readonly energyKwh: readonly number[]
}

/**
 * Rounded figures of ours that follow the published ElaadNL open data on charging in the
 * Netherlands (elaad.nl; the tables that EV2Gym uses, 2020-2023). Tails are cut at what happens
 * once in a hundred visits.
 */
const HABITS: Record<Place, Habits> = {
  home: {
    weekday: [2, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 6, 12, 17, 12, 9, 9, 9, 6],
    weekend: [4, 2, 1, 0, 0, 0, 0, 0, 1, 2, 3, 5, 6, 6, 6, 7, 9, 10, 8, 7, 7, 6, 6, 4],
    stayH: [0.3, 1.5, 3, 6.5, 9.5, 11, 12.5, 14, 16, 20, 48],
    energyKwh: [0.5, 3, 7, 10, 15, 19, 25, 32, 40, 51, 70],
  },
  public: {
    weekday: [1, 0, 0, 0, 0, 0, 1, 3, 8, 8, 5, 5, 5, 5, 5, 5, 6, 8, 11, 8, 5, 4, 3, 2],
    weekend: [2, 1, 1, 0, 0, 0, 0, 1, 2, 4, 6, 7, 8, 8, 8, 8, 8, 8, 7, 6, 5, 4, 3, 2],
    stayH: [0.3, 0.6, 1.3, 2, 3, 4.5, 7.5, 10.5, 13.5, 17, 40],
    energyKwh: [0.5, 1.6, 3.5, 5, 6, 7, 9, 11, 17, 29, 60],
  },
  workplace: {
    weekday: [0, 0, 0, 0, 0, 1, 4, 14, 27, 18, 8, 5, 5, 5, 4, 3, 2, 1, 1, 1, 0, 0, 0, 0],
    weekend: [0, 0, 0, 0, 0, 1, 2, 5, 9, 10, 10, 9, 9, 9, 9, 8, 7, 5, 3, 2, 1, 1, 0, 0],
    stayH: [0.3, 1.2, 2, 3, 4, 5, 6.5, 8, 9, 10, 14],
    energyKwh: [0.5, 2.7, 4.7, 6, 7.5, 9, 11, 14, 19, 26, 48],
  },
}

/** One visit of one vehicle. Energy at the meter of the EVSE. */
export interface Visit {
  readonly arrivalMs: number
  readonly departureMs: number
  readonly wantedWh: number
  readonly model: VehicleModel
  /** Everything but the state of charge, which follows from the need. */
  readonly traits: Omit<VehicleTraits, 'soc'>
  readonly idToken: string
  /** The driver says how much is needed and when the vehicle leaves. */
  readonly tellsNeed: boolean
  /** Between plugging in and showing the card. */
  readonly authorizeAfterS: number
  /** Chooses among the free EVSEs, 0..1. */
  readonly choice: number
  /** Ends the transaction with the card; the others just pull the plug. */
  readonly endsWithCard: boolean
}

export interface VisitOptions {
  readonly place: Place
  /** Share of drivers (0..1) who tell their need. */
  readonly tellNeed: number
  /** Model ids and weights; empty = the usual mix. */
  readonly mix: Readonly<Record<string, number>>
  /** Cards that drivers carry; empty = each has one of its own (`SIM` and nine digits). */
  readonly idTokens: readonly string[]
}

const quantile = (table: readonly number[], u: number): number => {
  const x = u * (table.length - 1)
  const below = Math.min(Math.floor(x), table.length - 2)
  return table[below] + (table[below + 1] - table[below]) * (x - below)
}

const models = (mix: VisitOptions['mix']): readonly VehicleModel[] =>
  VEHICLE_MODELS.filter((model) => Object.keys(mix).length === 0 || model.id in mix)

const traits = (random: Random): Visit['traits'] => ({
  targetSoc: pick(random, [0.8, 0.9, 1], (soc) => (soc === 0.8 ? 4 : 3)),
  // One car in eight is set to draw less than it could.
  ownLimitA: random.next() < 0.125 ? Math.round(between(random, 8, 14)) : Infinity,
  follows: between(random, 0.96, 1),
  downDelayS: between(random, 0.5, 3),
  upDelayS: between(random, 1, 4),
  upAPerS: between(random, 1, 5),
  sleepAfterS: random.next() < 0.3 ? between(random, 600, 1800) : Infinity,
  wakeS: between(random, 5, 40),
})

const drawToken = (random: Random, idTokens: readonly string[]): string => {
  const draw = random.next()
  return idTokens.length > 0
    ? idTokens[Math.floor(draw * idTokens.length)]
    : `SIM${String(Math.floor(draw * 1e9)).padStart(9, '0')}`
}

/** One visit that begins at `arrivalMs`. The stay and the need are drawn alike, so they correlate. */
export const drawVisit = (random: Random, options: VisitOptions, arrivalMs: number): Visit => {
  const { place, mix } = options
  const habits = HABITS[place]
  const model = pick(random, models(mix), ({ id, weight }) => mix[id] ?? weight)
  const length = random.next()
  const stayH = quantile(habits.stayH, length)
  const wantedKwh = quantile(habits.energyKwh, 0.6 * random.next() + 0.4 * length)
  return {
    arrivalMs,
    departureMs: arrivalMs + stayH * 3_600_000,
    wantedWh: Math.min(wantedKwh, 0.85 * model.batteryKwh) * 1000,
    model,
    traits: traits(random),
    idToken: drawToken(random, options.idTokens),
    tellsNeed: random.next() < options.tellNeed,
    authorizeAfterS: between(random, 3, 12),
    choice: random.next(),
    endsWithCard: random.next() < 0.4,
  }
}

/** Visits that begin on one local day (`dayStartMs` = its midnight), by time of arrival. */
export const visitsOfDay = (
  random: Random,
  options: VisitOptions,
  dayStartMs: number,
  weekend: boolean,
  count: number,
): readonly Visit[] => {
  const weights = HABITS[options.place][weekend ? 'weekend' : 'weekday']
  const hours = weights.map((weight, hour) => ({ weight, hour }))
  return Array.from({ length: count }, () => {
    const { hour } = pick(random, hours, ({ weight }) => weight)
    const arrivalMs = dayStartMs + Math.round((hour + random.next()) * 3_600_000)
    return drawVisit(random, options, arrivalMs)
  }).sort((a, b) => a.arrivalMs - b.arrivalMs)
}
