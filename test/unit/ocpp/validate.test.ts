import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import type { Protocol } from '../../../src/ocpp/dialect.ts'
import type { PayloadKind } from '../../../src/ocpp/schemas.ts'
import { type Check, createCheck } from '../../../src/ocpp/validate.ts'
import { START_MS } from './support.ts'

const clock = createVirtualClock(START_MS)
const NOW = '2026-11-22T07:00:00.000Z'

const check = (protocol: Protocol, action: string, kind: PayloadKind = 'request'): Check => {
  const found = createCheck(protocol, action, kind, clock)
  if (!found) throw new Error(`no check for ${action}`)
  return found
}

const STATUS = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
const START = { connectorId: 1, idTag: 'ABC', meterStart: 0, timestamp: NOW }
const sample = (fields: object) => ({ value: '1', ...fields })
const values16 = (...samples: object[]) => ({
  connectorId: 1,
  meterValue: [{ timestamp: NOW, sampledValue: samples }],
})
const event = (fields: object) => ({
  eventType: 'Updated',
  timestamp: NOW,
  triggerReason: 'MeterValuePeriodic',
  seqNo: 3,
  transactionInfo: { transactionId: 'T1' },
  ...fields,
})

describe('valid payloads pass at once', () => {
  test.each<[Protocol, string, object]>([
    ['ocpp1.6', 'Heartbeat', {}],
    ['ocpp1.6', 'StartTransaction', START],
    ['ocpp1.6', 'MeterValues', values16(sample({ measurand: 'Voltage', phase: 'L1-N' }))],
    ['ocpp2.0.1', 'TransactionEvent', event({})],
    ['ocpp2.0.1', 'Heartbeat', { customData: { vendorId: 'x', anything: [1] } }],
    ['ocpp2.0.1', 'DataTransfer', { vendorId: 'x', data: { free: true } }],
  ])('%s %s', (protocol, action, payload) => {
    const before = structuredClone(payload)
    expect(check(protocol, action).receive(payload)).toBeNull()
    expect(payload).toEqual(before)
  })
})

describe('slips are repaired and named', () => {
  test.each<[string, Protocol, string, object, object, string[]]>([
    [
      'an unknown key is kept and ignored',
      'ocpp1.6',
      'StatusNotification',
      { ...STATUS, vendorStuff: { a: 1 } },
      { ...STATUS, vendorStuff: { a: 1 } },
      ['extra-key'],
    ],
    [
      'a key in another case gets its name',
      'ocpp1.6',
      'StatusNotification',
      { connectorID: 1, errorCode: 'NoError', status: 'Available' },
      STATUS,
      ['key-case'],
    ],
    [
      'null and empty stand for absent',
      'ocpp1.6',
      'StatusNotification',
      { ...STATUS, info: null, timestamp: '' },
      STATUS,
      ['null', 'empty'],
    ],
    [
      'numbers for texts (1.6 sampled values)',
      'ocpp1.6',
      'MeterValues',
      values16({ value: 230.4 }),
      values16({ value: '230.4' }),
      ['number-for-text'],
    ],
    [
      'texts for numbers, with comma, and decimals for integers',
      'ocpp1.6',
      'StartTransaction',
      { ...START, connectorId: '1', meterStart: '1234,6' },
      { ...START, connectorId: 1, meterStart: 1235 },
      ['text-for-number', 'text-for-number', 'rounded'],
    ],
    [
      'spellings of enumerations',
      'ocpp1.6',
      'MeterValues',
      values16(sample({ unit: 'KWH', phase: 'l1n', measurand: 'energy.active.import.register' })),
      values16(sample({ unit: 'kWh', phase: 'L1-N', measurand: 'Energy.Active.Import.Register' })),
      ['enum-spelling', 'enum-spelling', 'enum-spelling'],
    ],
    [
      'Hz, which 1.6 has no word for, goes: the measurand says it',
      'ocpp1.6',
      'MeterValues',
      values16(sample({ measurand: 'Frequency', unit: 'Hz' })),
      values16(sample({ measurand: 'Frequency' })),
      ['dropped'],
    ],
    [
      'a sample with an unknown measurand would become an energy register: it is left out',
      'ocpp1.6',
      'MeterValues',
      values16(sample({ measurand: 'Vendor.Magic' }), sample({ measurand: 'Voltage' })),
      values16(sample({ measurand: 'Voltage' })),
      ['dropped'],
    ],
    [
      'a sample with an unknown unit is left out, not taken for Wh',
      'ocpp1.6',
      'MeterValues',
      values16(sample({ unit: 'GWh' }), sample({})),
      values16(sample({})),
      ['dropped'],
    ],
    [
      'the status Error, an unknown error code',
      'ocpp1.6',
      'StatusNotification',
      { connectorId: 1, errorCode: 'E-STOP 7', status: 'Error' },
      { connectorId: 1, errorCode: 'OtherError', status: 'Faulted' },
      ['enum-unknown', 'enum-spelling'],
    ],
    [
      'a forgotten error code',
      'ocpp1.6',
      'StatusNotification',
      { connectorId: 1, status: 'Available' },
      STATUS,
      ['defaulted'],
    ],
    [
      '1.6 states on 2.0.1',
      'ocpp2.0.1',
      'StatusNotification',
      { timestamp: NOW, connectorStatus: 'Charging', evseId: 1, connectorId: 1 },
      { timestamp: NOW, connectorStatus: 'Occupied', evseId: 1, connectorId: 1 },
      ['enum-spelling'],
    ],
    [
      'free text is clipped, in characters',
      'ocpp1.6',
      'StatusNotification',
      { ...STATUS, info: '\u{1F50C}'.repeat(101) },
      { ...STATUS, info: '\u{1F50C}'.repeat(100) },
      ['clipped'],
    ],
    [
      'an identification is never clipped',
      'ocpp1.6',
      'Authorize',
      { idTag: 'VID:0123456789ABCDEF0123456789' },
      { idTag: 'VID:0123456789ABCDEF0123456789' },
      ['long'],
    ],
    [
      'a zone without minutes, and none',
      'ocpp1.6',
      'StopTransaction',
      { transactionId: 1, meterStop: 5, timestamp: '2026-11-22T10:00:00+03', idTag: 'A' },
      { transactionId: 1, meterStop: 5, timestamp: NOW, idTag: 'A' },
      ['time-form'],
    ],
    [
      'a clock that was never set becomes the time of receipt',
      'ocpp1.6',
      'StartTransaction',
      { ...START, timestamp: '0000-00-00T00:00:00Z' },
      START,
      ['time-unset'],
    ],
    [
      'an unknown reason to stop',
      'ocpp1.6',
      'StopTransaction',
      { transactionId: 1, meterStop: 5, timestamp: NOW, reason: 'CableCut' },
      { transactionId: 1, meterStop: 5, timestamp: NOW, reason: 'Other' },
      ['enum-unknown'],
    ],
    [
      'one object for a list of one',
      'ocpp1.6',
      'MeterValues',
      { connectorId: 1, meterValue: { timestamp: NOW, sampledValue: sample({}) } },
      values16(sample({})),
      ['item-for-list', 'item-for-list'],
    ],
    [
      'spelled booleans and an unreadable optional part',
      'ocpp2.0.1',
      'TransactionEvent',
      event({ offline: 'True', numberOfPhasesUsed: 'three' }),
      event({ offline: true }),
      ['boolean-spelling', 'dropped'],
    ],
    [
      'a list of no samples',
      'ocpp2.0.1',
      'TransactionEvent',
      event({ meterValue: [{ timestamp: NOW, sampledValue: [] }] }),
      event({ meterValue: [{ timestamp: NOW, sampledValue: [] }] }),
      ['list-length'],
    ],
    [
      'an object where text is wanted',
      'ocpp1.6',
      'DataTransfer',
      { vendorId: 'x', data: { a: 1 } },
      { vendorId: 'x', data: '{"a":1}' },
      ['object-for-text'],
    ],
  ])('%s', (_, protocol, action, payload, repaired, slips) => {
    const verdict = check(protocol, action).receive(payload)
    expect(verdict?.violation).toBeNull()
    expect(payload).toEqual(repaired)
    expect(verdict?.slips.toSorted()).toEqual(slips.toSorted())
    // What was repaired stays repaired.
    expect(check(protocol, action).receive(payload)?.violation ?? null).toBeNull()
  })

  test.each([
    ['StartTransaction', { ...START, meterStart: null }, 'null'],
    ['StartTransaction', { ...START, meterStart: 'n/a' }, 'dropped'],
    ['StartTransaction', { ...START, meterStart: 1e30 }, 'dropped'],
    ['StopTransaction', { transactionId: 1, timestamp: NOW }, undefined],
  ])('%s without a meter reading is one all the same', (action, payload, slip) => {
    const verdict = check('ocpp1.6', action).receive(payload)
    expect(verdict).toEqual({ violation: null, slips: slip ? [slip] : [] })
    expect(payload).not.toHaveProperty('meterStart')
  })

  test('a number beyond all numbers is none: the value goes, the rest stays', () => {
    const sampledValue = JSON.parse('[{"value":1e400},{"value":"9e999"},{"value":5}]') as object[]
    const meterValue = [{ timestamp: NOW, sampledValue }]
    const payload = event({ meterValue })
    const verdict = check('ocpp2.0.1', 'TransactionEvent').receive(payload)
    expect(verdict).toEqual({ violation: null, slips: ['dropped', 'dropped'] })
    expect(meterValue).toEqual([{ timestamp: NOW, sampledValue: [{ value: 5 }] }])
  })

  test('decimals that binary floats cannot hold are no violation', () => {
    const period = { startPeriod: 0, limit: 3000.100098 }
    const chargingSchedule = { chargingRateUnit: 'W', chargingSchedulePeriod: [period] }
    const payload = { status: 'Accepted', chargingSchedule }
    expect(check('ocpp1.6', 'GetCompositeSchedule', 'response').receive(payload)).toBeNull()
    period.limit = 16.333
    const verdict = check('ocpp1.6', 'GetCompositeSchedule', 'response').receive(payload)
    expect(verdict).toEqual({ violation: null, slips: ['decimals'] })
    expect(period.limit).toBe(16.333)
  })

  test('keys of the prototype are just unknown keys', () => {
    const payload = JSON.parse('{"idTag":"A","__proto__":{"x":1},"constructor":2}') as object
    const verdict = check('ocpp1.6', 'Authorize').receive(payload)
    expect(verdict?.violation).toBeNull()
    expect(verdict?.slips).toEqual(['extra-key', 'extra-key'])
  })
})

describe('what cannot be repaired is refused with its code and path', () => {
  test.each<[Protocol, string, unknown, string, string]>([
    ['ocpp1.6', 'Heartbeat', [], 'FormatViolation', 'JSON object'],
    ['ocpp1.6', 'Heartbeat', 'x', 'FormatViolation', 'JSON object'],
    ['ocpp1.6', 'Authorize', {}, 'OccurrenceConstraintViolation', "'idTag'"],
    ['ocpp1.6', 'Authorize', { idTag: null }, 'OccurrenceConstraintViolation', "'idTag'"],
    ['ocpp1.6', 'Authorize', { idTag: ['A'] }, 'TypeConstraintViolation', '/idTag'],
    [
      'ocpp1.6',
      'StartTransaction',
      { ...START, connectorId: 'one' },
      'TypeConstraintViolation',
      '/connectorId',
    ],
    [
      'ocpp1.6',
      'StatusNotification',
      { ...STATUS, status: 'Sleeping' },
      'PropertyConstraintViolation',
      '/status',
    ],
    [
      'ocpp1.6',
      'StartTransaction',
      { ...START, timestamp: 'yesterday' },
      'PropertyConstraintViolation',
      '/timestamp',
    ],
    [
      'ocpp2.0.1',
      'BootNotification',
      { reason: 'PowerUp' },
      'OccurrenceConstraintViolation',
      "'chargingStation'",
    ],
    [
      'ocpp2.0.1',
      'TransactionEvent',
      event({ transactionInfo: 7 }),
      'TypeConstraintViolation',
      '/transactionInfo',
    ],
    [
      'ocpp2.0.1',
      'NotifyEVChargingNeeds',
      {
        evseId: 1,
        chargingNeeds: {
          requestedEnergyTransfer: 'DC',
          dcChargingParameters: { evMaxCurrent: 100, evMaxVoltage: 400, stateOfCharge: 130 },
        },
      },
      'PropertyConstraintViolation',
      '/stateOfCharge',
    ],
  ])('%s %s %j', (protocol, action, payload, code, path) => {
    const violation = check(protocol, action).receive(payload)?.violation
    expect(violation?.code).toBe(code)
    expect(violation?.detail).toContain(path)
    expect(violation?.detail.startsWith(action)).toBe(true)
  })

  test('a whole number that nothing can hold', () => {
    const verdict = check('ocpp2.0.1', 'TransactionEvent').receive(event({ seqNo: 1e30 }))
    expect(verdict?.violation).toMatchObject({
      code: 'PropertyConstraintViolation',
      detail: 'TransactionEvent/seqNo: must be <= 9007199254740991',
    })
  })

  test('a charging schedule is never half understood', () => {
    const period = { startPeriod: 0, limit: 16, numberPhases: 'many' }
    const payload = {
      requestId: 1,
      chargingLimitSource: 'EMS',
      evseId: 1,
      chargingProfile: [
        {
          id: 1,
          stackLevel: 0,
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingProfileKind: 'Absolute',
          chargingSchedule: [{ id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [period] }],
        },
      ],
    }
    const violation = check('ocpp2.0.1', 'ReportChargingProfiles').receive(payload)?.violation
    expect(violation?.code).toBe('TypeConstraintViolation')
  })
})

describe('outbound is strict', () => {
  const profile = (limit: number) => ({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit }],
      },
    },
  })
  const send = check('ocpp1.6', 'SetChargingProfile')

  test('every limit with one decimal is a multiple of 0.1', () => {
    const refused: number[] = []
    for (let tenths = 0; tenths <= 3200; tenths++) {
      if (send.send(profile(tenths / 10))) refused.push(tenths / 10)
    }
    expect(refused).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['two decimals', profile(6.25), '/limit'],
    ['an unknown key', { ...profile(6), extra: 1 }, "'extra'"],
    ['a number as text', { ...profile(6), connectorId: '1' }, '/connectorId'],
    ['a missing field', { connectorId: 1 }, 'csChargingProfiles'],
  ])('%s', (_, payload, path) => {
    expect(send.send(payload)?.detail).toContain(path)
  })

  test('undefined fields are absent fields', () => {
    expect(check('ocpp1.6', 'Reset').send({ type: 'Soft', x: undefined })).not.toBeNull()
    expect(check('ocpp1.6', 'GetConfiguration').send({ key: undefined })).toBeNull()
  })

  test('a location must be a URL', () => {
    const update = check('ocpp1.6', 'UpdateFirmware')
    expect(update.send({ location: 'ftp://u:p@host/a.bin', retrieveDate: NOW })).toBeNull()
    expect(update.send({ location: '', retrieveDate: NOW })?.detail).toContain('/location')
  })
})
