import { describe, expect, test } from 'vitest'
import { evenly } from '../../src/domain/phases.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import { live, wandering } from './life.ts'
import { createWorld } from './world.ts'

/** More of them: SEEDS=200 npx vitest run test/sim */
const seeds = Array.from({ length: Number(process.env.SEEDS ?? 12) }, (_, k) => k + 1)

describe('no node is ever above its limit', () => {
  test.each(seeds)('quiet network, seed %i', async (seed) => {
    await live(createWorld({ seed, buildingA: wandering(seed) }), 1200, 0)
  })

  test.each(seeds)('stations drop, refuse and lose answers, seed %i', async (seed) => {
    await live(createWorld({ seed, buildingA: wandering(seed) }), 1200, 0.004)
  })

  test.each(seeds)('only the grid connection is metered, seed %i', async (seed) => {
    await live(createWorld({ seed, buildingA: wandering(seed), meter: 'connection' }), 1200, 0.002)
  })

  test.each(seeds)('Busbar dies at any moment and comes back, seed %i', async (seed) => {
    const world = createWorld({ seed, buildingA: wandering(seed) })
    await live(world, 300 + seed * 17, 0.002)
    world.kill()
    const noNewCars = world.stations.map((station) => station.transactionId)
    const deadSinceMs = world.clock.now()
    const buildingA = world.buildingA()
    await world.run(seed % 2 === 0 ? 900 : 45, () => {
      // Nobody answers a building that grows meanwhile, until all are at their failsafe.
      const isOver = world.clock.now() - deadSinceMs > DEFAULT_RULES.profileValidityMs
      const { potentialA } = world.excess(isOver ? undefined : buildingA)
      expect(potentialA).toBeLessThanOrEqual(0.01)
    })
    expect(world.stations.map((station) => station.transactionId)).toEqual(noNewCars)
    await world.start()
    for (const station of world.stations) {
      if (station.online) station.reconnect()
    }
    await live(world, 400, 0.002)
  })
})

describe('profiles', () => {
  test.each(seeds.slice(0, 4))('above the failsafe always end soon, seed %i', async (seed) => {
    const world = createWorld({ seed, buildingA: wandering(seed) })
    await live(world, 900, 0.003)
    const failsafes = new Map(world.site.evses.map((evse) => [evse.key, evse.failsafeA]))
    const generous = world.sent.filter(({ key, profile }) =>
      profile.schedule.periods.some(({ limit }) => limit > failsafes.get(key)!),
    )
    expect(generous.length).toBeGreaterThan(10)
    for (const { atMs, profile } of generous) {
      expect(profile.purpose).toBe('tx')
      expect(profile.validToMs! - atMs).toBeLessThanOrEqual(DEFAULT_RULES.longValidityMs)
      const endMs = profile.schedule.startMs + profile.schedule.durationS! * 1000
      expect(endMs).toBeLessThanOrEqual(profile.validToMs!)
    }
    for (const { profile } of world.sent) {
      if (profile.validToMs === null) expect(profile.purpose).toBe('tx-default')
    }
  })

  test('the failsafe is accepted before anything else is sent', async () => {
    const world = createWorld({ seed: 21, evses: 5, buildingA: () => [5, 5, 5] })
    world.stations.forEach((station) => station.plugIn())
    await world.run(30)
    for (const { evse } of world.stations) {
      const own = world.sent.filter(({ key }) => key === evse.key)
      expect(own[0].profile.purpose).toBe('tx-default')
      expect(own.some(({ profile }) => profile.purpose === 'tx')).toBe(true)
    }
  })

  test.each(['reconnects', 'refuses'] as const)(
    'what a station may have taken counts until that is known, even if it %s',
    async (then) => {
      const world = createWorld({ seed: 29, evses: 1, limitA: 60, wirings: ['L1L2L3'] })
      const [station] = world.stations
      // It draws so little that its meter does not give it away.
      station.plugIn(7)
      await world.run(30)
      world.setLimit(6_000)
      await world.run(30)
      station.answer = 'lost-answer'
      world.setLimit(null)
      await world.run(15)
      expect(station.potentialA()).toBeGreaterThan(20)
      if (then === 'reconnects') {
        station.disconnect()
        await world.run(5)
        station.reconnect()
        station.answer = 'accept'
      } else station.answer = 'reject'
      await world.run(120, () => {
        const [{ mayDrawA }] = world.view().evses
        expect(mayDrawA).toBeGreaterThanOrEqual(Math.floor(station.potentialA()))
      })
    },
  )

  test('after a restart what was accepted still counts', async () => {
    const world = createWorld({
      seed: 23,
      evses: 2,
      wirings: ['L1L2L3'],
      limitA: 50,
      panelLimitA: 50,
      buildingA: () => [5, 5, 5],
    })
    const [gone, here] = world.stations
    gone.plugIn()
    await world.run(60)
    expect(gone.potentialA()).toBe(32)
    gone.disconnect()
    world.kill()
    await world.start()
    here.reconnect()
    here.plugIn()
    await world.run(20, () => expect(world.excess().potentialA).toBeLessThanOrEqual(0.01))
    // 50 A less 6 % less 5 A building less the 32 A of the one that is not heard.
    expect(here.potentialA()).toBeLessThanOrEqual(10)
    expect(world.view().evses[0]).toMatchObject({ mayDrawA: 32 })
  })

  test('a station that never accepted anything is counted at its rating', async () => {
    const world = createWorld({
      seed: 25,
      evses: 2,
      wirings: ['L1L2L3'],
      limitA: 50,
      panelLimitA: 50,
      buildingA: () => [5, 5, 5],
    })
    const [mute, other] = world.stations
    mute.answer = 'reject'
    mute.failsafeA = null
    mute.plugIn()
    other.plugIn()
    await world.run(60, () => expect(world.excess().potentialA).toBeLessThanOrEqual(0.01))
    expect(world.view().evses[0].reasons[0]).toMatchObject({ code: 'never-accepted' })
    expect(other.potentialA()).toBeLessThanOrEqual(10)
  })
})

test('a tick that fails drops the site to its failsafe, loudly, until ticks work again', async () => {
  const world = createWorld({ seed: 27, evses: 4, wirings: ['L1L2L3'], limitA: 120 })
  world.stations.forEach((station) => station.plugIn())
  await world.run(60)
  expect(world.stations[0].potentialA()).toBeGreaterThan(10)
  world.setBroken(true)
  await world.run(10)
  for (const station of world.stations) expect(station.potentialA()).toBe(6)
  expect(world.view()).toMatchObject({ failsafe: 'a broken invariant' })
  const [{ reasons }] = world.view().evses
  expect(reasons).toEqual([{ code: 'failsafe', cause: 'a broken invariant' }])
  const told = world.published.filter(({ kind }) => kind === 'site')
  expect(told.map(({ data }) => data)).toEqual([{ failsafe: 'a broken invariant' }])
  world.setBroken(false)
  await world.run(60)
  expect(world.view().failsafe).toBeNull()
  expect(world.stations[0].potentialA()).toBeGreaterThan(10)
})

describe('the loop does its job', () => {
  test('shares a feeder fully, then evenly', async () => {
    const world = createWorld({
      seed: 3,
      evses: 4,
      wirings: ['L1L2L3'],
      limitA: 60,
      panelLimitA: 60,
      buildingA: () => [10, 10, 10],
    })
    world.stations.forEach((station) => station.plugIn())
    await world.run(90)
    // 60 A less 6 % margin less 10 A building leaves 46 A for four cars.
    const limits = world.stations.map((station) => station.potentialA()).sort((a, b) => a - b)
    expect(limits).toEqual([11, 11, 12, 12])
    expect(world.totalA()[0]).toBeCloseTo(56, 5)
  })

  test('gives what one car does not use to the others, and takes it back safely', async () => {
    const world = createWorld({
      seed: 5,
      evses: 2,
      wirings: ['L1L2L3'],
      limitA: 50,
      panelLimitA: 50,
      buildingA: () => [10, 10, 10],
    })
    const [slow, fast] = world.stations
    slow.plugIn(8)
    fast.plugIn(32)
    await world.run(240)
    expect(slow.potentialA()).toBeLessThanOrEqual(10)
    expect(fast.potentialA()).toBeGreaterThanOrEqual(26)
    slow.carMaxA = 32
    await world.run(240, () => expect(world.excess().potentialA).toBeLessThanOrEqual(0.01))
    expect(Math.abs(slow.potentialA() - fast.potentialA())).toBeLessThanOrEqual(2)
  })

  test('rotates where not everybody can have 6 A', async () => {
    const world = createWorld({
      seed: 7,
      evses: 4,
      failsafeA: 0,
      wirings: ['L1'],
      limitA: 26,
      panelLimitA: 26,
      buildingA: () => [10, 10, 10],
    })
    world.stations.forEach((station) => station.plugIn())
    const served = world.stations.map(() => 0)
    let switches = 0
    let before = world.stations.map((station) => station.drawA > 0)
    await world.run(3 * 3600, () => {
      expect(world.excess().potentialA).toBeLessThanOrEqual(0.01)
      world.stations.forEach((station, k) => (served[k] += station.drawA > 0 ? 1 : 0))
      const now = world.stations.map((station) => station.drawA > 0)
      switches += now.filter((on, k) => on !== before[k]).length
      before = now
    })
    const total = served.reduce((sum, s) => sum + s, 0)
    expect(total).toBeGreaterThan(0.9 * 2 * 3 * 3600)
    for (const s of served) expect(s).toBeGreaterThan(0.6 * (total / 4))
    expect(switches).toBeLessThan(80)
  })

  test('falls back to the design load when the meter goes stale', async () => {
    const world = createWorld({
      seed: 9,
      evses: 2,
      wirings: ['L1L2L3'],
      limitA: 60,
      panelLimitA: 60,
      buildingA: () => [5, 5, 5],
    })
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    expect(world.totalA()[0]).toBeGreaterThan(50)
    world.silenceMeter()
    await world.run(40)
    // 60 A less 6 % less 25 A design load.
    const sum = world.stations.reduce((s, station) => s + station.potentialA(), 0)
    expect(sum).toBeLessThanOrEqual(31)
    expect(world.view().nodes[0].problems[0]).toMatchObject({ code: 'meter-stale' })
  })

  test('follows an event within seconds and comes back after it', async () => {
    const world = createWorld({ seed: 11, evses: 6, wirings: ['L1L2L3'], limitA: 120 })
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    const before = world.vehiclesW()
    world.setLimit(30_000)
    expect(before).toBeGreaterThan(40_000)
    await world.run(10)
    expect(world.vehiclesW()).toBeLessThanOrEqual(30_000)
    expect(world.view().evses[0].reasons[0]).toMatchObject({ code: 'event-limit', eventId: 'e1' })
    world.setLimit(null)
    await world.run(60)
    expect(world.vehiclesW()).toBeGreaterThan(0.97 * before)
  })

  test('what an event paused goes on when it is over, without the rest between two turns', async () => {
    const world = createWorld({ seed: 12, evses: 6, wirings: ['L1L2L3'], limitA: 120 })
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    const charging = () => world.stations.filter((station) => station.drawA > 0).length
    world.setLimit(10_000)
    await world.run(30)
    expect(charging()).toBe(2)
    world.setLimit(null)
    await world.run(60)
    expect(charging()).toBe(6)
  })

  test('so does what a plan paused because it knew the event', async () => {
    let targetA = 32
    const world = createWorld({
      seed: 12,
      evses: 2,
      wirings: ['L1L2L3'],
      limitA: 120,
      targets: () => ({
        planId: 'p',
        targetA,
        plannedW: 690 * targetA,
        wattsPerAmp: 690,
        takesSurplus: false,
        untilMs: Infinity,
        cause: 'need',
        limit: null,
      }),
    })
    world.stations.forEach((station) => station.plugIn())
    world.setLimit(40_000)
    await world.run(60)
    targetA = 0
    await world.run(60)
    expect(world.vehiclesW()).toBe(0)
    targetA = 32
    await world.run(60)
    expect(world.view().evses[0].reasons[0].code).toBe('minimum-off-time')
    world.setLimit(null)
    await world.run(20)
    expect(world.vehiclesW()).toBeGreaterThan(40_000)
  })

  test('a pause for want of power ends when there is power again, and rests only if it repeats', async () => {
    const world = createWorld({ seed: 12, evses: 2, wirings: ['L1L2L3'], limitA: 120 })
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    const why = () => world.view().evses[0].reasons.map(({ code }) => code)
    world.setLimit(0)
    await world.run(30)
    expect(why()).toEqual(['event-limit', 'below-minimum', 'waiting-turn'])
    world.setLimit(10_000)
    await world.run(30)
    expect(world.vehiclesW()).toBeGreaterThan(8_000)
    world.setLimit(0)
    await world.run(30)
    expect(world.vehiclesW()).toBe(0)
    expect(why()).toEqual(['event-limit', 'minimum-off-time'])
    world.setLimit(10_000)
    await world.run(5)
    expect(why()).toEqual(['minimum-off-time'])
    await world.run(60)
    expect(world.vehiclesW()).toBeGreaterThan(8_000)
  })

  test('keeps an event that begins after Busbar died', async () => {
    const world = createWorld({ seed: 13, evses: 6, wirings: ['L1L2L3'], limitA: 120 })
    world.stations.forEach((station) => station.plugIn())
    world.setLimit(30_000, world.clock.now() + 200_000)
    await world.run(170)
    world.kill()
    await world.run(45)
    expect(world.vehiclesW()).toBeLessThanOrEqual(30_000)
  })

  test('a silent day does not rewrite profiles for noise', async () => {
    const world = createWorld({
      seed: 15,
      evses: 6,
      wirings: ['L1L2L3'],
      limitA: 120,
      buildingA: (atMs) => evenly(20 + 0.8 * Math.sin(atMs / 3000)),
    })
    world.stations.forEach((station) => station.plugIn())
    await world.run(120)
    const before = world.sent.length
    await world.run(3_600)
    const since = world.sent.slice(before)
    for (const { evse } of world.stations) {
      const own = since.filter(({ key }) => key === evse.key)
      expect(own.length).toBeLessThanOrEqual(6)
    }
  })

  test('an EVSE that draws more than it accepted is counted, told again, and reported', async () => {
    const world = createWorld({
      seed: 17,
      evses: 3,
      wirings: ['L1L2L3'],
      limitA: 60,
      panelLimitA: 60,
      buildingA: () => [10, 10, 10],
    })
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    const [rogue, ...others] = world.stations
    rogue.tx = {
      startMs: 0,
      limitA: () => 24,
      validToMs: Infinity,
      transactionId: rogue.transactionId!,
      phases: 3,
    }
    const install = rogue.tx
    await world.run(60, () => {
      rogue.tx = install
    })
    expect(world.view().evses[0].reasons[0]).toMatchObject({ code: 'disobeys' })
    const sum = others.reduce((s, station) => s + station.potentialA(), 0)
    expect(sum + 24 + 10).toBeLessThanOrEqual(60)
  })
})
