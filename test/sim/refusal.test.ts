import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

test('who refused is asked again within seconds when a limit needs it', async () => {
  let buildingA = 5
  const world = createWorld({
    seed: 31,
    evses: 2,
    wirings: ['L1L2L3'],
    limitA: 60,
    panelLimitA: 60,
    buildingA: () => [buildingA, buildingA, buildingA],
  })
  const [gone, stubborn] = world.stations
  gone.plugIn(20)
  await world.run(60)
  stubborn.plugIn(20)
  stubborn.answer = 'reject'
  // Long enough for pauses of ten minutes between two attempts.
  await world.run(2_400)
  gone.disconnect()
  stubborn.answer = 'accept'
  // 35 A, 20 A of the one that is not heard, and the 6 A that the other one has by its failsafe.
  buildingA = 35
  await world.run(15)
  expect(stubborn.potentialA()).toBe(0)
  expect(world.excess().drawnA).toBeLessThan(0)
})
