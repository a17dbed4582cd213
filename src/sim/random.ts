import { seededRandom } from '../domain/seeded-random.ts'
import type { Random } from '../ports/random.ts'

/** FNV-1a over the text: 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** Scrambles 32 bits (the finaliser of MurmurHash3, public domain). */
const scramble = (value: number): number => {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** Uniform in [0, 1), the same for the same seed and index: randomness without a state. */
export const noiseAt = (seed: number, index: number): number =>
  scramble(seed ^ Math.imul(index | 0, 0x9e3779b9)) / 2 ** 32

/**
 * Randomness of its own for each thing in the simulation, so that one more draw here changes
 * nothing there: `seeded(7, 'station', 'S1')` always gives the same numbers.
 */
export const seeded = (seed: number, ...labels: readonly (string | number)[]): Random =>
  seededRandom(seedOf(seed, ...labels))

/** The 32-bit key behind `seeded`, also for `noiseAt`. */
export const seedOf = (seed: number, ...labels: readonly (string | number)[]): number =>
  hash([seed, ...labels].join('\u0000'))

export const between = (random: Random, from: number, to: number): number =>
  from + (to - from) * random.next()

/** One of `items`, each as likely as its weight; the weights need not add up to one. */
export const pick = <T>(random: Random, items: readonly T[], weightOf: (item: T) => number): T => {
  const sum = items.reduce((total, item) => total + weightOf(item), 0)
  let left = random.next() * sum
  for (const item of items) {
    left -= weightOf(item)
    if (left < 0) return item
  }
  return items.at(-1)!
}
