import type * as T from 'typed-ocpp/dist/ocpp16/types.js'
import { phaseCount } from '../../domain/wiring.ts'
import { asComposite } from '../../engine/composite.ts'
import type { Point16 } from '../charge-point-16.ts'
import { composite16, installed16, PURPOSES_16 } from './profiles-16.ts'
import { RpcFault } from './rpc-schemas.ts'
import type { SimPort } from '../station.ts'

type Command = (request: never) => object

/** The commands of OCPP 1.6 that concern charging profiles. */
const profileCommands = ({ station, uplink }: Point16) => ({
  SetChargingProfile: (request: T.SetChargingProfileRequest): T.SetChargingProfileResponse => {
    const profile = installed16(request.csChargingProfiles, request.connectorId)
    return { status: station.install(profile) === null ? 'Accepted' : 'Rejected' }
  },
  ClearChargingProfile: (
    request: T.ClearChargingProfileRequest,
  ): T.ClearChargingProfileResponse => {
    const { id, connectorId, chargingProfilePurpose, stackLevel } = request
    const gone = station.clear({
      ...(id === undefined ? {} : { profileId: id }),
      ...(connectorId === undefined ? {} : { evseId: connectorId }),
      ...(chargingProfilePurpose ? { purpose: PURPOSES_16[chargingProfilePurpose] } : {}),
      ...(stackLevel === undefined ? {} : { stackLevel }),
    })
    return { status: gone > 0 ? 'Accepted' : 'Unknown' }
  },
  GetCompositeSchedule: (
    request: T.GetCompositeScheduleRequest,
  ): T.GetCompositeScheduleResponse => {
    const { connectorId, duration } = request
    const { rateUnits } = station.spec.model.capability
    const unit = request.chargingRateUnit ?? rateUnits[0]
    const port = connectorId === 0 ? station.ports[0] : station.port(connectorId)
    if (!port || !rateUnits.includes(unit)) return { status: 'Rejected' }
    const composite = asComposite(
      station.composite(connectorId, duration),
      station.ownTimeMs,
      unit,
      phaseCount(port.evse.wiring),
      port.phaseVoltageV * port.evse.efficiency,
    )
    return composite16(composite, connectorId, duration, uplink.timestamp())
  },
})

const transactionCommands = ({ station, remoteStarts, uplink }: Point16) => ({
  RemoteStartTransaction: (
    request: T.RemoteStartTransactionRequest,
  ): T.RemoteStartTransactionResponse => {
    const { connectorId = null, idTag, chargingProfile } = request
    if (chargingProfile && chargingProfile.chargingProfilePurpose !== 'TxProfile') {
      return { status: 'Rejected' }
    }
    const port = remoteStarts.accept({
      evseId: connectorId,
      idToken: idTag,
      profile: chargingProfile ? installed16(chargingProfile, connectorId ?? 0) : null,
      details: () => ({}),
    })
    return { status: port ? 'Accepted' : 'Rejected' }
  },
  RemoteStopTransaction: (
    request: T.RemoteStopTransactionRequest,
  ): T.RemoteStopTransactionResponse => {
    const id = String(request.transactionId)
    const port = station.ports.find((each) => each.transaction?.transactionId === id)
    if (!port) return { status: 'Rejected' }
    uplink.soon(() => station.stop(port, 'remote'))
    return { status: 'Accepted' }
  },
  UnlockConnector: (request: T.UnlockConnectorRequest): T.UnlockConnectorResponse => {
    const port = station.port(request.connectorId)
    if (!port) return { status: 'NotSupported' }
    uplink.soon(() => station.stop(port, 'unlocked'))
    return { status: 'Unlocked' }
  },
})

const stationCommands = ({ station, configuration, uplink }: Point16) => {
  /** Ports that become inoperative when their transaction ends. */
  const scheduled = (port: SimPort, operative: boolean): boolean => !operative && port.transaction !== null // prettier-ignore
  return {
    ChangeAvailability: (request: T.ChangeAvailabilityRequest): T.ChangeAvailabilityResponse => {
      const { connectorId, type } = request
      const ports = station.ports.filter(
        (port) => connectorId === 0 || port.evse.evseId === connectorId,
      )
      if (ports.length === 0) return { status: 'Rejected' }
      const operative = type === 'Operative'
      const waits = ports.some((port) => scheduled(port, operative))
      // The status of an occupied port shows it only once the vehicle has left.
      for (const port of ports) station.setOperative(port, operative)
      return { status: waits ? 'Scheduled' : 'Accepted' }
    },
    GetConfiguration: (request: T.GetConfigurationRequest): T.GetConfigurationResponse => {
      const { maxKeys } = station.spec.model
      const asked = request.key?.length ? request.key.slice(0, maxKeys) : null
      const found = asked ? asked.map((key) => configuration.get(key)) : configuration.all()
      const unknownKey = asked?.filter((_, index) => !found[index]) ?? []
      return {
        configurationKey: found
          .filter((entry) => entry !== undefined)
          .slice(0, maxKeys)
          .map(({ key, readonly, value }) => ({ key, readonly, value })),
        ...(unknownKey.length > 0 ? { unknownKey } : {}),
      }
    },
    ChangeConfiguration: (request: T.ChangeConfigurationRequest): T.ChangeConfigurationResponse => {
      const status = configuration.change(request.key, request.value)
      if (status === 'Accepted' && request.key.toLowerCase() === 'heartbeatinterval') {
        uplink.heartbeatS = configuration.seconds('HeartbeatInterval')
      }
      return { status }
    },
    Reset: (request: T.ResetRequest): T.ResetResponse => {
      uplink.soon(() => {
        // A soft reset ends transactions first, so that their messages still leave.
        if (request.type === 'Soft') for (const port of station.ports) station.stop(port, 'reboot')
        uplink.reboot()
      })
      return { status: 'Accepted' }
    },
    ClearCache: (): T.ClearCacheResponse => ({ status: 'Accepted' }),
    DataTransfer: (): T.DataTransferResponse => ({ status: 'UnknownVendorId' }),
    GetLocalListVersion: (): T.GetLocalListVersionResponse => ({ listVersion: -1 }),
    SendLocalList: (): T.SendLocalListResponse => ({ status: 'NotSupported' }),
  }
}

const triggerCommand = (point: Point16) => ({
  TriggerMessage: (request: T.TriggerMessageRequest): T.TriggerMessageResponse => {
    const { station, uplink } = point
    const { requestedMessage, connectorId } = request
    // Connector 0, as none at all, is about every port.
    const ports = station.ports.filter((port) => !connectorId || port.evse.evseId === connectorId)
    if (ports.length === 0) return { status: 'Rejected' }
    switch (requestedMessage) {
      case 'BootNotification':
        uplink.soon(() => uplink.boot('triggered'))
        break
      case 'Heartbeat':
        uplink.soon(() => uplink.heartbeat())
        break
      case 'MeterValues':
        uplink.soon(() => {
          for (const port of ports) point.sendMeterValues(port, 'Trigger')
        })
        break
      case 'StatusNotification':
        uplink.soon(() => {
          if (!connectorId) point.sendStatus(0)
          for (const port of ports) point.sendStatus(port.evse.evseId)
        })
        break
      case 'DiagnosticsStatusNotification':
      case 'FirmwareStatusNotification':
        return { status: 'NotImplemented' }
    }
    return { status: 'Accepted' }
  },
})

/**
 * Answers the commands of OCPP 1.6; the payload has passed its schema. What the version has and
 * this station does not is NotSupported.
 */
export const createCommands16 = (
  point: Point16,
): ((action: string, payload: unknown) => object) => {
  const commands: Readonly<Record<string, Command>> = {
    ...profileCommands(point),
    ...transactionCommands(point),
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
