import { expect, test } from 'vitest'
import { median, quantile } from '../../../bench/support/quantile.ts'

test('a quantile is the value below which that share lies, the last one at most', () => {
  const sorted = Array.from({ length: 100 }, (_, k) => k)
  expect(quantile(sorted, 0)).toBe(0)
  expect(quantile(sorted, 0.5)).toBe(50)
  expect(quantile(sorted, 0.99)).toBe(99)
  expect(quantile(sorted, 1)).toBe(99)
  expect(quantile(Float32Array.of(7), 0.99)).toBe(7)
})

test('the median is the middle, or between the two in the middle, in whatever order they come', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([10, 9, 100, 1])).toBe(9.5)
})

test('nothing has no quantile', () => {
  expect(quantile([], 0.5)).toBeNaN()
  expect(median([])).toBeNaN()
})
