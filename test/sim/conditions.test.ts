import { expect, test } from 'vitest'
import { createConditions } from '../../src/control/conditions.ts'
import { watchSite } from '../../src/control/site-watch.ts'
import { createWatch } from '../../src/control/watch.ts'
import { createWorld } from './world.ts'

/** Three stations on one panel, and what somebody who looks every other second raises. */
const watched = () => {
  const world = createWorld({ seed: 3, buildingA: () => [10, 10, 10] })
  const told: string[] = []
  const conditions = createConditions({
    clock: world.clock,
    fabric: {
      publish: ({ id, data }) => void told.push(`${data === null ? 'clear' : 'raise'} ${id}`),
    },
    log: { debug() {}, info() {}, warn() {}, error() {}, child: () => { throw new Error() } }, // prettier-ignore
  })
  const look = createWatch(conditions, () =>
    watchSite(world.site, world.view(), world.stations, world.clock.now()),
  )
  const run = async (seconds: number): Promise<void> => {
    for (let k = 0; k < seconds; k++) {
      await world.second()
      if (k % 2 === 0) look(world.clock.monotonicMs())
    }
  }
  return { world, run, told, list: () => conditions.list().map(({ key }) => key) }
}

test('a good site needs no attention, also while cars come and go', async () => {
  const { world, run, told } = watched()
  for (const [k, station] of world.stations.entries()) {
    station.plugIn(10 + k)
    await run(20)
  }
  world.stations[0].unplug()
  await run(120)
  expect(told).toEqual([])
})

test('a station that ignores its limit is one condition until it obeys', async () => {
  const { world, run, told, list } = watched()
  world.stations.forEach((station) => station.plugIn())
  await run(60)
  const [rogue] = world.stations
  const { key } = rogue.evse
  const charge = rogue.charge.bind(rogue)
  const potentialA = rogue.potentialA.bind(rogue)
  rogue.charge = () => {
    rogue.drawA = 32
  }
  rogue.potentialA = () => 32
  await run(200)
  expect(list()).toContain(`station-disobeys:${key}`)
  rogue.charge = charge
  rogue.potentialA = potentialA
  await run(120)
  expect(list()).toEqual([])
  expect(told.filter((line) => line.endsWith(`station-disobeys:${key}`))).toEqual([
    `raise station-disobeys:${key}`,
    `clear station-disobeys:${key}`,
  ])
})

test('a station that charges and says nothing', async () => {
  const { world, run, list } = watched()
  const [mute, ...others] = world.stations
  mute.sendMeterValues = () => {}
  mute.plugIn()
  others[0].plugIn()
  await run(170)
  expect(list()).toEqual([])
  await run(30)
  expect(list()).toEqual([`station-without-samples:${mute.evse.key}`])
  mute.unplug()
  await run(60)
  expect(list()).toEqual([])
})

test('a node above its limit', async () => {
  const { world, run, list } = watched()
  await run(10)
  const limitA = world.site.nodes[0].limitA![0]
  const over = createWorld({ seed: 3, buildingA: () => [limitA + 2, 0, 0] })
  const conditions = createConditions({
    clock: over.clock,
    fabric: { publish: () => {} },
    log: { debug() {}, info() {}, warn() {}, error() {}, child: () => { throw new Error() } }, // prettier-ignore
  })
  const look = createWatch(conditions, () =>
    watchSite(over.site, over.view(), over.stations, over.clock.now()),
  )
  for (let k = 0; k < 10; k++) {
    await over.second()
    look(over.clock.monotonicMs())
  }
  expect(list()).toEqual([])
  expect(conditions.list()).toMatchObject([
    { kind: 'node-over-limit', severity: 'alarm', where: over.site.nodes[0].id },
  ])
})
