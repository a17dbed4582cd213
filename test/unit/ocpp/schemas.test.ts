import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { ACTIONS, PROTOCOLS } from '../../../src/ocpp/actions.ts'
import { relaxed, schemaNames, schemaOf } from '../../../src/ocpp/schemas.ts'

const EXPECTED = {
  'ocpp1.6': { schemas: 78, actions: 39, fromStation: 14, toStation: 26 },
  'ocpp2.0.1': { schemas: 128, actions: 64, fromStation: 25, toStation: 40 },
}

describe.each(PROTOCOLS)('%s', (protocol) => {
  const actions = Object.keys(ACTIONS[protocol])
  const expected = EXPECTED[protocol]

  test('has all schemas, two for each action', () => {
    const names = actions.flatMap((action) => [`${action}Request`, `${action}Response`])
    expect(schemaNames(protocol).toSorted()).toEqual(names.toSorted())
    expect(names).toHaveLength(expected.schemas)
  })

  test('knows who sends what', () => {
    const directions = Object.values(ACTIONS[protocol])
    const count = (direction: string) =>
      directions.filter((each) => each === direction || each === 'both').length
    expect(actions).toHaveLength(expected.actions)
    expect(count('from-station')).toBe(expected.fromStation)
    expect(count('to-station')).toBe(expected.toStation)
  })

  test('every schema compiles, strict and relaxed, with its definitions inside', () => {
    const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false })
    for (const action of actions) {
      for (const kind of ['request', 'response'] as const) {
        const schema = schemaOf(protocol, action, kind)
        expect(schema?.type).toBe('object')
        if (!schema) continue
        expect(ajv.compile(schema)).toBeTypeOf('function')
        expect(ajv.compile(relaxed(schema))).toBeTypeOf('function')
      }
    }
  })

  test('an action that the version lacks has no schema', () => {
    expect(schemaOf(protocol, 'SetDERControl', 'request')).toBeUndefined()
    expect(schemaOf(protocol, 'toString', 'request')).toBeUndefined()
  })
})

test('a schema carries only the definitions that it uses', () => {
  expect(schemaOf('ocpp2.0.1', 'Heartbeat', 'request')?.definitions).toHaveProperty(
    'CustomDataType',
  )
  expect(
    Object.keys(schemaOf('ocpp2.0.1', 'Heartbeat', 'request')?.definitions ?? {}),
  ).toHaveLength(1)
})

test('relaxing forgets lengths and extra keys, and keeps types and required fields', () => {
  const before = schemaOf('ocpp1.6', 'BootNotification', 'request')
  expect(before?.additionalProperties).toBe(false)
  const after = relaxed(before ?? {})
  expect(after.additionalProperties).toBeUndefined()
  expect(after.required).toEqual(['chargePointVendor', 'chargePointModel'])
  expect(after.properties?.chargePointModel).toEqual({ type: 'string' })
})
