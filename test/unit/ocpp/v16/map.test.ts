import { expect, test } from 'vitest'
import { meterSets } from '../../../../src/ocpp/v16/map.ts'

const read = (value: string) =>
  meterSets([{ timestamp: '2026-11-22T08:00:00Z', sampledValue: [{ value }] }])[0].values.map(
    (each) => each[3],
  )

test.each([
  ['12.5', 12.5],
  ['12,5', 12.5],
  [' 12.5 ', 12.5],
  ['-0,5', -0.5],
  ['1e3', 1_000],
  ['1.234,5', 1_234.5],
  ['1,234.5', 1_234.5],
  ['1,234,567', 1_234_567],
  ['1.234.567,8', 1_234_567.8],
  ['230.4 V', 230.4],
  ['7.2 kWh', 7_200],
])('%j is a number', (text, value) => {
  expect(read(text)).toEqual([value])
})

test.each(['', '  ', '-', ',', 'NaN', 'n/a', '1e999', '0x10', '5 apples'])(
  '%j is none, and no zero',
  (text) => {
    expect(read(text)).toEqual([])
  },
)
