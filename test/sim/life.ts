import { expect } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { World } from './world.ts'

/** Random life: cars come and go, links drop, stations refuse or lose messages. */
export const live = async (world: World, seconds: number, faults: number): Promise<void> => {
  const { random, stations } = world
  for (let second = 0; second < seconds; second++) {
    for (const station of stations) {
      const dice = random.next()
      if (dice < 0.004) {
        if (station.transactionId === null)
          world.plugIn(station, 6 + Math.floor(random.next() * 27))
        else if (dice < 0.001) world.unplug(station)
      } else if (dice < 0.004 + faults) {
        if (station.online) world.disconnect(station)
        else world.reconnect(station)
      } else if (dice < 0.004 + 2 * faults) {
        station.answer =
          station.answer === 'accept'
            ? (['reject', 'lost-answer', 'lost-request'] as const)[Math.floor(random.next() * 3)]
            : 'accept'
      }
    }
    await world.second()
    // The building also wanders: where no station at all can be told anything, nobody can help.
    const deaf = stations.every((station) => !station.online || station.answer !== 'accept')
    if (deaf) continue
    const excess = world.excess()
    expect(excess.drawnA, `drawn at second ${second}`).toBeLessThanOrEqual(0.01)
    expect(excess.potentialA, `allowed at second ${second}`).toBeLessThanOrEqual(0.01)
  }
}

/** A building that wanders slowly, so that the margin absorbs it between two ticks. */
export const wandering = (seed: number) => {
  const random = seededRandom(seed)
  const phases = [random.next(), random.next(), random.next()]
  return (atMs: number) =>
    phases.map(
      (phase) => 12 + 8 * Math.sin((atMs / 900_000 + phase) * 2 * Math.PI),
    ) as unknown as readonly [number, number, number]
}
