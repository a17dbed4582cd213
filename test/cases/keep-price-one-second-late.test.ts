import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readPriceJson } from '../../src/signals/prices/json.ts'

const document = readFileSync(
  new URL('../fixtures/cases/keep-price-one-second-late/prices.json', import.meta.url),
  'utf8',
)
const { segments } = readPriceJson(document, 'currency/kWh')
const at = (time: string): number[] => {
  const ms = Date.parse(`2026-07-07T${time}Z`)
  return segments.filter(({ startMs, endMs }) => startMs <= ms && ms < endMs).map((s) => s.value)
}

test('keep-price-one-second-late: no holes of a second between intervals, one value at each time', () => {
  expect(at('20:30:01')).toEqual([0.31])
  expect(at('20:35:01')).toEqual([-0.05])
  expect(at('21:29:59')).toEqual([19.2])
  expect(at('20:30:00').length).toBeLessThanOrEqual(1)
  expect(at('20:35:00')).toHaveLength(1)
  expect(at('20:50:00')).toEqual([])
})

test('keep-price-one-second-late: five minutes inside thirty are refused with their place', () => {
  const intervals = [
    { start: '2026-07-07T20:30:01Z', end: '2026-07-07T21:00:00Z', value: 1 },
    { start: '2026-07-07T20:35:01Z', end: '2026-07-07T20:40:00Z', value: 2 },
  ]
  expect(() =>
    readPriceJson(JSON.stringify({ unit: 'currency/kWh', intervals }), 'currency/kWh'),
  ).toThrow(/intervals\/1 overlaps intervals\/0/)
})
