import { describe, expect, test } from 'vitest'
import { createCalendar } from '../../../src/sim/calendar.ts'
import { resolveSettings, type SimulationSettings } from '../../../src/sim/settings.ts'
import { createWorld, type Stay, type StayRecord, type World } from '../../../src/sim/world.ts'
import { evse, site } from './site.ts'

const START = Date.UTC(2026, 5, 15, 6)
const SITE = site({ evses: Array.from({ length: 6 }, (_, i) => evse(`S${i + 1}`, 1)) })

interface Trace {
  readonly world: World
  readonly presented: Stay[]
  readonly arrived: { stay: Stay; second: number }[]
  readonly left: StayRecord[]
}

/** Runs so many seconds; cards start transactions unless `refuse`. */
const run = (
  settings: SimulationSettings,
  seconds: number,
  { speed = 1, refuse = false } = {},
): Trace => {
  let second = 0
  const trace = { presented: [] as Stay[], arrived: [] as Trace['arrived'], left: [] as StayRecord[] } // prettier-ignore
  const world = createWorld({
    site: SITE,
    settings: resolveSettings(settings, SITE),
    startMs: START,
    speed,
    present: (stay) => {
      trace.presented.push(stay)
      if (!refuse) stay.station.start(stay.port, stay.visit.idToken, { transactionId: 'T' })
    },
    moved: (stay, record) => {
      if (record) trace.left.push(record)
      else trace.arrived.push({ stay, second })
    },
  })
  for (const station of world.stations) station.startUp(START)
  for (second = 1; second <= seconds; second++) world.step(START + second * 1000, 1)
  return { world, ...trace }
}

describe('drivers', () => {
  test('the first ones come within 40 s, show their card soon, and charge', () => {
    const { world, arrived, presented } = run({ initialVehicles: 5, vehiclesPerDay: 0 }, 60)
    expect(arrived).toHaveLength(5)
    expect(arrived.every(({ second }) => second >= 2 && second <= 40)).toBe(true)
    expect(presented).toHaveLength(5)
    expect(world.ports.filter((port) => port.currentA > 5).length).toBeGreaterThanOrEqual(4)
    expect(world.stays()).toHaveLength(5)
    for (const stay of world.stays()) expect(world.stayAt(stay.port)).toBe(stay)
  })

  test('who is refused tries again a few times, a minute apart', () => {
    const settings = { initialVehicles: 1, vehiclesPerDay: 0 }
    expect(run(settings, 90, { refuse: true }).presented).toHaveLength(2)
    expect(run(settings, 1200, { refuse: true }).presented).toHaveLength(5)
  })

  test('over a day they come and go, and what they took is what the meters counted', () => {
    const settings = {
      place: 'workplace',
      timeOfDay: '00:00',
      initialVehicles: 2,
      vehiclesPerDay: 30,
    } as const
    const { world, arrived, left } = run(settings, 86_400)
    expect(left.length).toBeGreaterThan(8)
    expect(arrived.length).toBe(left.length + world.stays().length)
    expect(arrived.length + world.turnedAway()).toBe(32)
    for (const record of left) {
      expect(record.leftAtMs).toBeGreaterThan(record.arrivedAtMs)
      // Nothing limits them here: whoever leaves has what was needed.
      expect(record.deliveredWh).toBeGreaterThan(record.needWh - 60)
      expect(record.deliveredWh).toBeLessThan(record.needWh + 60)
    }
  })

  test('a full site turns people away', () => {
    const { world } = run({ initialVehicles: 6, vehiclesPerDay: 5000 }, 3600)
    expect(world.turnedAway()).toBeGreaterThan(10)
    expect(world.stays().length).toBeLessThanOrEqual(6)
  })

  test('speed shortens stays and needs, not currents', () => {
    const settings = { initialVehicles: 4, vehiclesPerDay: 0, seed: 5 }
    const slow = run(settings, 60).world
    const fast = run(settings, 60, { speed: 20 }).world
    const pairs = slow.stays().map((stay, i) => [stay, fast.stays()[i]] as const)
    for (const [a, b] of pairs) {
      expect(b.visit.model).toBe(a.visit.model)
      expect(b.needWh).toBeLessThan(a.needWh / 10)
      expect(b.departureMs - b.arrivedAtMs).toBeCloseTo((a.departureMs - a.arrivedAtMs) / 20, -3)
    }
    const most = (world: World) => Math.max(...world.ports.map((port) => port.currentA))
    expect(most(fast)).toBeCloseTo(most(slow), 0)
  })
})

test('the same seed gives the same world', () => {
  const energies = (seed: number) =>
    run({ seed, vehiclesPerDay: 200, initialVehicles: 3 }, 1800).world.ports.map(
      (port) => port.registerWh,
    )
  expect(energies(1)).toEqual(energies(1))
  expect(energies(2)).not.toEqual(energies(1))
})

describe('the calendar', () => {
  const hour = (wallMs: number): number => (wallMs % 86_400_000) / 3_600_000

  test('begins at the local time that is wanted, and passes as fast as wanted', () => {
    const it = createCalendar('Europe/Amsterdam', { date: null, timeOfDay: '08:30' }, START, 60)
    expect(hour(it.wallMs(it.toSimMs(START)))).toBe(8.5)
    expect(hour(it.wallMs(it.toSimMs(START + 60_000)))).toBe(9.5)
    expect(it.toRealMs(it.toSimMs(START + 12_345))).toBe(START + 12_345)
  })

  test('is the true time without settings', () => {
    const it = createCalendar('America/New_York', { date: null, timeOfDay: null }, START, 1)
    expect(it.simStartMs).toBe(START)
    expect(hour(it.wallMs(START))).toBe(2)
  })

  test('follows the change to summer time', () => {
    const settings = { date: '2026-03-29', timeOfDay: '00:00' }
    const it = createCalendar('Europe/Amsterdam', settings, START, 1)
    expect(hour(it.wallMs(it.simStartMs + 1.5 * 3_600_000))).toBe(1.5)
    expect(hour(it.wallMs(it.simStartMs + 2.5 * 3_600_000))).toBe(3.5)
  })

  test('names a time zone that does not exist', () => {
    expect(() => createCalendar('Mars/Base', { date: null, timeOfDay: null }, START, 1)).toThrow(
      /Mars\/Base is not an IANA time zone/,
    )
  })
})
