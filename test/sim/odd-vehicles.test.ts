import { expect, test, vi } from 'vitest'
import { jain, plugInOdd, type OddVehicleOptions } from './odd-vehicle.ts'
import { createWorld } from './world.ts'

// Hours of many vehicles.
vi.setConfig({ testTimeout: 120_000 })

const HOUR = 3_600
const MINUTE = 60

/** A site with 55 A for its vehicles, all of three phases, and who is plugged in there. */
const site = (vehicles: readonly OddVehicleOptions[], planned = false) => {
  const world = createWorld({
    seed: 11,
    evses: vehicles.length,
    wirings: ['L1L2L3'],
    limitA: 80,
    panelLimitA: 80,
    failsafeA: 0,
    buildingA: () => [20, 20, 20],
    planned,
  })
  const plugged = world.stations.map((station, k) => plugInOdd(station, vehicles[k]))
  return { world, plugged, charged: () => plugged.map((each) => each.chargedAh()) }
}

const several = (count: number, options: OddVehicleOptions): OddVehicleOptions[] =>
  Array.from({ length: count }, () => options)

test('twelve vehicles that need 8 A share 55 A in turns', async () => {
  const { world, charged } = site(several(12, { minimumA: 8 }))
  await world.run(4 * HOUR, () => expect(world.excess().drawnA).toBeLessThanOrEqual(0))
  expect(Math.min(...charged())).toBeGreaterThan(10)
  expect(jain(charged())).toBeGreaterThan(0.95)
  expect(charged().reduce((a, b) => a + b)).toBeGreaterThan(0.85 * 4 * 55)
})

test('six vehicles that need 10 A share 55 A in turns', async () => {
  const { world, charged } = site(several(6, { minimumA: 10 }))
  await world.run(4 * HOUR)
  expect(jain(charged())).toBeGreaterThan(0.95)
  expect(charged().reduce((a, b) => a + b)).toBeGreaterThan(0.85 * 4 * 55)
})

test('four vehicles that need 8 A are not left out among eight that do not', async () => {
  const vehicles = [...several(4, { minimumA: 8 }), ...several(8, {})]
  const { world, charged } = site(vehicles)
  await world.run(4 * HOUR)
  expect(Math.min(...charged())).toBeGreaterThan(10)
  expect(jain(charged())).toBeGreaterThan(0.9)
  expect(charged().reduce((a, b) => a + b)).toBeGreaterThan(0.85 * 4 * 55)
})

test('vehicles that are full where they arrive cost the others little', async () => {
  const { world, charged } = site([...several(4, { wantsAh: 0 }), ...several(8, {})])
  await world.run(4 * HOUR)
  // Eight of 6 A are 87 %; the rest is what finding out costs.
  expect(charged().reduce((a, b) => a + b)).toBeGreaterThan(0.82 * 4 * 55)
})

test('slow vehicles are not taken for such that need more', async () => {
  const { world, plugged } = site(several(8, { reactS: 30 }))
  await world.run(HOUR)
  for (const each of plugged) expect(each.firstDrawS()).toBeLessThan(3 * MINUTE)
  for (const { grant } of world.published
    .filter(({ kind }) => kind === 'grant')
    .map(({ data }) => ({ grant: data as { reasons: readonly { code: string }[] } }))) {
    expect(grant.reasons[0].code).not.toBe('start-current')
  }
})

test('a vehicle that wakes late on a full site gets its turn', async () => {
  const { world, plugged } = site([{ wakesAfterS: 100 * MINUTE }, ...several(11, {})])
  await world.run(4 * HOUR)
  // Offered anew 15, 45 and 105 minutes after it was given up.
  expect(plugged[0].firstDrawS()).toBeLessThan(140 * MINUTE)
  expect(plugged[0].chargedAh()).toBeGreaterThan(5)
})

test('a vehicle that wakes only when its offer comes anew is paused for that', async () => {
  const { world, plugged } = site([{ wakesAtEdge: 2 }])
  await world.run(HOUR)
  expect(plugged[0].firstDrawS()).toBeLessThan(30 * MINUTE)
  expect(plugged[0].chargedAh()).toBeGreaterThan(5)
})

test('a vehicle that was full and draws again is served', async () => {
  const { world, plugged } = site([{ wantsAh: 10 }, ...several(11, {})])
  await world.run(4 * HOUR)
  expect(plugged[0].chargedAh()).toBeCloseTo(10, 1)
  plugged[0].wantMore(5)
  await world.run(3 * HOUR)
  expect(plugged[0].chargedAh()).toBeGreaterThan(12)
})

test('what a vehicle needs is remembered, also by a new process', async () => {
  const { world, plugged } = site([{ minimumA: 10 }, ...several(11, {})])
  await world.run(2 * HOUR)
  expect(plugged[0].chargedAh()).toBeGreaterThan(2)
  const [station] = world.stations
  station.unplug()
  await world.run(MINUTE)
  world.kill()
  await world.start()
  const again = plugInOdd(station, { minimumA: 10 })
  await world.run(HOUR)
  const offered = again.offers().filter((amps) => amps > 0)
  expect(offered.length).toBeGreaterThan(0)
  expect(Math.min(...offered)).toBeGreaterThanOrEqual(10)
})
