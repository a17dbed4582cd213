import { expect, test } from 'vitest'
import { loadTariff } from '../../../src/tariffs/load.ts'
import { lapsed } from '../../../src/tariffs/validity.ts'

test.each([
  ['2024-12-31T22:59Z', 'the tariff is valid from 2025-01-01 on'],
  ['2024-12-31T23:00Z', null],
  ['2025-12-31T22:59Z', null],
  ['2025-12-31T23:00Z', 'the tariff was valid until 2025-12-31'],
])('at %s, by the days of its time zone: %s', async (time, reason) => {
  const tariff = await loadTariff('nl-dynamic-2025')
  expect(lapsed(tariff, Date.parse(time))).toBe(reason)
})
