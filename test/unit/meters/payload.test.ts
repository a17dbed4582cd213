import { expect, test } from 'vitest'
import { parsePayload, valueFor } from '../../../src/meters/payload.ts'
import type { Slot } from '../../../src/meters/slots.ts'

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

const POWER: Slot = { quantity: 'powerW', phase: null, unit: 'W', factor: 1 }
const CURRENT: Slot = { quantity: 'currentA', phase: null, unit: 'A', factor: 1 }

test.each([
  [1.5, 1.5],
  [-0.5, -0.5],
  ['1.5', 1.5],
  ['+12', 12],
  [' 7 ', 7],
  ['.5', 0.5],
  ['2.', 2],
  ['1e3', 1000],
  ['1,5', 1.5],
  ['12 W', 12],
  ['0.812 kW', 812],
  ['0,812 kW', 812],
])('%j is the number %j', (value, number) => {
  expect(valueFor(POWER, value)).toBe(number)
})

test.each([null, '', ' ', 'NaN', 'unavailable'])('%j is not measured this time', (value) => {
  expect(valueFor(POWER, value)).toBeNull()
})

test.each([
  ['3.5 A', 'the message says A, W is configured'],
  ['1.234,5', '"1.234,5" can be read in two ways; set decimal to "," or "." for this meter'],
  ['0x10', '"0x10" is not a number with a known unit'],
  ['1e999', '"1e999" is not a number'],
  [true, 'true is not a number'],
  [-32768, '-32768 is what a device sends when it has no value'],
  [6553.5, '6553.5 is what a device sends when it has no value'],
])('%j is refused in words', (value, words) => {
  expect(valueFor(POWER, value)).toBe(words)
})

test('a decimal sign of the configuration decides', () => {
  expect(valueFor(POWER, '1.234,5', ',')).toBe(1234.5)
  expect(valueFor(POWER, '1,234.5', '.')).toBe(1234.5)
})

test('arrays of three', () => {
  expect(valueFor(CURRENT, [1, '2', 3])).toEqual([1, 2, 3])
  expect(valueFor(CURRENT, [1, null, 3])).toBeNull()
  expect(valueFor(CURRENT, null)).toBeNull()
  for (const wrong of [[1, 2], [1, 2, 3, 4], 1]) {
    expect(valueFor(CURRENT, wrong)).toMatch('is not an array of three numbers')
  }
  expect(valueFor(CURRENT, [1, 'x', null])).toMatch('is not a number')
})
