/** Text that outlives a reload. Browsers may forbid it; then nothing is kept. */
export interface Shelf {
  read(): string | null
  /** `null` removes it. */
  write(text: string | null): void
}

export const createShelf = (storage: () => Storage, key: string): Shelf => ({
  read: () => {
    try {
      return storage().getItem(key)
    } catch {
      return null
    }
  },
  write: (text) => {
    try {
      if (text === null) storage().removeItem(key)
      else storage().setItem(key, text)
    } catch {
      // Forbidden or full: the page works without.
    }
  },
})
