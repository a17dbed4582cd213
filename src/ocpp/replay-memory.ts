/** One CALL of a station and, once it is known, the text of our answer. */
export interface Answered {
  id: string | number
  /** Checksum of the whole frame: stations exist that number every CALL alike. */
  checksum: number
  /** When it came. */
  tick: number
  /** `null` while the handler runs. */
  answer: string | null
}

/** Checksums are not negative. */
const NO_CHECKSUM = -1

/**
 * The last few CALLs of one connection, so that a repeated one is answered again and never handled
 * again (a station repeats a CALL whose answer it missed). Bounded in number and in time: the next
 * heartbeat of a station that numbers every CALL alike wants the time of now.
 */
export class ReplayMemory {
  readonly #size: number
  readonly #lifeTicks: number
  #entries: Answered[] | null = null
  #next = 0

  /** `lifeTicks`: how long an answer is remembered. */
  constructor(size: number, lifeTicks: number) {
    this.#size = size
    this.#lifeTicks = lifeTicks
  }

  find(id: string | number, checksum: number, nowTick: number): Answered | undefined {
    const entries = this.#entries
    if (entries === null) return undefined
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]
      if (entry.checksum !== checksum || entry.id !== id) continue
      if (entry.answer === null || nowTick - entry.tick < this.#lifeTicks) return entry
    }
    return undefined
  }

  /** After a refusal: the same CALL again deserves another try (it may be allowed by then). */
  forget(entry: Answered): void {
    entry.checksum = NO_CHECKSUM
  }

  /** A new entry without an answer yet. */
  add(id: string | number, checksum: number, nowTick: number): Answered {
    const entry: Answered = { id, checksum, tick: nowTick, answer: null }
    this.#entries ??= []
    this.#entries[this.#next] = entry
    this.#next = (this.#next + 1) % this.#size
    return entry
  }
}
