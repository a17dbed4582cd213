import type * as T from 'typed-ocpp/dist/ocpp20/types.js'
import { phaseCount } from '../../domain/wiring.ts'
import { asComposite } from '../../engine/composite.ts'
import { matchesCriteria, type InstalledProfile } from '../../engine/profile-stack.ts'
import type { Point201 } from '../charge-point-201.ts'
import { installed201, PURPOSES_201, reported201 } from './profiles-201.ts'
import { RpcFault } from './rpc-schemas.ts'

type Command = (request: never) => object

const REPORT_PART = 8

const rejected = (additionalInfo: string) => ({
  status: 'Rejected' as const,
  statusInfo: { reasonCode: 'Rejected', additionalInfo },
})

/** Whether a stored profile is among those that GetChargingProfiles asks for. */
const isWanted = (
  profile: InstalledProfile,
  { evseId, chargingProfile: criteria }: T.GetChargingProfilesRequest,
): boolean => {
  if (criteria.chargingProfileId) return criteria.chargingProfileId.includes(profile.id)
  const { chargingProfilePurpose, stackLevel, chargingLimitSource } = criteria
  // All of ours come from the central system.
  if (chargingLimitSource && !chargingLimitSource.includes('CSO')) return false
  return matchesCriteria(profile, {
    ...(evseId === undefined ? {} : { evseId }),
    ...(stackLevel === undefined ? {} : { stackLevel }),
    ...(chargingProfilePurpose ? { purpose: PURPOSES_201[chargingProfilePurpose] } : {}),
  })
}

const profileCommands = ({ station, uplink }: Point201) => ({
  SetChargingProfile: (request: T.SetChargingProfileRequest): T.SetChargingProfileResponse => {
    const why = station.install(installed201(request.chargingProfile, request.evseId))
    return why === null ? { status: 'Accepted' } : rejected(why)
  },
  ClearChargingProfile: (
    request: T.ClearChargingProfileRequest,
  ): T.ClearChargingProfileResponse => {
    const { chargingProfileId, chargingProfileCriteria: criteria } = request
    const gone = station.clear({
      ...(chargingProfileId === undefined ? {} : { profileId: chargingProfileId }),
      ...(criteria?.evseId === undefined ? {} : { evseId: criteria.evseId }),
      ...(criteria?.stackLevel === undefined ? {} : { stackLevel: criteria.stackLevel }),
      ...(criteria?.chargingProfilePurpose
        ? { purpose: PURPOSES_201[criteria.chargingProfilePurpose] }
        : {}),
    })
    return { status: gone > 0 ? 'Accepted' : 'Unknown' }
  },
  GetChargingProfiles: (request: T.GetChargingProfilesRequest): T.GetChargingProfilesResponse => {
    const wanted = station.profiles.filter((profile) => isWanted(profile, request))
    if (wanted.length === 0) return { status: 'NoProfiles' }
    uplink.soon(() => {
      for (const [index, profile] of wanted.entries()) {
        const part: T.ReportChargingProfilesRequest = {
          requestId: request.requestId,
          chargingLimitSource: 'CSO',
          evseId: profile.evseId,
          chargingProfile: [reported201(profile)],
          tbc: index < wanted.length - 1,
        }
        void uplink.call('ReportChargingProfiles', part)
      }
    })
    return { status: 'Accepted' }
  },
  GetCompositeSchedule: (
    request: T.GetCompositeScheduleRequest,
  ): T.GetCompositeScheduleResponse => {
    const { evseId, duration } = request
    const { rateUnits } = station.spec.model.capability
    const unit = request.chargingRateUnit ?? rateUnits[0]
    const port = evseId === 0 ? station.ports[0] : station.port(evseId)
    if (!port) return rejected(`there is no EVSE ${evseId}`)
    if (!rateUnits.includes(unit)) return rejected(`limits in ${unit} are unknown`)
    const { periods } = asComposite(
      station.composite(evseId, duration),
      station.ownTimeMs,
      unit,
      phaseCount(port.evse.wiring),
      port.phaseVoltageV * port.evse.efficiency,
    )
    return {
      status: 'Accepted',
      schedule: {
        evseId,
        duration,
        scheduleStart: uplink.timestamp(),
        chargingRateUnit: unit,
        chargingSchedulePeriod: periods.map(({ startS, limit }) => ({
          startPeriod: startS,
          limit,
        })),
      },
    }
  },
})

const transactionCommands = (point: Point201) => {
  const { station, uplink, remoteStarts } = point
  return {
    RequestStartTransaction: (
      request: T.RequestStartTransactionRequest,
    ): T.RequestStartTransactionResponse => {
      const { evseId = null, idToken, remoteStartId, chargingProfile } = request
      if (chargingProfile && chargingProfile.chargingProfilePurpose !== 'TxProfile') {
        return rejected('only a transaction profile can come with a start')
      }
      const port = remoteStarts.accept({
        evseId,
        idToken: idToken.idToken,
        profile: chargingProfile ? installed201(chargingProfile, evseId ?? 0) : null,
        details: () => ({ transactionId: point.newTransactionId(), remoteStartId }),
      })
      if (!port) return rejected('no EVSE is free')
      const transactionId = port.transaction?.transactionId
      return { status: 'Accepted', ...(transactionId ? { transactionId } : {}) }
    },
    RequestStopTransaction: (
      request: T.RequestStopTransactionRequest,
    ): T.RequestStopTransactionResponse => {
      const { transactionId } = request
      const port = station.ports.find((each) => each.transaction?.transactionId === transactionId)
      if (!port) return rejected('the transaction does not run')
      uplink.soon(() => station.stop(port, 'remote'))
      return { status: 'Accepted' }
    },
    GetTransactionStatus: (
      request: T.GetTransactionStatusRequest,
    ): T.GetTransactionStatusResponse => {
      const { transactionId } = request
      const messagesInQueue = uplink.outbox.size() > 0
      if (transactionId === undefined) return { messagesInQueue }
      const runs = station.ports.some((each) => each.transaction?.transactionId === transactionId)
      return { messagesInQueue, ongoingIndicator: runs }
    },
    UnlockConnector: (request: T.UnlockConnectorRequest): T.UnlockConnectorResponse => {
      const port = station.port(request.evseId)
      if (!port || request.connectorId !== 1) return { status: 'UnknownConnector' }
      return { status: port.transaction ? 'OngoingAuthorizedTransaction' : 'Unlocked' }
    },
  }
}

const modelCommands = ({ uplink, deviceModel }: Point201) => ({
  GetVariables: (request: T.GetVariablesRequest): T.GetVariablesResponse => ({
    getVariableResult: request.getVariableData.map((each) => deviceModel.get(each)),
  }),
  SetVariables: (request: T.SetVariablesRequest): T.SetVariablesResponse => {
    const setVariableResult = request.setVariableData.map((each) => deviceModel.set(each))
    uplink.heartbeatS = deviceModel.seconds('OCPPCommCtrlr', 'HeartbeatInterval') || 300
    return { setVariableResult }
  },
  GetBaseReport: (request: T.GetBaseReportRequest): T.GetBaseReportResponse => {
    const { requestId, reportBase } = request
    if (reportBase === 'SummaryInventory') return { status: 'NotSupported' }
    uplink.soon(() => {
      const rows = deviceModel.report(reportBase === 'ConfigurationInventory')
      const parts = Math.ceil(rows.length / REPORT_PART)
      for (let seqNo = 0; seqNo < parts; seqNo++) {
        const part: T.NotifyReportRequest = {
          requestId,
          generatedAt: uplink.timestamp(),
          seqNo,
          tbc: seqNo < parts - 1,
          reportData: rows.slice(seqNo * REPORT_PART, (seqNo + 1) * REPORT_PART),
        }
        void uplink.call('NotifyReport', part)
      }
    })
    return { status: 'Accepted' }
  },
})

const stationCommands = ({ station, uplink }: Point201) => {
  let restartWanted = false
  const restartWhenIdle = (): void => {
    if (!restartWanted) return
    if (station.ports.some((port) => port.transaction)) {
      uplink.later(1000, restartWhenIdle)
      return
    }
    restartWanted = false
    uplink.reboot()
  }
  return {
    ChangeAvailability: (request: T.ChangeAvailabilityRequest): T.ChangeAvailabilityResponse => {
      const { evse, operationalStatus } = request
      const ports = station.ports.filter((port) => !evse || port.evse.evseId === evse.id)
      if (ports.length === 0) return rejected(`there is no EVSE ${evse?.id}`)
      const operative = operationalStatus === 'Operative'
      // The status of an occupied port shows it only once the vehicle has left.
      for (const port of ports) station.setOperative(port, operative)
      const waits = !operative && ports.some((port) => port.transaction)
      return { status: waits ? 'Scheduled' : 'Accepted' }
    },
    Reset: (request: T.ResetRequest): T.ResetResponse => {
      if (request.evseId !== undefined) return rejected('only the whole station can be reset')
      if (request.type === 'OnIdle' && station.ports.some((port) => port.transaction)) {
        restartWanted = true
        uplink.later(1000, restartWhenIdle)
        return { status: 'Scheduled' }
      }
      uplink.soon(() => uplink.reboot())
      return { status: 'Accepted' }
    },
    ClearCache: (): T.ClearCacheResponse => ({ status: 'Accepted' }),
    DataTransfer: (): T.DataTransferResponse => ({ status: 'UnknownVendorId' }),
    GetLocalListVersion: (): T.GetLocalListVersionResponse => ({ versionNumber: 0 }),
  }
}

const triggerCommand = (point: Point201) => ({
  TriggerMessage: (request: T.TriggerMessageRequest): T.TriggerMessageResponse => {
    const { station, uplink } = point
    const { requestedMessage, evse } = request
    const ports = station.ports.filter((port) => !evse || port.evse.evseId === evse.id)
    if (ports.length === 0) return rejected(`there is no EVSE ${evse?.id}`)
    switch (requestedMessage) {
      case 'BootNotification':
        // F06.FR.17: not after the boot was accepted.
        if (uplink.ready()) return rejected('the boot has been accepted')
        uplink.soon(() => uplink.boot('triggered'))
        break
      case 'Heartbeat':
        uplink.soon(() => uplink.heartbeat())
        break
      case 'StatusNotification':
        // F06.FR.12: a status is one of a connector.
        if (evse?.connectorId === undefined) return rejected('no connector is named')
        uplink.soon(() => {
          for (const port of ports) point.sendStatus(port)
        })
        break
      case 'MeterValues':
        uplink.soon(() => {
          for (const port of ports) point.sendMeterValues(port, 'Trigger')
        })
        break
      case 'TransactionEvent':
        if (!ports.some((port) => port.transaction)) return rejected('no transaction runs')
        uplink.soon(() => {
          for (const port of ports) point.sendUpdate(port, 'Trigger')
        })
        break
      case 'LogStatusNotification':
      case 'FirmwareStatusNotification':
      case 'SignChargingStationCertificate':
      case 'SignV2GCertificate':
      case 'SignCombinedCertificate':
      case 'PublishFirmwareStatusNotification':
        return { status: 'NotImplemented' }
    }
    return { status: 'Accepted' }
  },
})

/**
 * Answers the commands of OCPP 2.0.1; the payload has passed its schema. What the version has and
 * this station does not is NotSupported.
 */
export const createCommands201 = (
  point: Point201,
): ((action: string, payload: unknown) => object) => {
  const commands: Readonly<Record<string, Command>> = {
    ...profileCommands(point),
    ...transactionCommands(point),
    ...modelCommands(point),
    ...stationCommands(point),
    ...triggerCommand(point),
  }
  return (action, payload) => {
    if (!Object.hasOwn(commands, action)) {
      throw new RpcFault('NotSupported', `${action} is not supported by this station`)
    }
    // Checked against the schema that the request type is made from.
    return commands[action](payload as never)
  }
}
