import { DEFAULT_CAPABILITY } from '../domain/evse-state.ts'
import type { EvseState } from '../domain/evse-state.ts'
import type { EvseStatus } from '../domain/session.ts'
import type { Evse, Site } from '../domain/site.ts'
import type { Supply } from '../domain/wiring.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Storage, StoredRecord } from '../ports/storage.ts'
import type { Publish } from './changes.ts'
import { newEnergyMeter, proveScale, readRegister } from './energy-meter.ts'
import { externalLimitNow } from './external-limits.ts'
import type { EvseRecord, StationRecord } from './live.ts'
import type { MeterValue } from './sampled-value.ts'
import { outletOf, readMeasurement } from './measurement.ts'
import { checkPlausibility, newPlausibilityCheck } from './plausibility.ts'
import type { Stations } from './stations.ts'
import { deriveStatus } from './status.ts'

/** A measurement older than this says nothing about now. */
const FRESH_MS = 180_000
/** Above standby: a vehicle draws. */
const DRAWING_W = 200
const DRAWING_A = 1

export interface EvsesDeps {
  readonly clock: Clock
  readonly storage: Storage
  readonly publish: Publish
  readonly stations: Stations
  readonly site: Site
}

export type Evses = ReturnType<typeof createEvses>

/**
 * The EVSEs that have a place in the site, as the controller sees them (`Fleet`): one live state
 * each, in the order of `site.evses`.
 */
export const createEvses = ({ clock, storage, publish, stations, site }: EvsesDeps) => {
  const records = site.evses.map((evse) => {
    const record = newEvse(evse, site.supply, stations.mustFind(evse.stationId), clock)
    record.station.evses.set(evse.evseId, record)
    return record
  })
  const states: readonly EvseState[] = records.map((record) => record.state)
  const fleet: Fleet = { states: () => states }

  const isDrawing = ({ state }: EvseRecord): boolean => {
    const { measured } = state
    if (measured === null || clock.now() - measured.receivedAtMs > FRESH_MS) return false
    if (measured.powerW !== undefined && measured.powerW > DRAWING_W) return true
    const amps = measured.currentA
    return amps !== undefined && (amps[0] > DRAWING_A || amps[1] > DRAWING_A || amps[2] > DRAWING_A)
  }

  /** Works out the status again and tells viewers. */
  const refresh = (evse: EvseRecord): void => {
    evse.state.status = deriveStatus({
      reported: evse.reported,
      chargingState: evse.chargingState,
      transactionOpen: evse.transaction !== null,
      drawing: isDrawing(evse),
    })
    publish('evse', evse.state.evse.key, evse.state)
  }

  /**
   * Takes the values of one message as the present measurement, unless a newer one is there.
   * Currents and power replace what was known; energy, charge and offer stay until said again.
   */
  const measure = (
    { state, meter, outlet, plausibility }: EvseRecord,
    values: readonly MeterValue[],
    measuredAtMs: number,
    receivedAtMs: number,
  ): void => {
    const before = state.measured
    // What came later than now came before our clock was set back: it is not newer.
    const isKnown = before !== null && before.receivedAtMs <= receivedAtMs
    if (isKnown && measuredAtMs < before.measuredAtMs) return
    const read = readMeasurement(values, outlet)
    if (read === null) return
    if (read.energyWh !== undefined) {
      readRegister(meter, read.energyWh, measuredAtMs, outlet.ratedW)
      read.energyWh *= meter.scale
    }
    if (before !== null && read.powerW !== undefined) {
      proveScale(meter, read.powerW, measuredAtMs - before.measuredAtMs)
    }
    checkPlausibility(plausibility, read, outlet, measuredAtMs)
    if (before === null) state.measured = { ...read, measuredAtMs, receivedAtMs }
    else if (read.currentA === undefined && read.powerW === undefined) {
      // The age of a measurement is that of its currents.
      state.measured = { ...before, ...read }
    } else {
      const { energyWh, soc, offeredA } = before
      state.measured = { energyWh, soc, offeredA, ...read, measuredAtMs, receivedAtMs }
    }
  }

  return {
    fleet,
    all: (): readonly EvseRecord[] => records,
    refresh,
    measure,
    isDrawing,

    /** Statuses of before a restart, until the stations report again. */
    load: async (): Promise<void> => {
      for (const row of await storage.query('evse')) {
        const evse = stations.find(row.stationId)?.evses.get(row.evseId)
        if (!evse) continue
        evse.reported = (row.status as EvseStatus | null) ?? 'unknown'
        evse.reportedAtMs = row.statusAtMs ?? 0
        evse.errorCode = row.errorCode
        evse.state.status = evse.reported
      }
    },
  }
}

const newEvse = (evse: Evse, supply: Supply, station: StationRecord, clock: Clock): EvseRecord => {
  const record: EvseRecord = {
    station,
    outlet: outletOf(evse, supply),
    state: {
      evse,
      ready: false,
      planned: station.lastSeenAtMs === null,
      generation: 0,
      status: 'unknown',
      session: null,
      measured: null,
      capability: DEFAULT_CAPABILITY,
      ended: null,
      product: null,
      unansweredSinceMs: null,
      get clockMs() {
        return station.clock.settledMs
      },
      get externalLimit() {
        return station.externalLimits.size === 0 ? null : externalLimitNow(record, clock.now())
      },
    },
    session: null,
    sessionStoredAtMs: 0,
    transaction: null,
    reported: 'unknown',
    statusAtMs: new Map(),
    reportedAtMs: 0,
    connectors: new Map(),
    errorCode: null,
    latestValues: null,
    chargingState: null,
    installed: null,
    meter: newEnergyMeter(),
    plausibility: newPlausibilityCheck(),
  }
  return record
}

/** The row of a status as it was reported; EVSE 0 is the station itself (1.6). */
export const evseRow = (
  stationId: string,
  evseId: number,
  status: EvseStatus,
  statusAtMs: number,
  errorCode: string | null,
): StoredRecord => ({
  table: 'evse',
  row: { stationId, evseId, status, statusAtMs, errorCode },
})
