import { readFileSync } from 'node:fs'
import { createLoop, newClock } from '../../bench/gate/loop.ts'
import { GateStation } from '../../bench/gate/station.ts'
import { createVehicle } from '../../bench/gate/vehicle.ts'
import { loadConfig } from '../../src/config/load.ts'
import { RULES_OF_CASES } from './rules-of-cases.ts'
import type { PerPhase } from '../../src/domain/phases.ts'
import type { Reading } from '../../src/domain/reading.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'

interface Car {
  readonly station: string
  readonly lines: 1 | 3
  readonly maxA: number
  readonly delayS: number
}

const PLUGGED_IN_S = 3
const FIXTURES = new URL('../fixtures/cases/', import.meta.url)

/** A case's site with its cars, in virtual time; what its meter says is up to the test. */
export const closedLoop = (
  folder: string,
  says: (second: number, totalA: number) => Partial<Reading>,
  house: (second: number) => number,
) => {
  const { site } = loadConfig(new URL(`${folder}/site.yaml`, FIXTURES).pathname)
  const { cars } = JSON.parse(
    readFileSync(new URL(`${folder}/timeline.json`, FIXTURES), 'utf8'),
  ) as { readonly cars: readonly Car[] }
  const clock = newClock()
  const random = seededRandom(7)
  const stations = site.evses.map((evse, k) => {
    const car = cars.find(({ station }) => station === evse.stationId)!
    const { lines, maxA, delayS } = car
    const vehicle = createVehicle({ lines, maxA, reactionS: delayS, startA: 6, takes: 1 })
    const options = { sampleS: 2, phaseS: k, answerMs: 300 }
    return new GateStation(evse, vehicle, { clock, random, options })
  })
  let reading: Reading | null = null
  const loop = createLoop({
    site,
    clock,
    stations,
    rules: RULES_OF_CASES,
    readings: { latest: () => reading && { reading, stale: false, ageS: 0 } },
  })
  const { meterId } = site.nodes[0]
  let second = 0
  return {
    stations,
    view: () => loop.view(),
    second: () => second,
    totalA: () => house(second) + stations.reduce((sum, station) => sum + station.drawnA()[0], 0),
    run: async (untilS: number, check?: () => void): Promise<void> => {
      for (; second < untilS; second++) {
        await clock.advanceTo(clock.now() + 1000)
        // Their failsafes are in by then.
        if (second === PLUGGED_IN_S) stations.forEach((station, k) => station.plugIn(`t${k}`))
        for (const station of stations) station.second()
        const atMs = clock.now()
        const total =
          house(second) + stations.reduce((sum, { vehicle }) => sum + vehicle.drawA(), 0)
        reading = {
          meterId: meterId!,
          measuredAtMs: atMs,
          receivedAtMs: atMs,
          quality: 'good',
          ...says(second, total),
        }
        loop.tick()
        await Promise.resolve()
        check?.()
      }
    },
  }
}

export const even = (amps: number): { currentA: PerPhase } => ({ currentA: [amps, amps, amps] })
