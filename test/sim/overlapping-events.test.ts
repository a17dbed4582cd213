import { expect, test } from 'vitest'
import { evenly } from '../../src/domain/phases.ts'
import { gridEvent, intervals, MINUTE, played } from '../fixtures/grid-site.ts'
import { createWorld } from './world.ts'

/** 6 kW for nine vehicles, then 30 A per phase for the whole site, of which the building takes 19. */
const overlapping = async (planned: boolean) => {
  const startMs = Date.UTC(2026, 5, 1, 8)
  const world = createWorld({
    seed: 4,
    evses: 9,
    limitA: 125,
    wirings: ['L1L2L3', 'L2L3L1'],
    planned,
    // For a moment it leaves less than a vehicle needs.
    buildingA: (atMs) => evenly(atMs - startMs >= 250_000 && atMs - startMs < 253_000 ? 25 : 19),
    meter: 'connection',
  })
  world.stations.forEach((station) => station.plugIn())
  await world.run(180)
  const limit = (id: string, signal: object, value: number) =>
    played(gridEvent(id, signal, intervals([value], 60, world.clock.now() - MINUTE)))
  const forVehicles = limit('b2', {}, 6_000)
  world.setEvents([forVehicles])
  await world.run(30)
  const perPhase = limit('a2', { unit: 'A', scope: 'phase' }, 30)
  world.setEvents([forVehicles, perPhase])
  return world
}

test.each([false, true])(
  'a looser second event pauses nobody for good, planned %s',
  async (planned) => {
    const world = await overlapping(planned)
    let pausedS = 0
    let energyWs = 0
    await world.run(360, () => {
      if (world.vehiclesW() < 1_000) pausedS++
      energyWs += world.vehiclesW()
      expect(world.vehiclesW()).toBeLessThanOrEqual(40_000)
    })
    expect(pausedS).toBeLessThan(30)
    expect(energyWs / 360).toBeGreaterThan(3_500)
  },
)
