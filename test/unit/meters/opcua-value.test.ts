import { DataType, DataValue, StatusCodes, Variant, VariantArrayType } from 'node-opcua-client'
import * as opcua from 'node-opcua-client'
import { describe, expect, test } from 'vitest'
import { explainFailure } from '../../../src/meters/opcua-failure.ts'
import type { Slot } from '../../../src/meters/slots.ts'
import { qualityOf, sampleOf } from '../../../src/meters/opcua-value.ts'

const POWER: Slot = { quantity: 'powerW', phase: null, unit: 'W', factor: 1 }
const CURRENT: Slot = { quantity: 'currentA', phase: null, unit: 'A', factor: 1 }

const AT = new Date('2026-07-01T10:00:00Z')

const scalar = (dataType: DataType, value: unknown, statusCode = StatusCodes.Good): DataValue =>
  new DataValue({
    value: new Variant({ dataType, arrayType: VariantArrayType.Scalar, value }),
    statusCode,
    sourceTimestamp: AT,
  })

const array = (dataType: DataType, value: unknown): DataValue =>
  new DataValue({
    value: new Variant({ dataType, arrayType: VariantArrayType.Array, value }),
    statusCode: StatusCodes.Good,
    sourceTimestamp: AT,
  })

describe('values of OPC UA nodes', () => {
  test.each<[string, DataValue, number]>([
    ['Double', scalar(DataType.Double, 1.5), 1.5],
    ['Float', scalar(DataType.Float, 0.5), 0.5],
    ['Int16', scalar(DataType.Int16, -7), -7],
    ['UInt32', scalar(DataType.UInt32, 4_000_000_000), 4_000_000_000],
    ['UInt64', scalar(DataType.UInt64, [1, 2]), 2 ** 32 + 2],
    ['Int64', scalar(DataType.Int64, [0xffffffff, 0xffffffff]), -1],
    ['String', scalar(DataType.String, '12.5'), 12.5],
  ])('%s', (_name, data, value) => {
    expect(sampleOf(opcua, data, POWER)).toEqual({
      value,
      quality: 'good',
      atMs: AT.getTime(),
      isHeld: false,
      wrong: null,
    })
  })

  test.each<[string, DataValue, readonly number[]]>([
    ['Double', array(DataType.Double, Float64Array.of(1, 2, 3)), [1, 2, 3]],
    ['Float', array(DataType.Float, Float32Array.of(0.5, 0, -1)), [0.5, 0, -1]],
    [
      'UInt64',
      array(DataType.UInt64, [
        [0, 1],
        [0, 2],
        [0, 3],
      ]),
      [1, 2, 3],
    ],
  ])('array of %s', (_name, data, value) => {
    expect(sampleOf(opcua, data, CURRENT).value).toEqual(value)
  })

  test('what is no number is bad and says so', () => {
    const boolean = sampleOf(opcua, scalar(DataType.Boolean, true), POWER)
    expect(boolean).toMatchObject({ value: null, quality: 'bad' })
    expect(boolean.wrong).toBe('its Boolean value: true is not a number')
    const two = sampleOf(opcua, array(DataType.Double, Float64Array.of(1, 2)), CURRENT)
    expect(two.wrong).toBe('its Double value: [1,2] is not an array of three numbers')
    expect(sampleOf(opcua, scalar(DataType.Double, NaN), POWER).value).toBeNull()
  })

  test('a bad status has no value, whatever the variant holds', () => {
    const data = scalar(DataType.Double, 0, StatusCodes.BadSensorFailure)
    expect(sampleOf(opcua, data, POWER)).toMatchObject({ value: null, quality: 'bad', wrong: null })
  })

  test('an uncertain value is used and marked', () => {
    const data = scalar(DataType.Double, 5, StatusCodes.UncertainLastUsableValue)
    expect(sampleOf(opcua, data, POWER)).toMatchObject({ value: 5, quality: 'uncertain' })
  })

  test('without a source timestamp the server counts, without that nobody', () => {
    const value = new Variant({ dataType: DataType.Double, value: 1 })
    const byServer = new DataValue({ value, serverTimestamp: AT })
    expect(sampleOf(opcua, byServer, POWER).atMs).toBe(AT.getTime())
    expect(sampleOf(opcua, new DataValue({ value }), POWER).atMs).toBeNull()
  })
})

test.each([
  [0x00000000, 'good'],
  [0x002d0000, 'good'],
  [0x40900000, 'uncertain'],
  [0x80000000, 'bad'],
  [0x801f0000, 'bad'],
  [0xc0000000, 'bad'],
])('status code %i is %s', (code, quality) => {
  expect(qualityOf(code)).toBe(quality)
})

test.each([
  ['connect ECONNREFUSED 127.0.0.1:4840', /nothing answers there/],
  ['Fail to connect (err =premature disconnection 4)', /nothing answers there/],
  ['getaddrinfo ENOTFOUND plc', /nothing answers there/],
  ['Transaction has timed out', /did not answer in time/],
  ['BadUserAccessDenied (0x801f0000)', /does not accept our identity \(BadUserAccessDenied\)/],
  ['Cannot find USERNAME user token policy in', /offers no username login/],
  ['Cannot find an Endpoint matching  security', /does not offer Sign with Basic256Sha256/],
  [
    'rejected by server: BadSecurityChecksFailed',
    /\(BadSecurityChecksFailed\): have it trust own.pem/,
  ],
  ['socket has been disconnected by third party', /have it trust own.pem/],
  ['something\n  new', /^something new$/],
])('%s', (text, meaning) => {
  const attempt = { mode: 'Sign', policy: 'Basic256Sha256', certificateFile: 'own.pem' }
  expect(explainFailure(new Error(text), attempt)).toMatch(meaning)
})
