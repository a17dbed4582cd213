import { expect, test } from 'vitest'
import { EMPTY } from '../../../../src/ocpp/dialect.ts'
import { iso } from '../../../../src/ocpp/timestamp.ts'
import { settle, START_MS } from '../../csms/harness.ts'
import { createEdge } from '../edge.ts'

const BOOT = {
  chargePointVendor: 'Acme',
  chargePointModel: 'One',
  firmwareVersion: '1.0',
  chargeBoxSerialNumber: 'B1',
}

const station = async (given: Parameters<typeof createEdge>[1] = {}) => {
  const edge = await createEdge('ocpp1.6', given)
  edge.connect('CP1')
  await edge.say('BootNotification', BOOT)
  return { ...edge, state: edge.csms.fleet.states()[0] }
}

const start = (given: object = {}) => ({
  connectorId: 1,
  idTag: 'TAG1',
  meterStart: 1_000,
  timestamp: iso(START_MS),
  ...given,
})

const sampled = (given: object) => ({
  connectorId: 1,
  meterValue: [{ timestamp: iso(START_MS), sampledValue: [given] }],
})

test('a boot', async () => {
  const { csms, say } = await station()
  const answer = await say('BootNotification', BOOT)
  expect(answer).toMatchObject({ status: 'Accepted', currentTime: iso(START_MS) })
  expect(csms.stations.get('CP1')).toMatchObject({
    vendor: 'Acme',
    model: 'One',
    firmware: '1.0',
    serialNumber: 'B1',
  })
})

test('a heartbeat is answered at once, without a promise', async () => {
  const { raw } = await station()
  expect(raw('Heartbeat', {})).toEqual({ currentTime: '2026-11-22T08:00:00.000Z' })
})

test('a transaction, as a charger tells it', async () => {
  const { say, state, advance, clock, storage } = await station()
  await say('StatusNotification', {
    connectorId: 1,
    status: 'Preparing',
    errorCode: 'NoError',
    timestamp: iso(START_MS),
  })
  expect(state.status).toBe('occupied')
  const answer = await say('StartTransaction', start())
  expect(answer).toEqual({ transactionId: 1, idTagInfo: { status: 'Accepted' } })
  await say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  await advance(60)
  const values = {
    connectorId: 1,
    transactionId: 1,
    meterValue: [
      {
        timestamp: iso(clock.now()),
        sampledValue: [
          { value: '16.1', measurand: 'Current.Import', phase: 'L1', unit: 'A' },
          { value: '16.0', measurand: 'Current.Import', phase: 'L2', unit: 'A' },
          { value: '15.9', measurand: 'Current.Import', phase: 'L3', unit: 'A' },
          { value: '11.04', measurand: 'Power.Active.Import', unit: 'kW' },
          { value: '1.184', unit: 'kWh', context: 'Sample.Periodic' },
          { value: '41', measurand: 'SoC', unit: 'Percent', location: 'EV' },
        ],
      },
    ],
  }
  expect(await say('MeterValues', values)).toBe(EMPTY)
  expect(state).toMatchObject({
    status: 'charging',
    measured: { currentA: [16.1, 16, 15.9], powerW: 11_040, energyWh: 1_184, soc: 0.41 },
    session: { energyWh: 184 },
  })
  const stop = await say('StopTransaction', {
    transactionId: 1,
    meterStop: 1_200,
    timestamp: iso(clock.now()),
    idTag: 'TAG1',
    reason: 'Local',
    transactionData: values.meterValue,
  })
  expect(stop).toEqual({ idTagInfo: { status: 'Accepted' } })
  expect(storage.rows('transaction')).toMatchObject([{ state: 'ended', meterStopWh: 1_200 }])
  expect(storage.rows('sample')).toHaveLength(2)
})

test.each([0, -1, 12_345])('a stop with the id %i is confirmed', async (transactionId) => {
  const { say, storage } = await station()
  const payload = { transactionId, meterStop: 5, timestamp: iso(START_MS) }
  expect(await say('StopTransaction', payload)).toEqual({})
  expect(storage.rows('transaction')).toMatchObject([{ state: 'orphan' }])
})

test.each([0, -1])(
  'values with the transaction %i belong to the open one',
  async (transactionId) => {
    const { say, storage } = await station()
    await say('StartTransaction', start())
    await say('MeterValues', { ...sampled({ value: '1010' }), transactionId })
    expect(storage.rows('sample')).toMatchObject([{ transactionId: '1' }])
  },
)

test.each([
  [
    { value: '7,4', measurand: 'Power.Active.Import', unit: 'kW' },
    ['Power.Active.Import', '', 'W', 7_400],
  ],
  [{ value: '' }, undefined],
  [{ value: 'n/a' }, undefined],
  [
    { value: 'OCMF|{}', format: 'SignedData' },
    ['Energy.Active.Import.Register', '', 'signed', 'OCMF|{}'],
  ],
  [{ value: '1', measurand: 'Voltage', phase: 'L1-N' }, ['Voltage', 'L1-N', 'V', 1]],
])('a sampled value %j', async (given, expected) => {
  const { say, storage } = await station()
  await say('MeterValues', sampled(given))
  await settle()
  expect(storage.rows('sample')).toMatchObject([{ values: expected ? [expected] : [] }])
})

test('values of no transaction are answered at once', async () => {
  const { raw } = await station()
  expect(raw('MeterValues', sampled({ value: '1' }))).toBe(EMPTY)
})

test('nothing is confirmed that could not be stored', async () => {
  const { say, storage } = await station()
  await settle()
  storage.failNext(1)
  await expect(say('StartTransaction', start())).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await say('StartTransaction', start())).toMatchObject({ transactionId: 1 })
})

test('tokens', async () => {
  const { csms, say } = await station({
    authorization: { unknownTokens: 'reject', concurrentTransactions: 'refuse' },
  })
  await csms.idTokens.put(
    {
      idToken: 'GOOD',
      type: null,
      state: 'accepted',
      groupId: 'FLEET',
      expiresAtMs: START_MS + 1_000,
      note: null,
    },
    'ann',
  )
  expect(await say('Authorize', { idTag: 'GOOD' })).toEqual({
    idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET', expiryDate: iso(START_MS + 1_000) },
  })
  expect(await say('Authorize', { idTag: 'BAD' })).toEqual({ idTagInfo: { status: 'Invalid' } })
  await say('StartTransaction', start({ idTag: 'GOOD' }))
  expect(await say('StartTransaction', start({ idTag: 'GOOD', connectorId: 2 }))).toMatchObject({
    transactionId: 2,
    idTagInfo: { status: 'ConcurrentTx' },
  })
})

test('a stranger is told that it is rejected, and its drivers that they are invalid', async () => {
  const { connect, say } = await createEdge('ocpp1.6')
  connect('STRANGER')
  expect(await say('BootNotification', BOOT, 'STRANGER')).toMatchObject({
    status: 'Rejected',
    interval: 3_600,
  })
  expect(await say('Authorize', { idTag: 'TAG' }, 'STRANGER')).toEqual({
    idTagInfo: { status: 'Invalid' },
  })
})

test('a fault with its code', async () => {
  const { say, storage } = await station()
  await say('StatusNotification', { connectorId: 1, status: 'Faulted', errorCode: 'GroundFailure' })
  await settle()
  expect(storage.rows('evse')).toMatchObject([{ status: 'faulted', errorCode: 'GroundFailure' }])
})

test('data transfer', async () => {
  const { say } = await station({
    dataTransfer: {
      acme: { Text: () => ({ status: 'Accepted', data: 'yes' }) },
      json: { '': (_, data) => ({ status: 'Accepted', data: { got: data } }) },
    },
  })
  expect(await say('DataTransfer', { vendorId: 'acme', messageId: 'Text' })).toEqual({
    status: 'Accepted',
    data: 'yes',
  })
  expect(await say('DataTransfer', { vendorId: 'json', data: 'x' })).toEqual({
    status: 'Accepted',
    data: '{"got":"x"}',
  })
  expect(await say('DataTransfer', { vendorId: 'acme', messageId: 'No' })).toEqual({
    status: 'UnknownMessageId',
  })
  expect(await say('DataTransfer', { vendorId: 'nobody' })).toEqual({ status: 'UnknownVendorId' })
})

test.each([
  ['FirmwareStatusNotification', { status: 'Downloading' }, {}],
  ['DiagnosticsStatusNotification', { status: 'Uploading' }, {}],
  ['SignedFirmwareStatusNotification', { status: 'SignatureVerified', requestId: 1 }, {}],
  ['LogStatusNotification', { status: 'Uploaded', requestId: 1 }, {}],
  ['SecurityEventNotification', { type: 'TamperDetectionActivated', timestamp: iso(0) }, {}],
  ['SignCertificate', { csr: 'x' }, { status: 'Rejected' }],
])('%s is answered and recorded', async (action, payload, expected) => {
  const { say, storage } = await station()
  expect(await say(action, payload)).toEqual(expected)
  await settle()
  expect(storage.rows('audit')).toMatchObject([{ actor: 'station:CP1' }])
})

test('every action that a station may send has an answer', async () => {
  const { ACTIONS_16 } = await import('../../../../src/ocpp/payloads16.ts')
  const { dialect16 } = await import('../../../../src/ocpp/v16/from-station.ts')
  const { csms, clock } = await createEdge('ocpp1.6')
  const fromStation = Object.entries(ACTIONS_16).filter(([, way]) => way !== 'to-station')
  expect(Object.keys(dialect16(csms, clock).handlers).sort()).toEqual(
    fromStation.map(([action]) => action).sort(),
  )
})
