import { expect, test } from 'vitest'
import { between, noiseAt, pick, seeded, seedOf } from '../../../src/sim/random.ts'

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length

test('each label has numbers of its own, always the same', () => {
  const draw = (seed: number, label: string) => {
    const random = seeded(seed, 'thing', label)
    return Array.from({ length: 5 }, () => random.next())
  }
  expect(draw(1, 'a')).toEqual(draw(1, 'a'))
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'))
  expect(draw(1, 'a')).not.toEqual(draw(2, 'a'))
  expect(seedOf(1, 'ab', 'c')).not.toBe(seedOf(1, 'a', 'bc'))
})

test('noise is uniform and without memory', () => {
  const values = Array.from({ length: 20_000 }, (_, i) => noiseAt(7, i - 10_000))
  expect(mean(values)).toBeCloseTo(0.5, 1)
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...values)).toBeLessThan(1)
  const products = values.slice(1).map((value, i) => (value - 0.5) * (values[i] - 0.5))
  expect(Math.abs(mean(products))).toBeLessThan(0.005)
  expect(noiseAt(7, 3)).toBe(noiseAt(7, 3))
})

test('choices follow their weights and bounds', () => {
  const random = seeded(1, 'pick')
  const picks = Array.from({ length: 4000 }, () => pick(random, [1, 3], (weight) => weight))
  expect(picks.filter((weight) => weight === 3).length / 4000).toBeCloseTo(0.75, 1)
  const numbers = Array.from({ length: 1000 }, () => between(random, 5, 6))
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(5)
  expect(Math.max(...numbers)).toBeLessThan(6)
})
