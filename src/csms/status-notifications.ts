import type { EvseStatus } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import { correctTime } from './clock-watch.ts'
import { evseRow, type Evses } from './evses.ts'
import type { Journal } from './journal.ts'
import type { StationRecord } from './live.ts'
import type { Sessions } from './sessions.ts'
import type { Stations } from './stations.ts'
import { combineConnectors, isPlugged } from './status.ts'

export interface StatusNotificationsDeps {
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly stations: Stations
  readonly evses: Evses
  readonly sessions: Sessions
}

/** StatusNotification of either version. */
export interface StatusReport {
  /** 0: the station as a whole (1.6). */
  readonly evseId: number
  readonly connectorId: number
  readonly status: EvseStatus
  readonly errorCode: string | null
  /** By the station's clock; `null` when it gave none. */
  readonly statedMs: number | null
}

export type StatusNotifications = ReturnType<typeof createStatusNotifications>

export const createStatusNotifications = (deps: StatusNotificationsDeps) => {
  const { clock, log, journal, stations, evses, sessions } = deps

  return {
    /** Never fails: a status is no message that a station must be able to repeat. */
    accept: (station: StationRecord, report: StatusReport): void => {
      const { stationId } = station
      const { evseId, connectorId, status, errorCode } = report
      const nowMs = clock.now()
      const atMs = correctTime(station.clock, report.statedMs, nowMs)
      const evse = station.evses.get(evseId)
      if (!evse) {
        // The station itself, or an EVSE without a place in the site: visible, nothing more.
        journal.note([evseRow(stationId, evseId, status, atMs, errorCode)])
        stations.changed(station)
        return
      }
      if (atMs < (evse.statusAtMs.get(connectorId) ?? 0)) {
        log.debug({ stationId, evseId, status }, 'an older status came late: ignored')
        return
      }
      evse.statusAtMs.set(connectorId, atMs)
      evse.reportedAtMs = nowMs
      evse.errorCode = errorCode
      evse.connectors.set(connectorId, status)
      const before = evse.reported
      evse.reported =
        evse.connectors.size === 1 ? status : combineConnectors(evse.connectors.values())
      const rows: StoredRecord[] = [evseRow(stationId, evseId, evse.reported, atMs, errorCode)]
      if (isPlugged(evse.reported)) sessions.begin(evse, atMs, rows)
      else if (evse.transaction === null && isFree(evse.reported)) {
        sessions.end(evse, atMs, rows)
        evse.state.measured = null
      }
      journal.note(rows)
      evses.refresh(evse)
      if (evse.reported !== before && evse.reported === 'faulted') {
        log.warn({ stationId, evseId, errorCode }, 'an EVSE reports a fault')
      }
    },
  }
}

/** No vehicle there. (Unavailable and faulted say nothing about the plug.) */
const isFree = (status: EvseStatus): boolean => status === 'available' || status === 'reserved'
