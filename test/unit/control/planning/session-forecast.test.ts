import { expect, test } from 'vitest'
import { createForecastJournal } from '../../../../src/control/planning/forecast-journal.ts'
import { createSessionForecast } from '../../../../src/control/planning/session-forecast.ts'
import type { Session } from '../../../../src/domain/session.ts'
import type { Storage } from '../../../../src/ports/storage.ts'
import { DAY_MS, HOUR_MS, memory, MIN_MS, MONDAY_MS, session, states, SUNNY, UTC } from './bench.ts'

const DEFAULTS = { stayMs: 8 * HOUR_MS, energyWh: 30_000 }

const create = (given: { storage?: Storage } = {}) => {
  const { storage, log } = memory()
  const used = given.storage ?? storage
  const journal = createForecastJournal(used, log.log)
  const forecast = createSessionForecast({
    calendar: UTC,
    storage: used,
    journal,
    defaults: DEFAULTS,
  })
  return { forecast, storage: used }
}

/** Ann comes at eight on workdays, stays for three hours and takes 12 kWh. */
const ann = (day: number, given: Partial<Session> = {}): Session =>
  session(`ann-${day}`, {
    idToken: 'ann',
    connectedAtMs: MONDAY_MS + day * DAY_MS + 8 * HOUR_MS,
    ...given,
  })

const visit = ({ forecast }: ReturnType<typeof create>, day: number): void => {
  const at = (hour: number) => MONDAY_MS + day * DAY_MS + hour * HOUR_MS
  // The session is live: the same object changes, and then it is gone.
  const live = { ...ann(day) }
  for (let hour = 0; hour < 24; hour += 0.25) {
    live.energyWh = Math.min(12_000, Math.max(0, (hour - 8) * 6_000))
    const isHere = hour >= 8 && hour < 11 && day % 7 < 5
    forecast.observe(at(hour), states(SUNNY, [isHere ? live : null]))
  }
}

const lived = (days: number) => {
  const world = create()
  for (let day = 0; day < days; day++) visit(world, day)
  return world
}

const hoursTo = (world: ReturnType<typeof create>, of: Session, nowMs: number, q = 0.5) =>
  (world.forecast.departureMs(of, nowMs, q) - of.connectedAtMs) / HOUR_MS

test('nobody was here before: what the settings say', () => {
  const world = create()
  const first = ann(0)
  expect(hoursTo(world, first, first.connectedAtMs)).toBe(8)
  expect(world.forecast.energyWh(first, first.connectedAtMs, 0.8)).toBe(30_000)
})

test('the need that the session was given by default comes before the settings', () => {
  const world = create()
  const departureMs = ann(0).connectedAtMs + 2 * HOUR_MS
  const first = ann(0, { need: { energyWh: 7_000, departureMs, source: 'default' } })
  expect(hoursTo(world, first, first.connectedAtMs)).toBe(2)
  expect(world.forecast.energyWh(first, first.connectedAtMs, 0.5)).toBe(7_000)
})

test('a session that is gone has ended, and is learned from', () => {
  const world = lived(28)
  const next = ann(28)
  expect(hoursTo(world, next, next.connectedAtMs)).toBeCloseTo(3, 5)
  expect(world.forecast.energyWh(next, next.connectedAtMs, 0.5)).toBe(12_000)
})

test('who is still here stays for longer; nobody leaves in the past', () => {
  const world = lived(28)
  const next = ann(28)
  const lateMs = next.connectedAtMs + 5 * HOUR_MS
  expect(world.forecast.departureMs(next, lateMs, 0.5)).toBeGreaterThan(lateMs + 10 * MIN_MS)
  expect(world.forecast.departureMs(next, lateMs, 0)).toBeGreaterThanOrEqual(lateMs)
  expect(world.forecast.energyWh({ ...next, energyWh: 50_000 }, lateMs, 0.5)).toBeGreaterThan(
    50_000,
  )
})

test('a token is known however it is spelt, and becomes known later', () => {
  const world = lived(28)
  for (let day = 28; day < 80; day++) {
    const other = session(`x-${day}`, { connectedAtMs: MONDAY_MS + day * DAY_MS + 8 * HOUR_MS })
    world.forecast.observe(other.connectedAtMs, states(SUNNY, [other]))
    world.forecast.observe(other.connectedAtMs + 9 * HOUR_MS, states(SUNNY, []))
  }
  const unknown = session('new', { connectedAtMs: MONDAY_MS + 84 * DAY_MS + 8 * HOUR_MS })
  expect(hoursTo(world, unknown, unknown.connectedAtMs)).toBeCloseTo(9)
  expect(hoursTo(world, { ...unknown, idToken: 'ANN' }, unknown.connectedAtMs)).toBeCloseTo(3)
})

test('after a restart it knows from the stored sessions what it knew', async () => {
  const { storage } = memory()
  for (let day = 0; day < 28; day++) {
    const { connectedAtMs, ...rest } = ann(day)
    const row = { ...rest, connectedAtMs, energyWh: 12_000, transactionId: null }
    const endedAtMs = connectedAtMs + 3 * HOUR_MS
    if (day % 7 < 5) storage.append({ table: 'session', row: { ...row, endedAtMs } })
  }
  storage.append({ table: 'session', row: { ...ann(28), stationId: null } })
  const world = create({ storage })
  const nowMs = MONDAY_MS + 28 * DAY_MS + 9 * HOUR_MS
  await world.forecast.load(nowMs)
  const next = ann(28)
  expect(hoursTo(world, next, next.connectedAtMs)).toBeCloseTo(3)
  const tomorrow = MONDAY_MS + 29 * DAY_MS + 8 * HOUR_MS
  expect(world.forecast.arrivals.expected(nowMs, tomorrow, tomorrow + HOUR_MS)).toBeCloseTo(1)
  expect(world.forecast.newcomer(tomorrow).stayMs(0.5, 0)).toBe(3 * HOUR_MS)
})

test('arrivals are counted as they come', () => {
  const world = lived(28)
  const nowMs = MONDAY_MS + 28 * DAY_MS
  const at = (hour: number, day = 0) => {
    const fromMs = nowMs + day * DAY_MS + hour * HOUR_MS
    return world.forecast.arrivals.expected(nowMs, fromMs, fromMs + HOUR_MS)
  }
  expect(at(8)).toBeCloseTo(1)
  expect(at(9)).toBeCloseTo(0)
  expect(at(8, 6)).toBeCloseTo(0)
})

test('what was expected is written down at the plug-in and later, and held against what came', async () => {
  const { storage } = lived(10)
  const rows = await storage.query('forecast', { where: { subject: 'ann-9' } })
  // Day 9 is a Wednesday; after four hours she was gone.
  expect(rows.map(({ kind, leadS }) => `${kind} ${leadS}`).sort()).toEqual([
    'departure 0',
    'departure 3600',
    'energy 0',
    'energy 3600',
  ])
  for (const { kind, actual } of rows) expect(actual).toBeCloseTo(kind === 'energy' ? 12 : 3)
  expect(rows[0].baseline).toBeCloseTo(3)
})
