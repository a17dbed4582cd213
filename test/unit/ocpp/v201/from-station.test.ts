import { expect, test } from 'vitest'
import { ACTIONS_201 } from '../../../../src/ocpp/payloads201.ts'
import { iso } from '../../../../src/ocpp/timestamp.ts'
import { dialect201 } from '../../../../src/ocpp/v201/from-station.ts'
import { createReports } from '../../../../src/ocpp/v201/reports.ts'
import { settle, START_MS } from '../../csms/harness.ts'
import { createEdge } from '../edge.ts'

const BOOT = {
  reason: 'PowerUp',
  chargingStation: {
    vendorName: 'Acme',
    model: 'Two',
    firmwareVersion: '2.0',
    serialNumber: 'S2',
  },
}

const station = async (given: Parameters<typeof createEdge>[1] = {}) => {
  const edge = await createEdge('ocpp2.0.1', given)
  edge.connect('CP1', 'ocpp2.0.1')
  await edge.say('BootNotification', BOOT)
  return { ...edge, state: edge.csms.fleet.states()[0] }
}

const event = (eventType: string, seqNo: number, given: object = {}) => ({
  eventType,
  seqNo,
  timestamp: iso(START_MS),
  triggerReason: 'Authorized',
  transactionInfo: { transactionId: 'tx-1' },
  evse: { id: 1, connectorId: 1 },
  ...given,
})

const CARD = { idToken: 'TAG1', type: 'ISO14443' }

test('a boot', async () => {
  const { csms, say } = await station()
  expect(await say('BootNotification', BOOT)).toMatchObject({ status: 'Accepted' })
  expect(csms.stations.get('CP1')).toMatchObject({ vendor: 'Acme', model: 'Two', firmware: '2.0' })
})

test('a heartbeat is answered at once, without a promise', async () => {
  const { raw } = await station()
  expect(raw('Heartbeat', {})).toEqual({ currentTime: '2026-11-22T08:00:00.000Z' })
})

test('a transaction, as a charger tells it', async () => {
  const { say, state, advance, clock, storage } = await station()
  await say('StatusNotification', {
    evseId: 1,
    connectorId: 1,
    connectorStatus: 'Occupied',
    timestamp: iso(START_MS),
  })
  expect(state.status).toBe('occupied')
  const begun = event('Started', 0, {
    idToken: CARD,
    meterValue: [
      {
        timestamp: iso(START_MS),
        sampledValue: [
          {
            value: 1.2,
            context: 'Transaction.Begin',
            unitOfMeasure: { unit: 'Wh', multiplier: 3 },
          },
        ],
      },
    ],
  })
  expect(await say('TransactionEvent', begun)).toEqual({ idTokenInfo: { status: 'Accepted' } })
  await advance(60)
  const now = iso(clock.now())
  const current = (phase: string, value: number) => ({ value, measurand: 'Current.Import', phase })
  await say(
    'TransactionEvent',
    event('Updated', 1, {
      timestamp: now,
      triggerReason: 'MeterValuePeriodic',
      transactionInfo: { transactionId: 'tx-1', chargingState: 'Charging' },
      meterValue: [
        {
          timestamp: now,
          sampledValue: [
            current('L1', 16),
            current('L2', 16),
            current('L3', 16),
            { value: 1_384, measurand: 'Energy.Active.Import.Register' },
          ],
        },
      ],
    }),
  )
  expect(state).toMatchObject({
    status: 'charging',
    measured: { currentA: [16, 16, 16], energyWh: 1_384 },
    session: { transactionId: 'tx-1', idToken: 'TAG1', energyWh: 184 },
  })
  const over = event('Ended', 2, {
    timestamp: now,
    triggerReason: 'EVDeparted',
    transactionInfo: { transactionId: 'tx-1', stoppedReason: 'EVDisconnected' },
  })
  expect(await say('TransactionEvent', over)).toEqual({})
  expect(storage.rows('transaction')).toMatchObject([
    { state: 'ended', meterStartWh: 1_200, stopReason: 'EVDisconnected', seqNo: 2 },
  ])
})

test('signed values keep their payload', async () => {
  const { say, storage } = await station()
  const signedMeterValue = {
    signedMeterData: 'QUJD',
    signingMethod: '',
    encodingMethod: 'OCMF',
    publicKey: '',
  }
  await say('MeterValues', {
    evseId: 1,
    meterValue: [{ timestamp: iso(START_MS), sampledValue: [{ value: 5, signedMeterValue }] }],
  })
  await settle()
  expect(storage.rows('sample')).toMatchObject([
    {
      transactionId: null,
      values: [
        ['Energy.Active.Import.Register', '', 'Wh', 5],
        ['Energy.Active.Import.Register', '', 'signed', JSON.stringify(signedMeterValue)],
      ],
    },
  ])
})

test('nothing is confirmed that could not be stored', async () => {
  const { say, storage } = await station()
  await settle()
  storage.failNext(1)
  const begun = event('Started', 0, { idToken: CARD })
  await expect(say('TransactionEvent', begun)).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await say('TransactionEvent', begun)).toMatchObject({
    idTokenInfo: { status: 'Accepted' },
  })
})

test('a replayed event does not touch the present', async () => {
  const { say, state } = await station()
  await say('TransactionEvent', event('Started', 0, { offline: true, idToken: CARD }))
  expect(state.session).toBeNull()
})

test('tokens', async () => {
  const { csms, say } = await station({
    authorization: { unknownTokens: 'reject', concurrentTransactions: 'accept' },
  })
  await csms.idTokens.put(
    {
      idToken: 'TAG1',
      type: 'ISO14443',
      state: 'blocked',
      groupId: 'FLEET',
      expiresAtMs: null,
      note: null,
    },
    'ann',
  )
  expect(await say('Authorize', { idToken: CARD })).toEqual({
    idTokenInfo: {
      status: 'Blocked',
      groupIdToken: { idToken: 'FLEET', type: 'Central' },
    },
  })
  const authorize = (idToken: object, more: object = {}) => say('Authorize', { idToken, ...more })
  expect(await authorize({ idToken: 'X', type: 'eMAID' }, { certificate: 'pem' })).toEqual({
    idTokenInfo: { status: 'Unknown' },
    certificateStatus: 'NoCertificateAvailable',
  })
  expect(await authorize({ idToken: '', type: 'NoAuthorization' })).toEqual({
    idTokenInfo: { status: 'Accepted' },
  })
})

test('a report in parts is stored as it comes', async () => {
  const { csms, say } = await station()
  const part = (seqNo: number, name: string, tbc: boolean) => ({
    requestId: 1,
    generatedAt: iso(START_MS),
    seqNo,
    tbc,
    reportData: [
      {
        component: { name: 'SmartChargingCtrlr' },
        variable: { name },
        variableAttribute: [{ value: '3', mutability: 'ReadOnly' }],
        variableCharacteristics: { dataType: 'integer', supportsMonitoring: false, maxLimit: 9 },
      },
    ],
  })
  await say('NotifyReport', part(7, 'ProfileStackLevel', true))
  await say('NotifyReport', part(2, 'PeriodsPerSchedule', false))
  const names = (await csms.variables.list('CP1')).map(
    ({ variable, attribute, value, readonly }) => [variable, attribute, value, readonly],
  )
  expect(names).toEqual([
    ['ProfileStackLevel', 'Actual', '3', true],
    ['ProfileStackLevel', 'maxLimit', '9', true],
    ['PeriodsPerSchedule', 'Actual', '3', true],
    ['PeriodsPerSchedule', 'maxLimit', '9', true],
  ])
})

const alert = (given: object) => ({
  generatedAt: iso(START_MS),
  seqNo: 0,
  eventData: [
    {
      eventId: 1,
      timestamp: iso(START_MS),
      trigger: 'Alerting',
      actualValue: 'true',
      eventNotificationType: 'HardWiredNotification',
      component: { name: 'ChargingStation' },
      variable: { name: 'Problem' },
      ...given,
    },
  ],
})

test('events: values, alerts and the availability of connectors', async () => {
  const { csms, say, storage, state } = await station()
  await say('NotifyEvent', alert({}))
  await say(
    'NotifyEvent',
    alert({
      trigger: 'Delta',
      actualValue: 'Occupied',
      component: { name: 'Connector', evse: { id: 1, connectorId: 1 } },
      variable: { name: 'AvailabilityState' },
    }),
  )
  await settle()
  expect(storage.rows('audit')).toMatchObject([{ action: 'station.event' }])
  expect(state.status).toBe('occupied')
  const variables = await csms.variables.list('CP1')
  expect(variables.map(({ component, value }) => [component, value])).toEqual([
    ['ChargingStation', 'true'],
    ['Connector@1/1', 'Occupied'],
  ])
})

test("limits of others come and go, and are the plan's business", async () => {
  const { csms, say } = await station()
  await say('NotifyChargingLimit', {
    evseId: 1,
    chargingLimit: { chargingLimitSource: 'EMS', isGridCritical: true },
    chargingSchedule: [
      { id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
    ],
  })
  expect(csms.stations.get('CP1').externalLimits).toMatchObject([
    {
      evseId: 1,
      source: 'EMS',
      isGridCritical: true,
      schedule: { startMs: START_MS, unit: 'A', periods: [{ startS: 0, limit: 10 }] },
    },
  ])
  await say('ClearedChargingLimit', { chargingLimitSource: 'EMS' })
  expect(csms.stations.get('CP1').externalLimits).toEqual([])
})

test.each([
  [
    'AC',
    {
      requestedEnergyTransfer: 'AC_three_phase',
      departureTime: iso(START_MS + 7_200_000),
      acChargingParameters: {
        energyAmount: 20_000,
        evMinCurrent: 6,
        evMaxCurrent: 16,
        evMaxVoltage: 400,
      },
    },
    { energyWh: 20_000, departureMs: START_MS + 7_200_000, source: 'station' },
  ],
  [
    'DC by its battery',
    {
      requestedEnergyTransfer: 'DC',
      dcChargingParameters: {
        evMaxCurrent: 200,
        evMaxVoltage: 800,
        evEnergyCapacity: 80_000,
        stateOfCharge: 30,
        fullSoC: 80,
      },
    },
    { energyWh: 40_000, departureMs: null, source: 'station' },
  ],
])('what a vehicle needs: %s', async (_, chargingNeeds, need) => {
  const { say, state } = await station()
  const needs = { evseId: 1, chargingNeeds }
  expect(await say('NotifyEVChargingNeeds', needs)).toEqual({ status: 'Rejected' })
  await say('TransactionEvent', event('Started', 0, { idToken: CARD }))
  expect(await say('NotifyEVChargingNeeds', needs)).toEqual({ status: 'Accepted' })
  expect(state.session?.need).toEqual(need)
})

test('the schedule of a vehicle must stay within ours', async () => {
  const { csms, say } = await station()
  const schedule = (limit: number) => ({
    evseId: 1,
    timeBase: iso(START_MS),
    chargingSchedule: {
      id: 1,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  })
  expect(await say('NotifyEVChargingSchedule', schedule(99))).toEqual({ status: 'Accepted' })
  csms.evses.all()[0].installed = {
    id: 1,
    purpose: 'tx',
    stackLevel: 1,
    transactionId: 'tx-1',
    validToMs: null,
    schedule: {
      startMs: START_MS - 60_000,
      durationS: 900,
      unit: 'A',
      numberPhases: 3,
      periods: [{ startS: 0, limit: 16 }],
    },
  }
  expect(await say('NotifyEVChargingSchedule', schedule(16))).toEqual({ status: 'Accepted' })
  expect(await say('NotifyEVChargingSchedule', schedule(20))).toEqual({ status: 'Rejected' })
})

test.each([
  ['SecurityEventNotification', { type: 'SettingSystemTime', timestamp: iso(START_MS) }, {}, 1],
  ['NotifyMonitoringReport', { requestId: 1, seqNo: 0, generatedAt: iso(START_MS) }, {}, 1],
  [
    'NotifyCustomerInformation',
    { data: 'x', seqNo: 0, generatedAt: iso(START_MS), requestId: 1 },
    {},
    1,
  ],
  ['NotifyDisplayMessages', { requestId: 1 }, {}, 1],
  ['ReservationStatusUpdate', { reservationId: 1, reservationUpdateStatus: 'Expired' }, {}, 1],
  ['FirmwareStatusNotification', { status: 'Installed', requestId: 1 }, {}, 1],
  ['PublishFirmwareStatusNotification', { status: 'Published', location: ['http://x'] }, {}, 1],
  ['LogStatusNotification', { status: 'Uploaded', requestId: 1 }, {}, 1],
  ['SignCertificate', { csr: 'x' }, { status: 'Rejected' }, 1],
  [
    'Get15118EVCertificate',
    { iso15118SchemaVersion: 'urn', action: 'Install', exiRequest: 'x' },
    { status: 'Failed', exiResponse: '' },
    0,
  ],
  [
    'GetCertificateStatus',
    {
      ocspRequestData: {
        hashAlgorithm: 'SHA256',
        issuerNameHash: 'a',
        issuerKeyHash: 'b',
        serialNumber: 'c',
        responderURL: 'http://x',
      },
    },
    { status: 'Failed' },
    0,
  ],
] as const)('%s is answered', async (action, payload, expected, records) => {
  const { say, storage } = await station()
  expect(await say(action, payload)).toEqual(expected)
  await settle()
  expect(storage.rows('audit')).toHaveLength(records)
})

test('data transfer', async () => {
  const { say } = await station({
    dataTransfer: { acme: { '': () => ({ status: 'Accepted', data: { yes: true } }) } },
  })
  expect(await say('DataTransfer', { vendorId: 'acme' })).toEqual({
    status: 'Accepted',
    data: { yes: true },
  })
  expect(await say('DataTransfer', { vendorId: 'nobody' })).toEqual({ status: 'UnknownVendorId' })
})

test('all 25 actions that a station may send have an answer', async () => {
  const { csms, clock } = await createEdge('ocpp2.0.1')
  const fromStation = Object.entries(ACTIONS_201).filter(([, way]) => way !== 'to-station')
  expect(fromStation).toHaveLength(25)
  expect(Object.keys(dialect201(csms, clock, createReports(clock)).handlers).sort()).toEqual(
    fromStation.map(([action]) => action).sort(),
  )
})
