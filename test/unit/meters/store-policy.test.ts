import { expect, test } from 'vitest'
import type { Reading } from '../../../src/domain/reading.ts'
import { createStorePolicy, type StoreOptions } from '../../../src/meters/store-policy.ts'

const at = (s: number, values: Partial<Reading> = {}): Reading => ({
  meterId: 'm',
  measuredAtMs: s * 1000,
  receivedAtMs: s * 1000,
  quality: 'good',
  powerW: 10_000,
  ...values,
})

const stored = (readings: readonly Reading[], options: StoreOptions = {}): number[] => {
  const isWorthKeeping = createStorePolicy(options)
  return readings.filter(isWorthKeeping).map(({ receivedAtMs }) => receivedAtMs / 1000)
}

const seconds = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

test('a steady meter is stored once in a while', () => {
  expect(stored(seconds(181).map((s) => at(s)))).toEqual([0, 60, 120, 180])
  expect(
    stored(
      seconds(21).map((s) => at(s)),
      { storeEveryS: 10 },
    ),
  ).toEqual([0, 10, 20])
})

test('noise is not a change', () => {
  expect(stored(seconds(60).map((s) => at(s, { powerW: 10_000 + (s % 2) * 900 })))).toEqual([0])
  expect(stored(seconds(60).map((s) => at(s, { powerW: (s % 2) * 249 })))).toEqual([0])
  expect(stored(seconds(60).map((s) => at(s, { currentA: [0, s % 2 ? 0.9 : 0, 0] })))).toEqual([0])
})

test.each<[string, Partial<Reading>]>([
  ['power', { powerW: 11_000 }],
  ['export', { powerW: -10_000 }],
  ['the current of one phase', { currentA: [10, 10, 11.5] }],
  ['quality', { quality: 'bad' }],
  ['what is measured', { powerW: undefined }],
])('a change of %s is stored at once', (_name, values) => {
  const steady = { currentA: [10, 10, 10] as const }
  expect(stored([at(0, steady), at(5, steady), at(6, { ...steady, ...values })])).toEqual([0, 6])
})

test('a small step that lasts is stored with the next regular one', () => {
  const readings = seconds(62).map((s) => at(s, { powerW: s < 5 ? 10_000 : 10_500 }))
  expect(stored(readings)).toEqual([0, 60])
})

test('a meter that jumps all the time is stored once a second', () => {
  const readings = Array.from({ length: 40 }, (_, i) => at(i / 10, { powerW: (i % 2) * 50_000 }))
  expect(stored(readings).length).toBeLessThanOrEqual(5)
})

test('a wall clock that is set back does not end the storing', () => {
  expect(stored([at(4_000), at(400), at(401), at(460)])).toEqual([4_000, 400, 460])
})
