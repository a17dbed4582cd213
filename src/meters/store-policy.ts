import type { PerPhase } from '../domain/phases.ts'
import type { Reading } from '../domain/reading.ts'

export interface StoreOptions {
  /** A steady meter is stored this often; 60. */
  readonly storeEveryS?: number
  /** A change by this part of the stored value is stored at once; 0.1. */
  readonly storeChange?: number
}

/** Smaller changes are noise whatever their part of the value is. */
const FLOOR_A = 1
const FLOOR_W = 250
/** The bound: a meter that jumps all the time is stored once a second. */
const MIN_INTERVAL_MS = 1_000

const changed = (
  a: number | undefined,
  b: number | undefined,
  part: number,
  floor: number,
): boolean =>
  a === undefined || b === undefined
    ? a !== b
    : Math.abs(a - b) >= Math.max(floor, part * Math.abs(a))

const anyChanged = (a: PerPhase | undefined, b: PerPhase | undefined, part: number): boolean =>
  a === undefined || b === undefined
    ? a !== b
    : a.some((value, phase) => changed(value, b[phase], part, FLOOR_A))

/**
 * Which readings of one meter are worth keeping: the first, one per `storeEveryS`, and those in
 * between that changed in quality, in power or in a phase's current. At most one a second.
 */
export const createStorePolicy = ({
  storeEveryS = 60,
  storeChange = 0.1,
}: StoreOptions): ((reading: Reading) => boolean) => {
  let stored: Reading | null = null
  const isDue = (reading: Reading): boolean => {
    if (!stored) return true
    const sinceMs = reading.receivedAtMs - stored.receivedAtMs
    // Below zero the wall clock was set back: how long ago it was is not known.
    if (sinceMs < 0 || sinceMs >= storeEveryS * 1000) return true
    if (sinceMs < MIN_INTERVAL_MS) return false
    return (
      reading.quality !== stored.quality ||
      changed(stored.powerW, reading.powerW, storeChange, FLOOR_W) ||
      anyChanged(stored.currentA, reading.currentA, storeChange)
    )
  }
  return (reading) => {
    const due = isDue(reading)
    if (due) stored = reading
    return due
  }
}
