/** Time is a port: tests and simulations drive it. Milliseconds since the epoch, UTC. */
export interface Clock {
  now(): number
  /**
   * Rises steadily from an arbitrary start, whatever is done to the wall clock: for intervals, and for
   * telling that the wall clock was set.
   */
  monotonicMs(): number
  /** Calls `run` once after `delayMs`. Returns its cancellation. */
  after(delayMs: number, run: () => void): () => void
  /** Calls `run` every `periodMs`, first after one period. Returns its cancellation. */
  every(periodMs: number, run: () => void): () => void
}
