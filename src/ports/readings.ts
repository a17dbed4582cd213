import type { Reading } from '../domain/reading.ts'

export interface LatestReading {
  readonly reading: Reading
  /** Too old by the meter's own rule, or not yet recovered: it says nothing about now. */
  readonly stale: boolean
  readonly ageS: number
}

/** The newest reading of each meter. */
export interface Readings {
  /** `null`: the meter never said anything. */
  latest(meterId: string): LatestReading | null
}
