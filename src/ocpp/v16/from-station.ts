import type { Csms } from '../../csms/csms.ts'
import type { StationRecord } from '../../csms/live.ts'
import type { Clock } from '../../ports/clock.ts'
import { EMPTY, type Dialect, type StationLink } from '../dialect.ts'
import type { Handlers16, Response16 } from '../payloads16.ts'
import { readTime } from '../profile-shape.ts'
import { isoClock } from '../timestamp.ts'
import * as map from './map.ts'

const confirmed = (): Readonly<Record<string, never>> => EMPTY

const REGISTRATION = {
  accepted: 'Accepted',
  pending: 'Pending',
  rejected: 'Rejected',
} as const satisfies Record<string, Response16<'BootNotification'>['status']>

/** What stations of OCPP 1.6 say: core, firmware and diagnostics, and the security whitepaper. */
export const dialect16 = (csms: Csms, clock: Clock): Dialect => {
  const now = isoClock(clock)
  const at = (link: StationLink): StationRecord => csms.stations.mustFind(link.stationId)
  /** A text that is missing or empty. */
  const text = (value: string | undefined): string | null => value || null
  /** A meter reading that some stations leave out (`MAY_LACK`). */
  const reading = (wh: number | undefined): number | null => wh ?? null

  const handlers = {
    Heartbeat: () => ({ currentTime: now() }),

    MeterValues: ({ connectorId, transactionId, meterValue }, link) => {
      // 0 and -1 are what stations say before they know the id.
      const statedId = transactionId !== undefined && transactionId > 0 ? `${transactionId}` : null
      const stored = csms.meterValues.accept(
        at(link),
        connectorId,
        statedId,
        map.meterSets(meterValue),
      )
      return stored === null ? EMPTY : stored.then(confirmed)
    },

    StatusNotification: ({ connectorId, status, errorCode, timestamp }, link) => {
      csms.statusNotifications.accept(at(link), {
        evseId: connectorId,
        connectorId,
        status: map.STATUS[status],
        errorCode: errorCode === 'NoError' ? null : errorCode,
        statedMs: readTime(timestamp),
      })
      return EMPTY
    },

    StartTransaction: async ({ connectorId, idTag, meterStart, timestamp }, link) => {
      const { transactionId, decision } = await csms.transactions.start(at(link), {
        connectorId,
        idToken: idTag,
        meterStartWh: reading(meterStart),
        startedAtMs: readTime(timestamp) ?? clock.now(),
      })
      return { transactionId, idTagInfo: map.idTagInfo(decision) }
    },

    StopTransaction: async (request, link) => {
      const decision = await csms.transactions.stop(at(link), {
        transactionId: String(request.transactionId),
        stoppedAtMs: readTime(request.timestamp) ?? clock.now(),
        meterStopWh: reading(request.meterStop),
        idToken: text(request.idTag),
        reason: request.reason ?? null,
        sets: map.meterSets(request.transactionData ?? []),
      })
      return decision === null ? EMPTY : { idTagInfo: map.idTagInfo(decision) }
    },

    Authorize: ({ idTag }, link) => ({
      idTagInfo: map.idTagInfo(csms.authorization.authorize(at(link), idTag)),
    }),

    BootNotification: (request, link) => {
      const { status, intervalS } = csms.connections.boot(link.stationId, {
        vendor: request.chargePointVendor,
        model: request.chargePointModel,
        firmware: text(request.firmwareVersion),
        serialNumber: text(request.chargePointSerialNumber) ?? text(request.chargeBoxSerialNumber),
      })
      return { status: REGISTRATION[status], currentTime: now(), interval: intervalS }
    },

    DataTransfer: async ({ vendorId, messageId, data }, link) => {
      const answer = await csms.dataTransfer.answer(
        link.stationId,
        vendorId,
        messageId ?? '',
        data ?? null,
      )
      if (answer.data === undefined) return { status: answer.status }
      const text = typeof answer.data === 'string' ? answer.data : JSON.stringify(answer.data)
      return { status: answer.status, data: text }
    },

    FirmwareStatusNotification: ({ status }, link) => {
      csms.notices.firmware(at(link), status, null)
      return EMPTY
    },

    SignedFirmwareStatusNotification: ({ status, requestId }, link) => {
      csms.notices.firmware(at(link), status, requestId ?? null)
      return EMPTY
    },

    DiagnosticsStatusNotification: ({ status }, link) => {
      csms.notices.log(at(link), status, null)
      return EMPTY
    },

    LogStatusNotification: ({ status, requestId }, link) => {
      csms.notices.log(at(link), status, requestId ?? null)
      return EMPTY
    },

    SecurityEventNotification: (request, link) => {
      csms.notices.record(at(link), 'station.security-event', request)
      return EMPTY
    },

    // Nobody signs here: the station keeps the certificate that it has (whitepaper A02).
    SignCertificate: (request, link) => {
      csms.notices.record(at(link), 'station.sign-certificate', request)
      return { status: 'Rejected' }
    },
  } satisfies Handlers16

  return { protocol: 'ocpp1.6', handlers }
}
