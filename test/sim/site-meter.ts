import type { PerPhase } from '../../src/domain/phases.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Readings } from '../../src/ports/readings.ts'

/** A meter that measures `currentA` whenever it is asked, until it falls silent. */
export const createSiteMeter = (clock: Clock, currentA: () => PerPhase) => {
  const measure = () => ({ atMs: clock.now(), currentA: currentA() })
  /** What it said last; null while it speaks. */
  let last: ReturnType<typeof measure> | null = null

  const readings: Readings = {
    latest: (meterId) => {
      const { atMs, currentA } = last ?? measure()
      const ageS = (clock.now() - atMs) / 1000
      return {
        stale: ageS > 15,
        ageS,
        reading: { meterId, measuredAtMs: atMs, receivedAtMs: atMs, quality: 'good', currentA },
      }
    },
  }
  return {
    readings,
    silence: () => {
      last = measure()
    },
  }
}
