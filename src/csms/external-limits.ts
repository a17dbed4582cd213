import type { ChargingSchedule } from '../domain/charging-profile.ts'
import type { ExternalLimitNow } from '../domain/evse-state.ts'
import type { EvseRecord, StationRecord } from './live.ts'
import type { Stations } from './stations.ts'

/** A limit that a station got from somebody else (OCPP 2.x NotifyChargingLimit, K12 and K13). */
export interface ExternalLimit {
  /** 0: the whole station. */
  readonly evseId: number
  /** EMS, SO, CSO, Other. */
  readonly source: string
  readonly isGridCritical: boolean
  /** `null`: the station does not tell. */
  readonly schedule: ChargingSchedule | null
  readonly sinceMs: number
}

/**
 * The lowest limit that others set for an EVSE now. That of a whole station is shared evenly by its
 * EVSEs that have a session.
 */
export const externalLimitNow = (evse: EvseRecord, nowMs: number): ExternalLimitNow | null => {
  const { station, outlet, state } = evse
  let lowest: ExternalLimitNow | null = null
  for (const { evseId, source, schedule } of station.externalLimits.values()) {
    if (schedule === null || (evseId !== 0 && evseId !== state.evse.evseId)) continue
    const atS = (nowMs + (station.clock.settledMs ?? 0) - schedule.startMs) / 1000
    if (atS < 0 || atS >= (schedule.durationS ?? Infinity)) continue
    const period = schedule.periods.findLast(({ startS }) => startS <= atS)
    if (!period) continue
    const amps = schedule.unit === 'A' ? period.limit : period.limit / outlet.perAmpW
    const limitA = evseId === 0 ? amps / Math.max(1, inSession(station)) : amps
    if (lowest === null || limitA < lowest.limitA) lowest = { limitA, source }
  }
  return lowest
}

const inSession = ({ evses }: StationRecord): number => {
  let count = 0
  for (const { session } of evses.values()) if (session !== null) count++
  return count
}

export type ExternalLimits = ReturnType<typeof createExternalLimits>

/** Limits in force by others; they bind the station beside our own, and a viewer should know. */
export const createExternalLimits = (stations: Stations) => ({
  set: (station: StationRecord, limit: ExternalLimit): void => {
    station.externalLimits.set(`${limit.evseId}/${limit.source}`, limit)
    stations.changed(station)
  },

  /** `evseId` 0 = on all EVSEs. */
  clear: (station: StationRecord, evseId: number, source: string): void => {
    for (const [key, limit] of station.externalLimits) {
      if (limit.source !== source || (evseId !== 0 && limit.evseId !== evseId)) continue
      station.externalLimits.delete(key)
    }
    stations.changed(station)
  },
})
