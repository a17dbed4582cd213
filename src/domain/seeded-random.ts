/**
 * Random numbers that are the same for the same seed: for simulations, tests and draws that must be
 * repeatable. Mulberry32 (a 32-bit counter with a multiplying finaliser): period 2^32, about 2 ns a
 * number. Not for secrets.
 *
 * `seed`: any integer; only its low 32 bits count. `next()` is uniform in [0, 1) in steps of 2^-32.
 */
export const seededRandom = (seed: number): { next(): number } => {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed} must be an integer`)
  let counter = (seed % 2 ** 32) | 0
  return {
    next: () => {
      counter = (counter + 0x6d2b79f5) | 0
      let mixed = Math.imul(counter ^ (counter >>> 15), counter | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
