import { expect, test } from 'vitest'
import { parsePayload, toNumber, toTriple } from '../../../src/meters/payload.ts'

test.each([
  ['{"a":1}', { a: 1 }],
  [' 12.5\n', 12.5],
  ['"12"', '12'],
  ['true', true],
  ['null', null],
  ['online', 'online'],
  ['+12', '+12'],
  ['', ''],
  ['{"a":', '{"a":'],
])('payload %s', (text, document) => {
  expect(parsePayload(Buffer.from(text))).toEqual(document)
})

test.each([
  [1.5, 1.5],
  [-0.5, -0.5],
  ['1.5', 1.5],
  ['+12', 12],
  [' 7 ', 7],
  ['.5', 0.5],
  ['2.', 2],
  ['1e3', 1000],
  [null, null],
])('%j is the number %j', (value, number) => {
  expect(toNumber(value)).toBe(number)
})

test.each([
  '',
  ' ',
  'NaN',
  'Infinity',
  '0x10',
  '1,5',
  '12 W',
  '1e999',
  true,
  {},
  [1],
  undefined,
  NaN,
])('%j is no number', (value) => {
  expect(toNumber(value)).toBeUndefined()
})

test('arrays of three', () => {
  expect(toTriple([1, '2', 3])).toEqual([1, 2, 3])
  expect(toTriple([1, null, 3])).toBeNull()
  expect(toTriple(null)).toBeNull()
  expect(toTriple([1, 2])).toBeUndefined()
  expect(toTriple([1, 2, 3, 4])).toBeUndefined()
  expect(toTriple([1, 'x', null])).toBeUndefined()
  expect(toTriple(1)).toBeUndefined()
})
