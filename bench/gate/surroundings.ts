import type { PerPhase } from '../../src/domain/phases.ts'
import type { Reading } from '../../src/domain/reading.ts'
import type { Random } from '../../src/ports/random.ts'
import type { Readings } from '../../src/ports/readings.ts'

/** The building and its PV, per line in amperes, second by second. */
export interface Building {
  second(): void
  loadA(): PerPhase
  /** Seconds since the load last rose by more than a few amperes. */
  sinceRiseS(): number
}

export interface BuildingOptions {
  readonly baseA: number
  readonly stepA: number
  /** Mean time between steps; 0 = none. */
  readonly stepEveryS: number
  /** Peak of the PV plant, amperes per line; 0 = none. */
  readonly pvA: number
}

/** A load that steps between two levels, each line with a ripple of its own, and passing clouds. */
export const createBuilding = (options: BuildingOptions, random: Random): Building => {
  const { baseA, stepA, stepEveryS, pvA } = options
  let isHigh = false
  let nextS = stepEveryS * (0.5 + random.next())
  let seconds = 0
  let riseAtS = -Infinity
  let cloud = 1
  let cloudTarget = 1
  let ripple: [number, number, number] = [0, 0, 0]

  return {
    second: () => {
      seconds++
      if (stepEveryS > 0 && seconds >= nextS) {
        isHigh = !isHigh
        if (isHigh) riseAtS = seconds
        nextS = seconds + stepEveryS * (0.5 + random.next())
      }
      if (pvA > 0) {
        if (random.next() < 1 / 60) cloudTarget = 0.25 + 0.75 * random.next()
        // A cloud's edge takes ten seconds or more to pass.
        cloud += Math.max(-0.04, Math.min(0.04, cloudTarget - cloud))
      }
      ripple = [0, 1, 2].map((k) => 0.9 * ripple[k] + 0.15 * (random.next() - 0.5)) as [
        number,
        number,
        number,
      ]
    },
    loadA: () => {
      const amps = baseA + (isHigh ? stepA : 0) - pvA * cloud
      return [amps + ripple[0], amps + ripple[1], amps + ripple[2]]
    },
    sinceRiseS: () => seconds - riseAtS,
  }
}

export interface MeterOptions {
  readonly ageS: number
  readonly intervalS: number
  /** Whether its messages say when they were measured. */
  readonly saysWhen: boolean
}

/** A meter that measures every interval and whose value arrives `ageS` later. */
export const createMeter = (options: MeterOptions, meterId: string, nowMs: () => number) => {
  const onTheWay: { readonly atMs: number; readonly amps: PerPhase }[] = []
  let latest: Reading | null = null
  let seconds = 0
  const readings: Readings = {
    latest: (id) => {
      if (id !== meterId || latest === null) return null
      const ageS = (nowMs() - latest.measuredAtMs) / 1000
      return { reading: latest, stale: ageS > 60, ageS }
    },
  }
  return {
    readings,
    second: (amps: PerPhase): void => {
      if (seconds++ % options.intervalS === 0) onTheWay.push({ atMs: nowMs(), amps })
      while (onTheWay.length > 0 && onTheWay[0].atMs <= nowMs() - options.ageS * 1000) {
        const { atMs, amps: currentA } = onTheWay.shift()!
        latest = {
          meterId,
          measuredAtMs: options.saysWhen ? atMs : nowMs(),
          receivedAtMs: nowMs(),
          quality: 'good',
          currentA: [
            Math.round(currentA[0] * 10) / 10,
            Math.round(currentA[1] * 10) / 10,
            Math.round(currentA[2] * 10) / 10,
          ],
        }
      }
    },
  }
}
