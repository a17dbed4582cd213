import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/domain/seeded-random.ts'

const draw = (seed: number, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random.next())
}

test('the same seed gives the same numbers, for good', () => {
  // Written down: a change of the generator would change every simulation that was ever quoted.
  expect(draw(1, 4)).toEqual([
    0.6270739405881613, 0.002735721180215478, 0.5274470399599522, 0.9810509674716741,
  ])
  expect(draw(1, 100)).toEqual(draw(1, 100))
})

test('other seeds give other numbers, negative and large ones too', () => {
  const firsts = [0, 1, 2, -1, -2, 2 ** 31, 2 ** 31 - 1].map((seed) => draw(seed, 1)[0])
  expect(new Set(firsts).size).toBe(firsts.length)
})

test('numbers are uniform in [0, 1)', () => {
  const numbers = draw(42, 100_000)
  expect(Math.min(...numbers.slice(0, 10_000))).toBeGreaterThanOrEqual(0)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  const counts = Array.from({ length: 10 }, () => 0)
  for (const number of numbers) counts[Math.floor(number * 10)]++
  // Chi squared with 9 degrees of freedom: 27.9 is passed once in a thousand.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  expect(chiSquared).toBeLessThan(27.9)
})

test('a seed that is not a whole number is refused', () => {
  expect(() => seededRandom(0.5)).toThrow('seed 0.5 must be an integer')
  expect(() => seededRandom(Number.NaN)).toThrow(RangeError)
})
