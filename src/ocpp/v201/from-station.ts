import type { Csms } from '../../csms/csms.ts'
import type { StationRecord } from '../../csms/live.ts'
import type { Clock } from '../../ports/clock.ts'
import { EMPTY, type Dialect, type StationLink } from '../dialect.ts'
import type { Handlers201, Request201, Response201 } from '../payloads201.ts'
import { readTime } from '../profile-shape.ts'
import { isoClock } from '../timestamp.ts'
import { componentText, readReport, variableText } from './device-model.ts'
import { staysWithin } from './ev-schedule.ts'
import * as map from './map.ts'
import type { Reports } from './reports.ts'

const confirmed = (): Readonly<Record<string, never>> => EMPTY

const REGISTRATION = {
  accepted: 'Accepted',
  pending: 'Pending',
  rejected: 'Rejected',
} as const satisfies Record<string, Response201<'BootNotification'>['status']>

const EVENT_KIND = { Started: 'started', Updated: 'updated', Ended: 'ended' } as const

/** What stations of OCPP 2.0.1 say: all 25 actions. */
export const dialect201 = (csms: Csms, clock: Clock, reports: Reports): Dialect => {
  const now = isoClock(clock)
  const at = (link: StationLink): StationRecord => csms.stations.mustFind(link.stationId)
  /** For what is only kept: the audit trail has it under this name. */
  const keep = (action: string) => (request: object, link: StationLink) => {
    csms.notices.record(at(link), action, request)
    return EMPTY
  }

  const handlers = {
    Heartbeat: () => ({ currentTime: now() }),

    MeterValues: ({ evseId, meterValue }, link) => {
      const stored = csms.meterValues.accept(at(link), evseId, null, map.meterSets(meterValue))
      return stored === null ? EMPTY : stored.then(confirmed)
    },

    TransactionEvent: async (request, link) => {
      const { transactionInfo, evse, idToken } = request
      const decision = await csms.transactionEvents.accept(at(link), {
        kind: EVENT_KIND[request.eventType],
        transactionId: transactionInfo.transactionId,
        seqNo: request.seqNo,
        statedMs: readTime(request.timestamp) ?? clock.now(),
        offline: request.offline ?? false,
        evseId: evse?.id ?? null,
        connectorId: evse?.connectorId ?? null,
        idToken: idToken ? tokenText(idToken) : null,
        chargingState: transactionInfo.chargingState
          ? map.CHARGING_STATE[transactionInfo.chargingState]
          : null,
        stopReason: transactionInfo.stoppedReason ?? null,
        sets: map.meterSets(request.meterValue ?? []),
      })
      return decision === null ? EMPTY : { idTokenInfo: map.idTokenInfo(decision) }
    },

    StatusNotification: ({ evseId, connectorId, connectorStatus, timestamp }, link) => {
      csms.statusNotifications.accept(at(link), {
        evseId,
        connectorId,
        status: map.STATUS[connectorStatus],
        errorCode: null,
        statedMs: readTime(timestamp),
      })
      return EMPTY
    },

    Authorize: ({ idToken, certificate, iso15118CertificateHashData }, link) => {
      const decision = csms.authorization.authorize(at(link), tokenText(idToken) || null)
      // No contract certificates are validated here (C07): without one the token decides alone.
      const byCertificate = certificate !== undefined || iso15118CertificateHashData !== undefined
      return {
        idTokenInfo: map.idTokenInfo(decision),
        ...(byCertificate && { certificateStatus: 'NoCertificateAvailable' as const }),
      }
    },

    BootNotification: ({ chargingStation }, link) => {
      const { status, intervalS } = csms.connections.boot(link.stationId, {
        vendor: chargingStation.vendorName,
        model: chargingStation.model,
        firmware: chargingStation.firmwareVersion || null,
        serialNumber: chargingStation.serialNumber || null,
      })
      return { status: REGISTRATION[status], currentTime: now(), interval: intervalS }
    },

    NotifyReport: async ({ requestId, reportData, tbc }, link) => {
      const variables = readReport(reportData ?? [])
      await csms.variables.store(link.stationId, variables)
      reports.add(link.stationId, 'report', requestId, variables, tbc ?? false)
      return EMPTY
    },

    NotifyEvent: async ({ eventData }, link) => {
      const station = at(link)
      await csms.variables.store(
        link.stationId,
        eventData.map((event) => ({
          component: componentText(event.component),
          variable: variableText(event.variable),
          attribute: 'Actual',
          value: event.actualValue,
          readonly: true,
        })),
      )
      for (const event of eventData) reportEvent(csms, station, event)
      return EMPTY
    },

    ReportChargingProfiles: ({ requestId, evseId, chargingProfile, tbc }, link) => {
      const parts = chargingProfile.flatMap((wire) => {
        const profile = map.readProfile(wire)
        return profile === null ? [] : [{ evseId, profile }]
      })
      reports.add(link.stationId, 'charging-profiles', requestId, parts, tbc ?? false)
      return EMPTY
    },

    NotifyChargingLimit: ({ chargingLimit, chargingSchedule, evseId }, link) => {
      csms.externalLimits.set(at(link), {
        evseId: evseId ?? 0,
        source: chargingLimit.chargingLimitSource,
        isGridCritical: chargingLimit.isGridCritical ?? false,
        schedule: chargingSchedule?.[0] ? map.readSchedule(chargingSchedule[0], clock.now()) : null,
        sinceMs: clock.now(),
      })
      return EMPTY
    },

    ClearedChargingLimit: ({ chargingLimitSource, evseId }, link) => {
      csms.externalLimits.clear(at(link), evseId ?? 0, chargingLimitSource)
      return EMPTY
    },

    // K15: the schedule follows with the next command to this EVSE, well within a minute.
    NotifyEVChargingNeeds: ({ evseId, chargingNeeds }, link) => {
      const evse = at(link).evses.get(evseId)
      const taken = evse ? csms.sessions.vehicleNeed(evse, map.readNeed(chargingNeeds)) : false
      return { status: taken ? 'Accepted' : 'Rejected' }
    },

    NotifyEVChargingSchedule: ({ evseId, timeBase, chargingSchedule }, link) => {
      const ours = at(link).evses.get(evseId)?.installed
      const vehicle = map.readSchedule(chargingSchedule, readTime(timeBase) ?? clock.now())
      const fits = !ours || staysWithin(vehicle, ours.schedule)
      return { status: fits ? 'Accepted' : 'Rejected' }
    },

    DataTransfer: async ({ vendorId, messageId, data }, link) => {
      const answer = await csms.dataTransfer.answer(
        link.stationId,
        vendorId,
        messageId ?? '',
        data ?? null,
      )
      return {
        status: answer.status,
        ...(answer.data !== undefined && { data: answer.data as Record<string, unknown> }),
      }
    },

    FirmwareStatusNotification: ({ status, requestId }, link) => {
      csms.notices.firmware(at(link), status, requestId ?? null)
      return EMPTY
    },

    PublishFirmwareStatusNotification: ({ status, requestId }, link) => {
      csms.notices.firmware(at(link), status, requestId ?? null)
      return EMPTY
    },

    LogStatusNotification: ({ status, requestId }, link) => {
      csms.notices.log(at(link), status, requestId ?? null)
      return EMPTY
    },

    SecurityEventNotification: keep('station.security-event'),
    NotifyMonitoringReport: keep('station.monitoring-report'),
    NotifyCustomerInformation: keep('station.customer-information'),
    NotifyDisplayMessages: keep('station.display-messages'),
    ReservationStatusUpdate: keep('station.reservation-status'),

    // Nobody signs here: the station keeps the certificate that it has (A02).
    SignCertificate: (request, link) => {
      csms.notices.record(at(link), 'station.sign-certificate', request)
      return { status: 'Rejected' }
    },
    // M: contract certificates and their status come from a provider that is not connected.
    Get15118EVCertificate: () => ({ status: 'Failed', exiResponse: '' }),
    GetCertificateStatus: () => ({ status: 'Failed' }),
  } satisfies Handlers201

  return { protocol: 'ocpp2.0.1', handlers }
}

/** The empty text stands for a station that asks for no token. */
const tokenText = ({ idToken, type }: Request201<'Authorize'>['idToken']): string =>
  type === 'NoAuthorization' ? '' : idToken

type EventData = Request201<'NotifyEvent'>['eventData'][number]

/** Some events say what other messages say, too: a connector's availability. Alerts are kept. */
const reportEvent = (csms: Csms, station: StationRecord, event: EventData): void => {
  const { component, variable, actualValue, trigger } = event
  const status = Object.entries(map.STATUS).find(([name]) => name === actualValue)?.[1]
  if (
    component.name === 'Connector' &&
    variable.name === 'AvailabilityState' &&
    component.evse &&
    status !== undefined
  ) {
    csms.statusNotifications.accept(station, {
      evseId: component.evse.id,
      connectorId: component.evse.connectorId ?? 1,
      status,
      errorCode: null,
      statedMs: readTime(event.timestamp),
    })
  } else if (trigger === 'Alerting') csms.notices.record(station, 'station.event', event)
}
