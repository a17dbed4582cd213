/** Deterministic random numbers for instances: a linear congruential state, scrambled. */
export interface Draw {
  /** Uniform in [0, 1). */
  uniform(): number
  between(low: number, high: number): number
  /** Standard normal. */
  normal(): number
  chance(probability: number): boolean
  /** Whole number in [low, high]. */
  whole(low: number, high: number): number
  pick<T>(items: readonly T[]): T
}

const MULTIPLIER = 6364136223846793005n
const INCREMENT = 1442695040888963407n
const MASK = (1n << 64n) - 1n

/** 64-bit linear congruential generator, upper 32 bits after a shift-xor. */
export const draws = (seed: number): Draw => {
  let state = (BigInt(Math.trunc(seed)) * MULTIPLIER + INCREMENT) & MASK
  const uniform = (): number => {
    state = (state * MULTIPLIER + INCREMENT) & MASK
    const mixed = (state ^ (state >> 29n)) >> 16n
    return Number(mixed & 0xffffffffn) / 2 ** 32
  }
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    chance: (probability) => uniform() < probability,
    whole: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    pick: (items) => items[Math.floor(uniform() * items.length)],
  }
}
