import { expect } from 'vitest'
import { perPhase } from '../../src/domain/phases.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { World } from './world.ts'

/** One second of random life: cars come and go, links drop, stations refuse or lose messages. */
export const happen = ({ random, stations }: World, faults: number): void => {
  for (const station of stations) {
    const dice = random.next()
    if (dice < 0.004) {
      if (station.transactionId === null) station.plugIn(6 + Math.floor(random.next() * 27))
      else if (dice < 0.001) station.unplug()
    } else if (dice < 0.004 + faults) {
      if (station.online) station.disconnect()
      else station.reconnect()
    } else if (dice < 0.004 + 2 * faults) {
      station.answer =
        station.answer === 'accept'
          ? (['reject', 'lost-answer', 'lost-request'] as const)[Math.floor(random.next() * 3)]
          : 'accept'
    }
  }
}

/** No node is above its limit now: neither by what is drawn, nor by what could be. */
export const expectBelowLimits = (world: World, second: number): void => {
  // The building also wanders: where no station at all can be told anything, nobody can help.
  const deaf = world.stations.every((station) => !station.online || station.answer !== 'accept')
  if (deaf) return
  const excess = world.excess()
  expect(excess.drawnA, `drawn at second ${second}`).toBeLessThanOrEqual(0.01)
  expect(excess.potentialA, `allowed at second ${second}`).toBeLessThanOrEqual(0.01)
}

export const live = async (world: World, seconds: number, faults: number): Promise<void> => {
  for (let second = 0; second < seconds; second++) {
    happen(world, faults)
    await world.second()
    expectBelowLimits(world, second)
  }
}

/** A building that wanders slowly, so that the margin absorbs it between two ticks. */
export const wandering = (seed: number) => {
  const random = seededRandom(seed)
  const phases = perPhase(() => random.next())
  return (atMs: number) =>
    perPhase((line) => 12 + 8 * Math.sin((atMs / 900_000 + phases[line]) * 2 * Math.PI))
}
