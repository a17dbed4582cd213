import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import { DEFAULT_PHASE_RULES } from '../../src/engine/phase-switch.ts'
import { live, wandering } from './life.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

const seeds = Array.from({ length: Number(process.env.SEEDS ?? 4) }, (_, k) => k + 1)

/** Numbers of phases in the order in which the profiles of a transaction brought them, and when. */
const phasesTold = (world: World, key: string, transactionId: string) => {
  const told: { phases: 1 | 3; atMs: number }[] = []
  for (const { key: of, atMs, profile } of world.sent) {
    const phases = profile.schedule.numberPhases
    if (of !== key || profile.transactionId !== transactionId) continue
    if (told.at(-1)?.phases !== phases) told.push({ phases, atMs })
  }
  return told
}

/** Every transaction's. */
const allTold = (world: World) =>
  world.stations.flatMap(({ evse }) =>
    [...new Set(world.sent.map(({ profile }) => profile.transactionId))].flatMap((id) =>
      id === null ? [] : [phasesTold(world, evse.key, id)],
    ),
  )

const RULES = DEFAULT_PHASE_RULES

/** What must hold whatever the stations do. Returns the number of switches. */
const checkSwitches = (world: World): number => {
  const counts = allTold(world).map(({ length }) => Math.max(0, length - 1))
  for (const count of counts) expect(count).toBeLessThanOrEqual(RULES.maxSwitches)
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What holds besides of stations that do as they are told. */
const checkObedient = (world: World): void => {
  for (const { pausesS } of world.stations) {
    for (const pauseS of pausesS) expect(pauseS).toBeGreaterThanOrEqual(RULES.pauseS)
  }
  for (const told of allTold(world)) {
    for (let k = 1; k < told.length; k++) {
      const dwellS = (told[k].atMs - told[k - 1].atMs) / 1000
      // The first profile for one phase may have had to wait for room.
      if (told[k].phases === 3) expect(dwellS).toBeGreaterThan(0.9 * RULES.upAfterS)
    }
  }
}

/** Room for three phases comes and goes: events of a quarter of an hour, again and again. */
const withEvents = async (
  world: World,
  seconds: number,
  quarter: (limitW: number | null) => Promise<void>,
): Promise<void> => {
  const random = seededRandom(4711)
  for (let s = 0; s < seconds; s += 900) {
    const limitW = random.next() < 0.6 ? 2_000 + 5_000 * random.next() : null
    world.setLimit(limitW)
    await quarter(limitW)
  }
}

/** With so few stations a building that grows while none of them listens would be nobody's fault. */
const steady = () => [14, 19, 8] as const

const site = (seed: number, more: Partial<WorldOptions> = {}): World =>
  createWorld({
    seed,
    evses: 4,
    limitA: 60,
    panelLimitA: 34,
    phaseSwitching: true,
    buildingA: wandering(seed),
    ...more,
  })

describe('no node is ever above its limit', () => {
  test.each(seeds)('nor a limit by an event, seed %i', async (seed) => {
    const world = site(seed)
    world.stations.forEach((station) => station.plugIn())
    await world.run(60)
    await withEvents(world, 4500, async (limitW) => {
      await world.run(30)
      await world.run(870, () => {
        expect(world.vehiclesW()).toBeLessThanOrEqual(limitW ?? Infinity)
        expect(world.excess().potentialA).toBeLessThanOrEqual(0.01)
      })
    })
    expect(checkSwitches(world)).toBeGreaterThan(0)
    checkObedient(world)
  })

  test.each(seeds)('stations that obey, seed %i', async (seed) => {
    const world = site(seed)
    await withEvents(world, 7200, () => live(world, 900, 0))
    expect(checkSwitches(world)).toBeGreaterThan(0)
    checkObedient(world)
  })

  test.each(seeds)('failsafe 0, only the connection is metered, seed %i', async (seed) => {
    const world = site(seed, { failsafeA: 0, meter: 'connection', buildingA: steady })
    await withEvents(world, 5400, () => live(world, 900, 0.001))
    checkSwitches(world)
  })

  test.each(seeds)(
    'stations that ignore or refuse one phase, and drop off, seed %i',
    async (seed) => {
      const world = site(seed, { buildingA: steady })
      world.stations.forEach((station, k) => {
        station.phases = (['ignores', 'refuses', 'ignores', 'obeys'] as const)[(k + seed) % 4]
      })
      await withEvents(world, 7200, () => live(world, 900, 0.003))
      checkSwitches(world)
    },
  )

  test.each(seeds)('Busbar dies while some charge on one phase, seed %i', async (seed) => {
    const world = site(seed, { buildingA: steady })
    await withEvents(world, 1800 + seed * 97, () => live(world, 900, 0.001))
    world.setLimit(null)
    world.kill()
    await world.run(seed % 2 === 0 ? 900 : 45, () => {
      expect(world.excess().potentialA).toBeLessThanOrEqual(0.01)
    })
    await world.start()
    for (const station of world.stations) if (station.online) station.reconnect()
    await live(world, 600, 0.001)
  })
})

/** One car and a limit that is too low for three phases in every other half hour. */
const dips = async (world: World, each: (second: number) => void = () => {}): Promise<void> => {
  for (let s = 0; s < 2 * 3600 + 1200; s++) {
    if (s % 1800 === 0) world.setLimit((s / 1800) % 2 === 0 ? null : 3_000)
    await world.second()
    expect(world.excess().potentialA).toBeLessThanOrEqual(0.01)
    each(s)
  }
}
const oneCar = (more: Partial<WorldOptions> = {}): World => {
  const world = createWorld({
    seed: 5,
    evses: 1,
    limitA: 60,
    wirings: ['L2L3L1'],
    buildingA: () => [5, 5, 5],
    ...more,
  })
  world.stations[0].plugIn()
  return world
}

test('brings more energy than without, where there is too little for three phases', async () => {
  const energyWh = async (phaseSwitching: boolean) => {
    const world = oneCar({ phaseSwitching })
    let during = 0
    await dips(world, (s) => {
      if ((s / 1800) % 2 >= 1) during += world.vehiclesW() / 3600
      if ((s / 1800) % 2 >= 1 && s % 1800 > 30) expect(world.vehiclesW()).toBeLessThanOrEqual(3_000)
    })
    expect(checkSwitches(world)).toBe(phaseSwitching ? 4 : 0)
    checkObedient(world)
    return during
  }
  const without = await energyWh(false)
  expect(without).toBeLessThan(100)
  // Proven after the first dip; then 13 A on one phase in the second.
  expect(await energyWh(true)).toBeGreaterThan(without + 1_400)
})

test('the grant says that it pauses, that it is on one phase, and why', async () => {
  const world = oneCar({ phaseSwitching: true })
  const said: string[] = []
  await dips(world, () => {
    const text = world.view().evses[0].reasons.map((reason) => JSON.stringify(reason))
    for (const each of text) if (/phase/.test(each) && !said.includes(each)) said.push(each)
  })
  const reasons = said.map((each) => JSON.parse(each) as { code: string })
  expect(reasons[0]).toMatchObject({ code: 'phase-switch', phases: 1 })
  expect(reasons).toContainEqual(expect.objectContaining({ code: 'one-phase', phase: 'L2' }))
  expect(reasons).toContainEqual(expect.objectContaining({ code: 'phase-switch', phases: 3 }))
})

test('until it is proven, one phase counts as three', async () => {
  const world = oneCar({ phaseSwitching: true })
  const [station] = world.stations
  let first: number | null = null
  await dips(world, (s) => {
    if (first === null && station.onOneLine && station.drawA > 0) first = s
  })
  // Not in the first dip: it might have drawn 6 A from each of three lines.
  expect(first).toBeGreaterThanOrEqual(3600)
  expect(first).toBeLessThan(3700)
})

test('a station that ignores it is found out, counted as it draws, and left alone', async () => {
  const world = oneCar({ phaseSwitching: true })
  const [station] = world.stations
  station.phases = 'ignores'
  await dips(world, (s) => {
    if ((s / 1800) % 2 >= 1 && s % 1800 > 30) expect(world.vehiclesW()).toBe(0)
  })
  const told = phasesTold(world, station.evse.key, station.transactionId!)
  expect(told.map(({ phases }) => phases)).toEqual([3, 1, 3])
  expect(world.view().evses[0].reasons).toContainEqual({ code: 'phases-fixed', cause: 'ignored' })
  station.unplug()
  await world.second()
  station.plugIn()
  await dips(world)
  expect(phasesTold(world, station.evse.key, station.transactionId!)).toHaveLength(1)
})

test('a station that stops obeying is counted by its meter within seconds', async () => {
  const world = oneCar({ phaseSwitching: true })
  const [station] = world.stations
  await dips(world)
  world.setLimit(3_000)
  await world.run(120)
  expect(world.view().nodes[0].mayDrawA[0]).toBe(0)
  expect(station.onOneLine).toBe(true)
  station.phases = 'ignores'
  await world.run(8)
  expect(world.view().nodes[0].mayDrawA[0]).toBeGreaterThanOrEqual(6)
  await world.run(30)
  expect(world.vehiclesW()).toBeLessThanOrEqual(3_000)
  // It gets no other chance than one that counts as three phases.
  world.setLimit(null)
  await world.run(700, () => expect(world.excess().potentialA).toBeLessThanOrEqual(0.01))
  expect(world.view().evses[0].reasons).toContainEqual({ code: 'phases-fixed', cause: 'ignored' })
})

test('a refusal is remembered for the session, and three phases go on', async () => {
  const world = oneCar({ phaseSwitching: true })
  const [station] = world.stations
  station.phases = 'refuses'
  await dips(world)
  const refused = world.sent.filter(({ profile }) => profile.schedule.numberPhases === 1)
  expect(refused).toHaveLength(1)
  expect(world.view().evses[0].reasons).toContainEqual({ code: 'phases-fixed', cause: 'refused' })
  expect(world.vehiclesW()).toBeGreaterThan(20_000)
})

test('a vehicle with one phase of its own is never switched', async () => {
  const world = oneCar({ phaseSwitching: true })
  world.stations[0].carLines = [false, true, false]
  await dips(world)
  expect(checkSwitches(world)).toBe(0)
})

test('follows a plan on one phase where three would be too much', async () => {
  let plannedW = 2_300
  const world = oneCar({
    phaseSwitching: true,
    targets: () => ({
      planId: 'p',
      targetA: 6,
      plannedW,
      wattsPerAmp: 690,
      takesSurplus: false,
      untilMs: Infinity,
      cause: 'need',
      limit: null,
    }),
  })
  await world.run(120)
  expect(world.vehiclesW()).toBeCloseTo(2_300, 0)
  plannedW = 6_900
  await world.run(500)
  expect(world.stations[0].onOneLine).toBe(true)
  await world.run(200)
  expect(world.stations[0].onOneLine).toBe(false)
  checkSwitches(world)
})

test('after a restart on one phase it goes on there at once', async () => {
  const world = oneCar({ phaseSwitching: true })
  await dips(world)
  world.setLimit(3_000)
  await world.run(120)
  const before = world.vehiclesW()
  expect(before).toBeGreaterThan(2_500)
  world.kill()
  await world.run(5)
  await world.start()
  world.stations[0].reconnect()
  await world.run(60, () => expect(world.vehiclesW()).toBeGreaterThan(0.9 * before))
  expect(world.view().evses[0].reasons).toContainEqual(
    expect.objectContaining({ code: 'one-phase' }),
  )
})

test('one phase lasts, but what is above the failsafe ends as soon as ever', async () => {
  const world = oneCar({ phaseSwitching: true })
  await dips(world)
  const onOnePhase = world.sent.filter(({ profile }) => profile.schedule.numberPhases === 1)
  const generous = onOnePhase.filter(({ profile }) => profile.schedule.periods[0].limit > 6)
  expect(generous.length).toBeGreaterThan(10)
  for (const { atMs, profile } of generous) {
    const { startMs, periods, durationS } = profile.schedule
    const [high, low] = periods
    expect(low.limit).toBe(6)
    expect(startMs + low.startS * 1000 - atMs).toBeLessThanOrEqual(DEFAULT_RULES.longValidityMs)
    expect(high.limit).toBeGreaterThan(low.limit)
    expect(startMs + durationS! * 1000 - atMs).toBeGreaterThan(530_000)
  }
})
