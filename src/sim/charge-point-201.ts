import type * as T from 'typed-ocpp/dist/ocpp20/types.js'
import type { EvseStatus } from '../domain/session.ts'
import type { Random } from '../ports/random.ts'
import { createCommands201 } from './ocpp/commands-201.ts'
import { createDeviceModel, type DeviceModel } from './ocpp/device-model.ts'
import { createMetering } from './ocpp/metering.ts'
import { createRemoteStarts, type RemoteStarts } from './ocpp/remote-start.ts'
import { samplesOf } from './ocpp/samples.ts'
import type { SimPort, SimStation, SimTransaction, StationEvent, StopReason } from './station.ts'
import {
  createUplink,
  type BootReason,
  type ChargePoint,
  type ChargePointOptions,
  type Dialogue,
  type Uplink,
} from './ocpp/uplink.ts'

/** A 2.0.1 station from the inside: what its commands and its messages share. */
export interface Point201 {
  readonly station: SimStation
  readonly uplink: Uplink
  readonly deviceModel: DeviceModel
  readonly remoteStarts: RemoteStarts
  newTransactionId(): string
  sendStatus(port: SimPort): void
  /** Outside a transaction, or aligned to the clock. */
  sendMeterValues(port: SimPort, context: T.ReadingContextEnumType): void
  sendUpdate(port: SimPort, trigger: T.TriggerReasonEnumType): void
}

const CONNECTOR: Record<EvseStatus, T.ConnectorStatusEnumType> = {
  available: 'Available',
  occupied: 'Occupied',
  charging: 'Occupied',
  'suspended-ev': 'Occupied',
  'suspended-evse': 'Occupied',
  finishing: 'Occupied',
  reserved: 'Reserved',
  unavailable: 'Unavailable',
  faulted: 'Faulted',
  unknown: 'Faulted',
}

const chargingState = (status: EvseStatus): T.ChargingStateEnumType => {
  if (status === 'charging') return 'Charging'
  if (status === 'suspended-ev') return 'SuspendedEV'
  if (status === 'suspended-evse') return 'SuspendedEVSE'
  return status === 'available' ? 'Idle' : 'EVConnected'
}

const STOPPED: Record<StopReason, readonly [T.ReasonEnumType, T.TriggerReasonEnumType]> = {
  unplugged: ['EVDisconnected', 'EVCommunicationLost'],
  local: ['Local', 'StopAuthorized'],
  remote: ['Remote', 'RemoteStop'],
  deauthorized: ['DeAuthorized', 'Deauthorized'],
  reboot: ['Reboot', 'ResetCommand'],
  unlocked: ['Other', 'UnlockCommand'],
}

const uuid = (random: Random): string =>
  Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16))
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

const meterValue = (
  { station, uplink }: Pick<Point201, 'station' | 'uplink'>,
  port: SimPort,
  context: T.ReadingContextEnumType,
  measurands: readonly string[],
): T.MeterValueType[] => {
  const { faults } = station.spec
  const sampledValue = samplesOf(port, measurands).map(
    ({ measurand, value, unit, phase }): T.SampledValueType => ({
      value: unit === 'Wh' && faults.energyInKwh ? value / 1000 : value,
      context,
      measurand,
      unitOfMeasure: { unit },
      ...(phase ? { phase } : {}),
    }),
  )
  if (faults.strangeEnums) {
    // Beyond the schema on purpose: 2.0.1 dropped the temperature.
    sampledValue.push({ value: 31, measurand: 'Temperature' as 'Voltage' })
  }
  return sampledValue.length === 0 ? [] : [{ timestamp: uplink.timestamp(), sampledValue }]
}

interface TransactionNews {
  readonly eventType: T.TransactionEventEnumType
  readonly trigger: T.TriggerReasonEnumType
  readonly context: T.ReadingContextEnumType
  readonly measurands: string
  /** Absent: what the port does now. */
  readonly chargingState?: T.ChargingStateEnumType
  readonly stoppedReason?: T.ReasonEnumType
}

/** Puts a TransactionEvent into the outbox, numbered and dated now. */
const pushEvent = (
  point: Point201,
  port: SimPort,
  transaction: SimTransaction,
  news: TransactionNews,
): void => {
  const { station, uplink, deviceModel } = point
  const { eventType, stoppedReason } = news
  const started = eventType === 'Started'
  const wanted = deviceModel.list('SampledDataCtrlr', news.measurands)
  const values = meterValue(point, port, news.context, wanted)
  const remoteStartId = started ? transaction.remoteStartId : null
  const payload: T.TransactionEventRequest = {
    eventType,
    timestamp: uplink.timestamp(),
    triggerReason: news.trigger,
    seqNo: transaction.seqNo++,
    transactionInfo: {
      transactionId: transaction.transactionId!,
      chargingState: news.chargingState ?? chargingState(port.status),
      ...(stoppedReason ? { stoppedReason } : {}),
      ...(remoteStartId === null ? {} : { remoteStartId }),
    },
    evse: { id: port.evse.evseId, connectorId: 1 },
    ...(uplink.ready() ? {} : { offline: true }),
    ...(values.length > 0 ? { meterValue: values } : {}),
    ...(started ? { idToken: { idToken: transaction.idToken, type: 'ISO14443' } } : {}),
  }
  uplink.outbox.push({
    action: 'TransactionEvent',
    payload: () => payload,
    copies: started && station.spec.faults.duplicatesStart ? 2 : 1,
    dispensable: news.trigger === 'MeterValuePeriodic',
    answered: (response) => {
      const status = (response as T.TransactionEventResponse | null)?.idTokenInfo?.status
      const refused = started && status !== undefined && status !== 'Accepted'
      if (refused && port.transaction === transaction) station.stop(port, 'deauthorized')
    },
  })
}

/** Statuses that the connector was last said to have; 2.x reports only what changed. */
const createStatusReport = (station: SimStation, uplink: Uplink) => {
  const told = new Map<SimPort, string>()
  return (port: SimPort, always: boolean): void => {
    const { faults } = station.spec
    const strange = faults.strangeEnums && port.status === 'charging' ? 'Charging' : null
    const connectorStatus = faults.stuckStatus ?? strange ?? CONNECTOR[port.status]
    if (!uplink.ready() || (!always && told.get(port) === connectorStatus)) return
    told.set(port, connectorStatus)
    const timestamp = uplink.timestamp()
    const { evseId } = port.evse
    void uplink.call('StatusNotification', { timestamp, connectorStatus, evseId, connectorId: 1 })
  }
}

const onEvent = (
  point: Point201,
  event: StationEvent,
  statusChanged: (port: SimPort) => void,
): void => {
  const { port } = event
  switch (event.kind) {
    case 'plugged':
      point.remoteStarts.plugged(port)
      return
    case 'unplugged':
      return
    case 'status':
      statusChanged(port)
      if (port.transaction) point.sendUpdate(port, 'ChargingStateChanged')
      return
    case 'started':
      pushEvent(point, port, event.transaction, {
        eventType: 'Started',
        trigger: event.transaction.remoteStartId === null ? 'Authorized' : 'RemoteStart',
        context: 'Transaction.Begin',
        measurands: 'TxStartedMeasurands',
        chargingState: 'EVConnected',
      })
      return
    case 'stopped': {
      const [stoppedReason, trigger] = STOPPED[event.reason]
      pushEvent(point, port, event.transaction, {
        eventType: 'Ended',
        trigger,
        context: 'Transaction.End',
        measurands: 'TxEndedMeasurands',
        chargingState: event.reason === 'unplugged' ? 'Idle' : 'EVConnected',
        stoppedReason: point.station.spec.faults.strangeEnums
          ? ('PluggedOut' as 'Other')
          : stoppedReason,
      })
    }
  }
}

const BOOT_REASONS: Record<BootReason, T.BootReasonEnumType> = {
  'power-up': 'PowerUp',
  remote: 'RemoteReset',
  triggered: 'Triggered',
}

/** A station that speaks OCPP 2.0.1; `start` connects it, and it keeps itself connected. */
export const createChargePoint201 = (options: ChargePointOptions): ChargePoint => {
  const { station, clock, random } = options
  const { model } = station.spec
  const deviceModel = createDeviceModel(station, options.settings.meterIntervalS)
  const dialogueOf = (uplink: Uplink): Dialogue => {
    const report = createStatusReport(station, uplink)
    const point: Point201 = {
      station,
      uplink,
      deviceModel,
      newTransactionId: () => uuid(random),
      remoteStarts: createRemoteStarts(station, clock, () =>
        deviceModel.seconds('TxCtrlr', 'EVConnectionTimeOut'),
      ),
      sendStatus: (port) => report(port, true),
      sendMeterValues: (port, context) => {
        const wanted = deviceModel.list('AlignedDataCtrlr', 'Measurands')
        const values = meterValue(point, port, context, wanted)
        if (!uplink.ready() || values.length === 0) return
        void uplink.call('MeterValues', { evseId: port.evse.evseId, meterValue: values })
      },
      sendUpdate: (port, trigger) => {
        if (!port.transaction) return
        pushEvent(point, port, port.transaction, {
          eventType: 'Updated',
          trigger,
          context: trigger === 'Trigger' ? 'Trigger' : 'Sample.Periodic',
          measurands: 'TxUpdatedMeasurands',
        })
      },
    }
    station.listen((event) => onEvent(point, event, (port) => report(port, false)))
    return {
      protocol: 'ocpp2.0.1',
      bootPayload: (reason): T.BootNotificationRequest => ({
        reason: BOOT_REASONS[reason],
        chargingStation: {
          vendorName: model.vendor,
          model: model.model,
          serialNumber: station.spec.id.slice(0, 25),
          firmwareVersion: model.firmware,
        },
      }),
      announce: () => {
        for (const port of station.ports) report(port, true)
      },
      tick: createMetering(station, {
        sampledS: () => deviceModel.seconds('SampledDataCtrlr', 'TxUpdatedInterval'),
        alignedS: () => deviceModel.seconds('AlignedDataCtrlr', 'Interval'),
        sampled: (port) => point.sendUpdate(port, 'MeterValuePeriodic'),
        aligned: (port) => point.sendMeterValues(port, 'Sample.Clock'),
      }),
      handle: createCommands201(point),
    }
  }
  const { uplink, ...life } = createUplink(options, dialogueOf)
  return {
    ...life,
    station,
    present: (port, idToken) => {
      const begin = (): void => {
        station.start(port, idToken, { transactionId: uuid(random) })
      }
      if (!uplink.ready()) {
        // OfflineTxForUnknownIdEnabled: the driver shall not wait for our connection.
        begin()
        return
      }
      const request: T.AuthorizeRequest = { idToken: { idToken, type: 'ISO14443' } }
      void uplink.call('Authorize', request).then((outcome) => {
        const answer = outcome.ok ? (outcome.response as T.AuthorizeResponse) : null
        const offline = !outcome.ok && outcome.reason === 'offline'
        if (offline || answer?.idTokenInfo.status === 'Accepted') begin()
      })
    },
  }
}
