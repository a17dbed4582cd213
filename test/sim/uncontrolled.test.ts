import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/**
 * The building is only known as that part of what the connection's meter shows which is not of the vehicles, whose own
 * meters speak every few seconds. Vehicles that are told to draw less must not look like a building
 * that grows, nor like one that shrinks.
 */
test.each([1, 2, 3, 4])(
  'vehicles that follow a cut are no growing building, seed %i',
  async (seed) => {
    const world = createWorld({
      seed,
      evses: 6,
      wirings: ['L1L2L3'],
      limitA: 160,
      panelLimitA: 120,
      buildingA: () => [20, 20, 20],
      meter: 'connection',
    })
    world.stations.forEach((station) => station.plugIn())
    await world.run(120)
    const seenA: number[] = []
    const look = (): number => seenA.push(world.view().nodes[0].uncontrolledA[0])
    world.setLimit(30_000)
    await world.run(30, look)
    world.setLimit(null)
    await world.run(60, look)
    expect(Math.max(...seenA)).toBeLessThanOrEqual(25)
    expect(Math.min(...seenA)).toBeGreaterThanOrEqual(15)
  },
)
