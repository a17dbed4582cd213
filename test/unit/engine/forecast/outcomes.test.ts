import { expect, test } from 'vitest'
import { createOutcomes } from '../../../../src/engine/forecast/outcomes.ts'
import { normalQuantile, weightedQuantile } from '../../../../src/engine/forecast/weighted.ts'

const GLOBAL = { size: 101, bandwidth: Infinity, anchor: 1, assumed: 2 }

test('before enough is remembered the errors are assumed to be normal', () => {
  const outcomes = createOutcomes(GLOBAL)
  expect(outcomes.quantile(10, 0.5)).toBeCloseTo(10, 2)
  expect(outcomes.quantile(10, 0.9)).toBeCloseTo(10 + 2 * 1.2816, 2)
  expect(outcomes.quantile(10, 0)).toBeGreaterThan(0)
})

test('then they are what they were, the newest of them', () => {
  const outcomes = createOutcomes(GLOBAL)
  for (let k = 0; k < 500; k++) outcomes.add(0, 1_000)
  for (let k = 0; k <= 100; k++) outcomes.add(50, 50 + k)
  expect(outcomes.quantile(7, 0)).toBe(7)
  expect(outcomes.quantile(7, 0.25)).toBe(32)
  expect(outcomes.quantile(7, 1)).toBe(107)
})

test('expectations that were like this one count most', () => {
  const outcomes = createOutcomes({ size: 400, bandwidth: 0.05, anchor: 0, assumed: 0.2 })
  for (let k = 0; k < 200; k++) {
    outcomes.add(0.9, k % 10 === 0 ? 0.2 : 1)
    outcomes.add(0.3, k % 2 === 0 ? 0.1 : 0.6)
  }
  expect(outcomes.quantile(0.9, 0.5)).toBeCloseTo(1)
  expect(outcomes.quantile(0.9, 0.05)).toBeCloseTo(0.2)
  expect(outcomes.quantile(0.3, 0.25)).toBeCloseTo(0.1)
  expect(outcomes.quantile(0.3, 0.9)).toBeCloseTo(0.6)
})

test('quantiles of weighted values', () => {
  expect(weightedQuantile([1, 2, 3], [1, 1, 2], 0.5)).toBe(2)
  expect(weightedQuantile([1, 2, 3], [1, 1, 2], 0.51)).toBe(3)
  expect(weightedQuantile([1, 2, 3], [0, 0, 1], 0)).toBe(3)
  expect(weightedQuantile([1, 2], [0, 0], 0.5)).toBeNaN()
})

test('quantiles of the normal distribution', () => {
  expect(normalQuantile(0.5)).toBeCloseTo(0, 3)
  expect(normalQuantile(0.975)).toBeCloseTo(1.96, 2)
  expect(normalQuantile(0.1)).toBeCloseTo(-1.2816, 2)
  expect(Number.isFinite(normalQuantile(0))).toBe(true)
})
