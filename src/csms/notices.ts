import { redact } from '../domain/redact.ts'
import type { Audit } from './audit.ts'
import type { StationRecord } from './live.ts'
import type { Stations } from './stations.ts'

/** Longest detail that is kept of what a station says. */
const MAX_DETAIL = 4_000

export type Notices = ReturnType<typeof createNotices>

/**
 * What stations report beside charging: security events, firmware and log uploads, monitoring,
 * display, reservations, customer data. It is kept in the audit trail under the station's name.
 */
export const createNotices = (audit: Audit, stations: Stations) => {
  const record = (station: StationRecord, action: string, detail: object): void => {
    const clean = redact(detail)
    const text = JSON.stringify(clean)
    audit.note({
      by: `station:${station.stationId}`,
      action,
      target: station.stationId,
      detail: text.length <= MAX_DETAIL ? clean : { cut: text.slice(0, MAX_DETAIL) },
    })
  }
  return {
    record,
    firmware: (station: StationRecord, status: string, requestId: number | null): void => {
      if (station.firmwareStatus === status) return
      station.firmwareStatus = status
      stations.changed(station)
      record(station, 'station.firmware-status', { status, requestId })
    },
    log: (station: StationRecord, status: string, requestId: number | null): void => {
      if (station.logStatus === status) return
      station.logStatus = status
      stations.changed(station)
      record(station, 'station.log-status', { status, requestId })
    },
  }
}
