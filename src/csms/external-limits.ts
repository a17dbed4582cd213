import type { ChargingSchedule } from '../domain/charging-profile.ts'
import type { StationRecord } from './live.ts'
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
