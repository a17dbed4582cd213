import { expect, test } from 'vitest'
import type { CommandResult } from '../../src/ports/station-gateway.ts'
import type { FakeStation } from './fake-station.ts'
import { createWorld, type World } from './world.ts'

const MINUTE = 60
const ACCEPTED: CommandResult = { ok: true, response: { status: 'Accepted' } }

/** Ends its transaction after three seconds at 0 A, and counts what it is asked. */
const endsAtZero = (world: World, station: FakeStation, answer: 'starts' | 'refuses') => {
  const startsAtS: number[] = []
  let transactions = 0
  let zeroS = 0
  let startInS = 0
  let ends = 0
  const charge = station.charge.bind(station)
  const seconds = (): number => world.clock.now() / 1_000
  station.plugIn(16)
  station.session = { ...station.session!, idToken: 'CARD' }
  station.charge = () => {
    if (startInS > 0 && --startInS === 0) {
      station.ended = null
      station.session = { ...station.session!, transactionId: `again${++transactions}` }
    }
    charge()
    const { session } = station
    zeroS = session?.transactionId && station.potentialA() < 6 ? zeroS + 1 : 0
    if (zeroS < 3 || !session?.transactionId) return
    ends++
    const { transactionId, idToken } = session
    station.ended = { transactionId, idToken, reason: 'Other', atMs: world.clock.now() }
    station.session = { ...session, transactionId: null }
    station.tx = null
    station.drawA = 0
  }
  world.onRemoteStart.set(station.evse.stationId, () => {
    startsAtS.push(seconds())
    if (answer === 'refuses') return { ok: false, reason: 'rejected', detail: 'Rejected' }
    startInS = 2
    return ACCEPTED
  })
  return { startsAtS, ends: () => ends }
}

const site = (evses: number) => {
  let buildingA = 5
  const world = createWorld({
    seed: 4,
    evses,
    wirings: ['L1L2L3'],
    limitA: 40,
    panelLimitA: 40,
    failsafeA: 0,
    buildingA: () => [buildingA, buildingA, buildingA],
  })
  return { world, build: (amps: number) => (buildingA = amps) }
}

test('it is started again once there is power, and not before', async () => {
  const { world, build } = site(1)
  const [station] = world.stations
  const { startsAtS, ends } = endsAtZero(world, station, 'starts')
  await world.run(2 * MINUTE)
  expect(station.drawA).toBe(16)
  build(39)
  await world.run(5 * MINUTE)
  expect(ends()).toBe(1)
  expect(startsAtS).toEqual([])
  expect(world.view().evses[0].reasons[0]).toMatchObject({
    code: 'transaction-ended',
    next: 'power',
  })
  build(5)
  await world.run(2 * MINUTE)
  expect(startsAtS).toHaveLength(1)
  expect(station.drawA).toBe(16)
})

test('one that does not start again is left alone after growing waits, and a person is told', async () => {
  const { world, build } = site(1)
  const [station] = world.stations
  const { startsAtS } = endsAtZero(world, station, 'refuses')
  await world.run(2 * MINUTE)
  build(39)
  await world.run(MINUTE)
  build(5)
  await world.run(120 * MINUTE)
  expect(startsAtS).toHaveLength(4)
  const waits = startsAtS.slice(1).map((at, k) => at - startsAtS[k])
  expect(waits).toEqual([...waits].sort((a, b) => a - b))
  expect(waits[0]).toBeGreaterThanOrEqual(60)
  expect(world.conditions.list()).toMatchObject([{ kind: 'start-by-hand', where: 'cp0/1' }])
  expect(world.view().evses[0].reasons[0]).toMatchObject({ next: 'person' })
  // The driver starts it: all is well.
  station.ended = null
  station.session = { ...station.session!, transactionId: 'by-hand' }
  await world.run(2 * MINUTE)
  expect(station.drawA).toBe(16)
  expect(world.conditions.list()).toEqual([])
})

test('what a driver ended stays ended', async () => {
  const { world } = site(1)
  const [station] = world.stations
  const { startsAtS } = endsAtZero(world, station, 'starts')
  await world.run(MINUTE)
  const { transactionId } = station.session!
  station.ended = {
    transactionId: transactionId!,
    idToken: 'CARD',
    reason: 'Local',
    atMs: world.clock.now(),
  }
  station.session = { ...station.session!, transactionId: null }
  await world.run(10 * MINUTE)
  expect(startsAtS).toEqual([])
})

test('once known, it is not paused where the others can make room', async () => {
  const { world, build } = site(7)
  const [station, ...others] = world.stations
  const { ends } = endsAtZero(world, station, 'starts')
  await world.run(2 * MINUTE)
  build(39)
  await world.run(3 * MINUTE)
  build(5)
  for (const other of others) other.plugIn(16)
  await world.run(5 * MINUTE)
  const before = ends()
  expect(before).toBeGreaterThan(0)
  // Seven on 32 A: five at a time, in turns.
  const drewS = world.stations.map(() => 0)
  await world.run(120 * MINUTE, () =>
    world.stations.forEach(({ drawA }, k) => (drewS[k] += drawA > 0 ? 1 : 0)),
  )
  expect(ends()).toBe(before)
  expect(drewS[0]).toBe(120 * MINUTE)
  expect(Math.min(...drewS.slice(1))).toBeGreaterThan(40 * MINUTE)
})
