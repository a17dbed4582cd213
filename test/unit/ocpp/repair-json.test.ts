import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isTooDeep, repairJson } from '../../../src/ocpp/repair-json.ts'

test.each([
  ['{"a":,"b":1}', { b: 1 }],
  ['{"a":1,"b":}', { a: 1 }],
  ['{"a":}', {}],
  ['[{"a": ,"b":[1,2,],},]', [{ b: [1, 2] }]],
  ['{"a":1,,"b":2}', { a: 1, b: 2 }],
  ['{"a":",}:,","b":,}', { a: ',}:,' }],
  ['{"a":"\\"},","b":}', { a: '"},' }],
])('%s', (text, value) => {
  expect(JSON.parse(repairJson(text) ?? '')).toEqual(value)
})

test.each(['', 'no JSON', '{"a":1', '[1,,2]', '{"a":1}', '{"a":"open,}'])(
  'nothing is invented for %s',
  (text) => {
    expect(repairJson(text)).toBeNull()
  },
)

test('valid JSON is never changed', () => {
  fc.assert(fc.property(fc.json(), (text) => repairJson(text) === null))
})

test('depth is told for long texts, and not by what stands in texts', () => {
  expect(isTooDeep(`{"k":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toBe(true)
  expect(isTooDeep(JSON.stringify({ data: '['.repeat(20_000) }))).toBe(false)
  expect(isTooDeep(JSON.stringify(Array.from({ length: 5_000 }, () => [{}])))).toBe(false)
})
