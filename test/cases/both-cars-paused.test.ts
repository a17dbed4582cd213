import { expect, test } from 'vitest'
import { closedLoop, even } from './closed-loop.ts'

test('both-cars-paused: one car goes on when the house rises by 3 A', async () => {
  const house = (second: number) => (second < 33 ? 6 : 9)
  const world = closedLoop('both-cars-paused', (_, totalA) => even(totalA), house)
  await world.run(33)
  const before = world.stations.map((station) => station.drawnA()[0])
  expect(before.every((amps) => amps >= 6)).toBe(true)
  const seenA: number[] = []
  await world.run(36, () => seenA.push(world.view().nodes[0].uncontrolledA[0]))
  await world.run(600, () => {
    const drawn = world.stations.map((station) => station.drawnA()[0])
    expect(Math.max(...drawn)).toBeGreaterThanOrEqual(6)
    expect(drawn[0] + drawn[1]).toBeLessThanOrEqual(11)
    seenA.push(world.view().nodes[0].uncontrolledA[0])
  })
  expect(Math.max(...seenA)).toBeLessThanOrEqual(10)
})
