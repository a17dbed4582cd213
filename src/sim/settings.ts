import type { Site } from '../domain/site.ts'
import { AppError } from '../errors.ts'
import { PLACES, type Place } from './arrivals.ts'
import type { StationFaults } from './faults.ts'
import type { LoadSettings } from './load.ts'
import { STATION_MODELS, stationModel, type StationModel } from './station-models.ts'
import { VEHICLE_MODELS } from './vehicle-models.ts'

export type SimProtocol = 'ocpp1.6' | 'ocpp2.0.1'

/** The `simulation` section of a configuration; everything has a default. */
export interface SimulationSettings {
  readonly seed?: number
  /**
   * Demo only: visits, needs and the daily curves pass so many times as fast (a stay of 4 h with
   * 20 kWh becomes one of 24 min with 2 kWh at 10). Power, current and OCPP keep real time.
   */
  readonly speed?: number
  /** First local day, `YYYY-MM-DD` (virtual time), and local time at the start, `HH:MM`. */
  readonly date?: string
  readonly timeOfDay?: string
  readonly place?: Place
  readonly vehiclesPerDay?: number
  /** Plugged in within the first 40 s. */
  readonly initialVehicles?: number
  /** Share of drivers (0..1) who tell their need and departure. */
  readonly tellNeed?: number
  /** Vehicle model ids and their weights. */
  readonly mix?: Readonly<Record<string, number>>
  /** Cards that drivers carry; absent = each has one of its own. */
  readonly idTokens?: readonly string[]
  /** By load id. */
  readonly loads?: Readonly<Record<string, LoadSettings>>
  /** By station id; `*` = every station that has no entry of its own. */
  readonly stations?: Readonly<Record<string, StationSettings>>
  /** Virtual time only: when a meter says nothing, seconds from the start. */
  readonly meterOutages?: readonly MeterOutage[]
}

export interface StationSettings {
  readonly protocol?: SimProtocol
  /** Id of a station model. */
  readonly model?: string
  /** Interval of meter values until the central system sets another. */
  readonly meterIntervalS?: number
  readonly faults?: StationFaults
  /** Times without a connection, seconds from the start. */
  readonly outages?: readonly Outage[]
}

export interface Outage {
  readonly fromS: number
  readonly forS: number
}

export interface MeterOutage extends Outage {
  readonly meterId: string
}

/** Settings with nothing missing. */
export interface ResolvedSettings {
  readonly seed: number
  readonly speed: number
  readonly date: string | null
  readonly timeOfDay: string | null
  readonly place: Place
  readonly vehiclesPerDay: number
  readonly initialVehicles: number
  readonly tellNeed: number
  readonly mix: Readonly<Record<string, number>>
  readonly idTokens: readonly string[]
  readonly loads: Readonly<Record<string, LoadSettings>>
  /** For every station of the site. */
  readonly stations: ReadonlyMap<string, ResolvedStation>
  readonly meterOutages: readonly MeterOutage[]
}

export interface ResolvedStation {
  readonly protocol: SimProtocol
  readonly model: StationModel
  readonly meterIntervalS: number
  readonly faults: StationFaults
  readonly outages: readonly Outage[]
}

const wrong = (where: string, what: string): never => {
  throw new AppError('config-invalid', `simulation/${where} ${what}`)
}

const bounded = (where: string, value: number, min: number, max: number): number =>
  value >= min && value <= max ? value : wrong(where, `must be from ${min} to ${max}`)

const known = (where: string, ids: readonly string[], allowed: readonly string[]): void => {
  const unknown = ids.find((id) => !allowed.includes(id))
  if (unknown !== undefined) wrong(`${where}/${unknown}`, `is not one of ${allowed.join(', ')}`)
}

const resolveStation = (id: string, settings: StationSettings): ResolvedStation => {
  const modelId = settings.model ?? 'full'
  const names = STATION_MODELS.map((model) => model.id).join(', ')
  return {
    protocol: settings.protocol ?? 'ocpp1.6',
    model: stationModel(modelId) ?? wrong(`stations/${id}/model`, `must be one of ${names}`),
    meterIntervalS: bounded(
      `stations/${id}/meterIntervalS`,
      settings.meterIntervalS ?? 10,
      1,
      86_400,
    ),
    faults: settings.faults ?? {},
    outages: settings.outages ?? [],
  }
}

const matches = (where: string, value: string | undefined, form: RegExp, name: string) => {
  if (value !== undefined && !form.test(value)) wrong(where, `must look like ${name}`)
  return value ?? null
}

/**
 * Fills in what is missing. Throws AppError `config-invalid` that names the setting when a number
 * is out of bounds or a name is of nothing in the site.
 */
export const resolveSettings = (settings: SimulationSettings, site: Site): ResolvedSettings => {
  const stationIds = [...new Set(site.evses.map((evse) => evse.stationId))]
  const stations = settings.stations ?? {}
  const loads = settings.loads ?? {}
  const evses = site.evses.length
  const place = settings.place ?? 'public'
  known('stations', Object.keys(stations), [...stationIds, '*'])
  known('loads', Object.keys(loads), site.loads.map((load) => load.id)) // prettier-ignore
  known('mix', Object.keys(settings.mix ?? {}), VEHICLE_MODELS.map((model) => model.id)) // prettier-ignore
  if (!PLACES.includes(place)) wrong('place', `must be one of ${PLACES.join(', ')}`)
  for (const [id, load] of Object.entries(loads)) {
    if (load.shape && load.shape.length !== 24) wrong(`loads/${id}/shape`, 'must have 24 values')
  }
  return {
    seed: settings.seed ?? 1,
    speed: bounded('speed', settings.speed ?? 1, 0.1, 1000),
    date: matches('date', settings.date, /^\d{4}-\d\d-\d\d$/, 'YYYY-MM-DD'),
    timeOfDay: matches('timeOfDay', settings.timeOfDay, /^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM'),
    place,
    vehiclesPerDay: bounded('vehiclesPerDay', settings.vehiclesPerDay ?? 2 * evses, 0, 100_000),
    initialVehicles: bounded(
      'initialVehicles',
      settings.initialVehicles ?? Math.round(evses / 2),
      0,
      evses,
    ),
    tellNeed: bounded('tellNeed', settings.tellNeed ?? 0.5, 0, 1),
    mix: settings.mix ?? {},
    idTokens: settings.idTokens ?? [],
    loads,
    stations: new Map(
      stationIds.map((id) => [id, resolveStation(id, stations[id] ?? stations['*'] ?? {})]),
    ),
    meterOutages: settings.meterOutages ?? [],
  }
}
