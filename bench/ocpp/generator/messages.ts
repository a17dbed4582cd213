import { ID, NUMBER, TIME } from './masked-frame.ts'

export const PROTOCOLS = ['ocpp1.6', 'ocpp2.0.1'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** What a station of the bench may say. `small`: 100 bytes for a server that only echoes. */
export type Kind = 'small' | 'boot' | 'heartbeat' | 'status' | 'start' | 'meter' | 'stop'

/** What a text needs to know of its station. */
export interface Speaker {
  readonly identity: string
  /** As OCPP writes it: a number for 1.6, a quoted text for 2.0.1. */
  readonly transactionId: string
}

const call = (action: string, payload: string): string => `[2,"${ID}","${action}",${payload}]`

const SMALL = call('Heartbeat', `{"padding":"${'x'.repeat(100 - 46)}"}`)

type Texts = Readonly<Record<Kind, (speaker: Speaker) => string>>

/** Eight sampled values, about 1.2 KB, as a three-phase AC charger sends them. */
const sampled16 = (
  [
    [NUMBER, 'Energy.Active.Import.Register', null, 'Wh'],
    ['10850.5', 'Power.Active.Import', null, 'W'],
    ['15.72', 'Current.Import', 'L1', 'A'],
    ['15.68', 'Current.Import', 'L2', 'A'],
    ['15.75', 'Current.Import', 'L3', 'A'],
    ['230.11', 'Voltage', 'L1-N', 'V'],
    ['229.84', 'Voltage', 'L2-N', 'V'],
    ['230.42', 'Voltage', 'L3-N', 'V'],
  ] as const
)
  .map(
    ([value, measurand, phase, unit]) =>
      `{"value":"${value}","context":"Sample.Periodic","format":"Raw","measurand":"${measurand}"` +
      `${phase === null ? '' : `,"phase":"${phase}"`},"location":"Outlet","unit":"${unit}"}`,
  )
  .join(',')

const texts16: Texts = {
  small: () => SMALL,
  boot: ({ identity }) =>
    call(
      'BootNotification',
      `{"chargePointVendor":"Bench","chargePointModel":"B1","chargePointSerialNumber":"${identity}",` +
        '"firmwareVersion":"1.0.0"}',
    ),
  heartbeat: () => call('Heartbeat', '{}'),
  status: () =>
    call(
      'StatusNotification',
      `{"connectorId":1,"errorCode":"NoError","status":"Charging","timestamp":"${TIME}"}`,
    ),
  start: ({ identity }) =>
    call(
      'StartTransaction',
      `{"connectorId":1,"idTag":"T-${identity}","meterStart":${NUMBER},"timestamp":"${TIME}"}`,
    ),
  meter: ({ transactionId }) =>
    call(
      'MeterValues',
      `{"connectorId":1,"transactionId":${transactionId},"meterValue":[{"timestamp":"${TIME}",` +
        `"sampledValue":[${sampled16}]}]}`,
    ),
  stop: ({ transactionId }) =>
    call(
      'StopTransaction',
      `{"transactionId":${transactionId},"meterStop":${NUMBER},"timestamp":"${TIME}",` +
        '"reason":"Local"}',
    ),
}

const sampled201 = (
  [
    [NUMBER, 'Energy.Active.Import.Register', null, 'Wh'],
    ['10850.5', 'Power.Active.Import', null, 'W'],
    ['15.72', 'Current.Import', 'L1', 'A'],
    ['15.68', 'Current.Import', 'L2', 'A'],
    ['15.75', 'Current.Import', 'L3', 'A'],
    ['230.11', 'Voltage', 'L1-N', 'V'],
    ['229.84', 'Voltage', 'L2-N', 'V'],
    ['230.42', 'Voltage', 'L3-N', 'V'],
  ] as const
)
  .map(
    ([value, measurand, phase, unit]) =>
      `{"value":${value},"context":"Sample.Periodic","measurand":"${measurand}"` +
      `${phase === null ? '' : `,"phase":"${phase}"`},"location":"Outlet",` +
      `"unitOfMeasure":{"unit":"${unit}"}}`,
  )
  .join(',')

/** The number that counts the meter counts the messages of the transaction, too. */
const transactionEvent = (
  eventType: 'Started' | 'Updated' | 'Ended',
  triggerReason: string,
  chargingState: 'Charging' | 'Idle',
  { transactionId }: Speaker,
  rest: string,
): string =>
  call(
    'TransactionEvent',
    `{"eventType":"${eventType}","timestamp":"${TIME}","triggerReason":"${triggerReason}",` +
      `"seqNo":${NUMBER},"transactionInfo":{"transactionId":${transactionId},` +
      `"chargingState":"${chargingState}"},"evse":{"id":1,"connectorId":1}${rest}}`,
  )

const texts201: Texts = {
  small: () => SMALL,
  boot: ({ identity }) =>
    call(
      'BootNotification',
      '{"reason":"PowerUp","chargingStation":{"vendorName":"Bench","model":"B1",' +
        `"serialNumber":"${identity}","firmwareVersion":"1.0.0"}}`,
    ),
  heartbeat: () => call('Heartbeat', '{}'),
  status: () =>
    call(
      'StatusNotification',
      `{"timestamp":"${TIME}","connectorStatus":"Occupied","evseId":1,"connectorId":1}`,
    ),
  start: (speaker) =>
    transactionEvent(
      'Started',
      'CablePluggedIn',
      'Charging',
      speaker,
      `,"idToken":{"idToken":"T-${speaker.identity}","type":"ISO14443"}`,
    ),
  meter: (speaker) =>
    transactionEvent(
      'Updated',
      'MeterValuePeriodic',
      'Charging',
      speaker,
      `,"meterValue":[{"timestamp":"${TIME}","sampledValue":[${sampled201}]}]`,
    ),
  stop: (speaker) => transactionEvent('Ended', 'EVDeparted', 'Idle', speaker, ''),
}

/** Message texts of a version, with the marks of `masked-frame.ts` where they are patched. */
export const textsOf = (protocol: Protocol): Texts => (protocol === 'ocpp1.6' ? texts16 : texts201)
