import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readPriceCsv } from '../../src/signals/prices/csv.ts'

const read = (name: string) =>
  readPriceCsv(
    readFileSync(
      new URL(`../fixtures/cases/price-cells-without-price/${name}`, import.meta.url),
      'utf8',
    ),
    'Europe/Berlin',
    'currency/kWh',
  ).segments

test('price-cells-without-price: the hour that the clock skips has no price and no gap', () => {
  const segments = read('spring.csv')
  expect(segments.map(({ value }) => Math.round(value * 1e6) / 1e6)).toEqual([0.01, 0.011, 0.012])
  expect(new Date(segments[0].startMs).toISOString()).toBe('2026-03-28T23:00:00.000Z')
  expect(segments[1].endMs).toBe(segments[2].startMs)
})

test('price-cells-without-price: hours whose price is not there yet are left out', () => {
  expect(read('tomorrow.csv').map(({ value }) => value)).toEqual([0.01, 0.011])
})
