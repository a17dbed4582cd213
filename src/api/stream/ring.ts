/** The last entries of an endless sequence, numbered from 1. */
export interface Ring<T> {
  /** Number of the newest entry; 0 = none yet. */
  last(): number
  /** Returns the number of the entry. */
  push(entry: T): number
  /** The entries after this number, oldest first; `null` when some of them are gone, or never were. */
  after(number: number): readonly (readonly [number: number, entry: T])[] | null
}

/** @param capacity entries that are kept */
export const createRing = <T>(capacity: number): Ring<T> => {
  const entries: T[] = []
  let last = 0

  return {
    last: () => last,
    push: (entry) => {
      entries[last % capacity] = entry
      return ++last
    },
    after: (number) => {
      if (number > last || last - number > capacity) return null
      return Array.from({ length: last - number }, (_, k): readonly [number, T] => [
        number + k + 1,
        entries[(number + k) % capacity],
      ])
    },
  }
}
