import type { Reading } from '../domain/reading.ts'

/** Decides whether the newest reading of one meter still says something about now. */
export interface Freshness {
  /** Takes a reading; false when it says nothing new (bad, or older than what is known). */
  take(reading: Reading, nowMs: number): boolean
  /** `null`: nothing usable has come yet. */
  latest(nowMs: number): { reading: Reading; ageS: number; stale: boolean } | null
}

/** A meter that was silent may be flapping: it is believed again after so many samples. */
const GOOD_SAMPLES = 3

/** As it would have been received at `nowMs`. */
const movedTo = (reading: Reading, nowMs: number): Reading => ({
  ...reading,
  measuredAtMs: reading.measuredAtMs - (reading.receivedAtMs - nowMs),
  receivedAtMs: nowMs,
})

/**
 * Fresh -> stale when the newest usable reading is older than `staleAfterS` (by the source's clock
 * or ours, whichever makes it older). Stale -> fresh after three usable readings in a row, each
 * measured later than the one before and young enough. The first reading of all counts at once.
 *
 * Bad readings never become the latest: the last good one grows old instead.
 *
 * A wall clock that is set back moves the newest reading with it: it is neither young for as long
 * as that takes nor newer than what comes now.
 */
export const createFreshness = (staleAfterS: number): Freshness => {
  let newest: Reading | null = null
  let stale = false
  let goodSamples = 0

  const ageS = ({ measuredAtMs, receivedAtMs }: Reading, nowMs: number): number =>
    Math.max(0, nowMs - Math.min(measuredAtMs, receivedAtMs)) / 1000

  const update = (nowMs: number): void => {
    if (newest && newest.receivedAtMs > nowMs) newest = movedTo(newest, nowMs)
    if (newest === null || ageS(newest, nowMs) <= staleAfterS) return
    stale = true
    goodSamples = 0
  }

  return {
    take(reading, nowMs) {
      update(nowMs)
      if (reading.quality === 'bad') {
        goodSamples = 0
        return false
      }
      // What its source no longer updates is as old as it says, whatever came before.
      if (newest && reading.measuredAtMs < newest.measuredAtMs && !reading.held) return false
      const isLater = newest === null || reading.measuredAtMs > newest.measuredAtMs
      newest = reading
      if (isLater) goodSamples += 1
      if (goodSamples >= GOOD_SAMPLES) stale = false
      update(nowMs)
      return true
    },
    latest(nowMs) {
      update(nowMs)
      return newest && { reading: newest, ageS: ageS(newest, nowMs), stale }
    },
  }
}
