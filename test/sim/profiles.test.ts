import { expect, test } from 'vitest'
import { live, wandering } from './life.ts'
import { createWorld } from './world.ts'

test('a station that forgot its profiles is told them again when it is back', async () => {
  const world = createWorld({ seed: 31, evses: 3, wirings: ['L1L2L3'], limitA: 60 })
  world.stations.forEach((station) => station.plugIn())
  await world.run(60)
  const [station] = world.stations
  const beforeA = station.potentialA()
  station.disconnect()
  await world.run(5)
  station.failsafeA = null
  station.tx = null
  station.reconnect()
  const told = world.sent.length
  await world.run(20)
  const again = world.sent.slice(told).filter(({ key }) => key === station.evse.key)
  expect(again.map(({ profile }) => profile.purpose).slice(0, 2)).toEqual(['tx-default', 'tx'])
  expect(station.failsafeA).toBe(6)
  expect(station.potentialA()).toBeLessThanOrEqual(beforeA)
})

test('a profile is replaced in place, never cleared: there is no moment without one', async () => {
  const world = createWorld({ seed: 33, buildingA: wandering(33) })
  await live(world, 600, 0.004)
  const places = new Map<string, Set<string>>()
  for (const { key, profile } of world.sent) {
    const { purpose, id, stackLevel } = profile
    const place = `${key} ${purpose}`
    places.set(place, (places.get(place) ?? new Set()).add(`${id} at level ${stackLevel}`))
  }
  expect(places.size).toBeGreaterThan(8)
  for (const [place, used] of places) expect([place, used.size]).toEqual([place, 1])
})
