import type * as T from 'typed-ocpp/dist/ocpp16/types.js'
import type { EvseStatus } from '../domain/session.ts'
import { createCommands16 } from './ocpp/commands-16.ts'
import { createConfiguration, type Configuration } from './ocpp/configuration-16.ts'
import { createMetering } from './ocpp/metering.ts'
import { createRemoteStarts, type RemoteStarts } from './ocpp/remote-start.ts'
import { MEASURANDS, registerWh, samplesOf } from './ocpp/samples.ts'
import type { SimPort, SimStation, SimTransaction, StationEvent, StopReason } from './station.ts'
import {
  createUplink,
  type ChargePoint,
  type ChargePointOptions,
  type Dialogue,
  type Uplink,
} from './ocpp/uplink.ts'

export type SampleContext = NonNullable<
  T.MeterValuesRequest['meterValue'][number]['sampledValue'][number]['context']
>

/** A 1.6 station from the inside: what its commands and its messages share. */
export interface Point16 {
  readonly station: SimStation
  readonly uplink: Uplink
  readonly configuration: Configuration
  readonly remoteStarts: RemoteStarts
  /** Connector 0 is the station itself. */
  sendStatus(connectorId: number): void
  sendMeterValues(port: SimPort, context: SampleContext): void
}

const STATUS: Record<EvseStatus, T.StatusNotificationRequest['status']> = {
  available: 'Available',
  occupied: 'Preparing',
  charging: 'Charging',
  'suspended-ev': 'SuspendedEV',
  'suspended-evse': 'SuspendedEVSE',
  finishing: 'Finishing',
  reserved: 'Reserved',
  unavailable: 'Unavailable',
  faulted: 'Faulted',
  unknown: 'Faulted',
}

const REASON: Record<StopReason, T.StopTransactionRequest['reason']> = {
  unplugged: 'EVDisconnected',
  local: 'Local',
  remote: 'Remote',
  deauthorized: 'DeAuthorized',
  reboot: 'Reboot',
  unlocked: 'UnlockCommand',
}

/** An id that no central system has given: the start was never answered. */
const NO_TRANSACTION = -1

const meterValue = (
  point: Pick<Point16, 'station' | 'uplink' | 'configuration'>,
  port: SimPort,
  context: SampleContext,
  key: string,
): T.MeterValuesRequest['meterValue'][number] => {
  const { faults } = point.station.spec
  const samples = samplesOf(port, point.configuration.list(key))
  const sampledValue = samples.map(({ measurand, value, unit, phase }) => ({
    value: String(unit === 'Wh' && faults.energyInKwh ? value / 1000 : value),
    context,
    measurand,
    unit,
    ...(phase ? { phase } : {}),
  }))
  if (!faults.strangeEnums) return { timestamp: point.uplink.timestamp(), sampledValue }
  // Beyond the schema on purpose: the standard has no unit for the frequency.
  const strange = { value: '50', measurand: 'Frequency', unit: 'Hz' } as unknown
  return {
    timestamp: point.uplink.timestamp(),
    sampledValue: [...sampledValue, strange as (typeof sampledValue)[number]],
  }
}

const wholeWh = (point: Pick<Point16, 'station'>, wh: number): number =>
  Math.round(point.station.spec.faults.energyInKwh ? wh / 1000 : wh)

/** Messages about transactions, through the outbox. */
const reportStart = (point: Point16, port: SimPort, transaction: SimTransaction): void => {
  const { station, uplink } = point
  const payload: T.StartTransactionRequest = {
    connectorId: port.evse.evseId,
    idTag: transaction.idToken,
    meterStart: wholeWh(point, transaction.meterStartWh * port.evse.efficiency),
    timestamp: uplink.timestamp(),
  }
  uplink.outbox.push({
    action: 'StartTransaction',
    payload: () => payload,
    copies: station.spec.faults.duplicatesStart ? 2 : 1,
    dispensable: false,
    answered: (response) => {
      const answer = response as T.StartTransactionResponse | null
      if (!answer) return
      station.nameTransaction(transaction, String(answer.transactionId))
      const refused = answer.idTagInfo.status !== 'Accepted'
      if (refused && port.transaction === transaction) station.stop(port, 'deauthorized')
    },
  })
}

const reportStop = (
  point: Point16,
  port: SimPort,
  transaction: SimTransaction,
  reason: StopReason,
): void => {
  const { uplink, station, configuration } = point
  const wanted = configuration.list('StopTxnSampledData').length > 0
  const payload: Omit<T.StopTransactionRequest, 'transactionId'> = {
    meterStop: wholeWh(point, registerWh(port)),
    timestamp: uplink.timestamp(),
    reason: station.spec.faults.strangeEnums ? ('PluggedOut' as 'Other') : REASON[reason],
    ...(reason === 'local' ? { idTag: transaction.idToken } : {}),
    ...(wanted
      ? { transactionData: [meterValue(point, port, 'Transaction.End', 'StopTxnSampledData')] }
      : {}),
  }
  uplink.outbox.push({
    action: 'StopTransaction',
    payload: () => ({
      ...payload,
      transactionId: Number(transaction.transactionId ?? NO_TRANSACTION),
    }),
    copies: 1,
    dispensable: false,
    answered: () => {},
  })
}

const sendMeterValues = (point: Point16, port: SimPort, context: SampleContext): void => {
  const { transaction } = port
  const key = context === 'Sample.Clock' ? 'MeterValuesAlignedData' : 'MeterValuesSampledData'
  const value = meterValue(point, port, context, key)
  if (value.sampledValue.length === 0) return
  const message = { connectorId: port.evse.evseId, meterValue: [value] }
  if (!transaction) {
    if (point.uplink.ready()) void point.uplink.call('MeterValues', message)
    return
  }
  point.uplink.outbox.push({
    action: 'MeterValues',
    payload: () => {
      const transactionId = Number(transaction.transactionId ?? NO_TRANSACTION)
      return transactionId === NO_TRANSACTION ? message : { ...message, transactionId }
    },
    copies: 1,
    dispensable: true,
    answered: () => {},
  })
}

const sendStatus = ({ station, uplink }: Point16, connectorId: number): void => {
  if (!uplink.ready()) return
  const { faults } = station.spec
  const port = station.port(connectorId)
  const status = port ? STATUS[port.status] : 'Available'
  void uplink.call('StatusNotification', {
    connectorId,
    errorCode: faults.strangeEnums ? 'Error' : 'NoError',
    status: faults.stuckStatus ?? status,
    timestamp: uplink.timestamp(),
  })
}

const onEvent = (point: Point16, event: StationEvent): void => {
  switch (event.kind) {
    case 'plugged':
      point.remoteStarts.plugged(event.port)
      return
    case 'unplugged':
      return
    case 'status':
      point.sendStatus(event.port.evse.evseId)
      return
    case 'started':
      reportStart(point, event.port, event.transaction)
      return
    case 'stopped':
      reportStop(point, event.port, event.transaction, event.reason)
  }
}

/** A station that speaks OCPP 1.6J; `start` connects it, and it keeps itself connected. */
export const createChargePoint16 = (options: ChargePointOptions): ChargePoint => {
  const { station, clock } = options
  const { model } = station.spec
  const configuration = createConfiguration(
    model,
    station.ports.length,
    options.settings.meterIntervalS,
    MEASURANDS,
  )
  const build = (uplink: Uplink): Point16 => {
    const point: Point16 = {
      station,
      uplink,
      configuration,
      remoteStarts: createRemoteStarts(station, clock, () =>
        configuration.seconds('ConnectionTimeOut'),
      ),
      sendStatus: (connectorId) => sendStatus(point, connectorId),
      sendMeterValues: (port, context) => sendMeterValues(point, port, context),
    }
    return point
  }
  const dialogueOf = (uplink: Uplink): Dialogue => {
    const point = build(uplink)
    station.listen((event) => onEvent(point, event))
    return {
      protocol: 'ocpp1.6',
      bootPayload: (): T.BootNotificationRequest => ({
        chargePointVendor: model.vendor,
        chargePointModel: model.model,
        chargePointSerialNumber: station.spec.id.slice(0, 25),
        firmwareVersion: model.firmware,
      }),
      announce: () => {
        for (let id = 0; id <= station.ports.length; id++) {
          point.sendStatus(id === 0 ? 0 : station.ports[id - 1].evse.evseId)
        }
      },
      tick: createMetering(station, {
        sampledS: () => configuration.seconds('MeterValueSampleInterval'),
        alignedS: () => configuration.seconds('ClockAlignedDataInterval'),
        sampled: (port) => point.sendMeterValues(port, 'Sample.Periodic'),
        aligned: (port) => point.sendMeterValues(port, 'Sample.Clock'),
      }),
      handle: createCommands16(point),
    }
  }
  const { uplink, ...life } = createUplink(options, dialogueOf)
  return {
    ...life,
    station,
    present: (port, idToken) => {
      if (!uplink.ready()) {
        // LocalAuthorizeOffline: the driver shall not wait for our connection.
        station.start(port, idToken)
        return
      }
      void uplink.call('Authorize', { idTag: idToken }).then((outcome) => {
        const answer = outcome.ok ? (outcome.response as T.AuthorizeResponse) : null
        const offline = !outcome.ok && outcome.reason === 'offline'
        if (offline || answer?.idTagInfo.status === 'Accepted') station.start(port, idToken)
      })
    },
  }
}
