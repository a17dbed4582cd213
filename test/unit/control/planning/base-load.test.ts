import { expect, test } from 'vitest'
import { createBaseLoad, SLOT_MS } from '../../../../src/control/planning/base-load.ts'
import { createForecastJournal } from '../../../../src/control/planning/forecast-journal.ts'
import type { Site } from '../../../../src/domain/site.ts'
import type { Storage } from '../../../../src/ports/storage.ts'
import { amps, DAY_MS, HOUR_MS, loads, memory, MONDAY_MS, readings, SUNNY, UTC } from './bench.ts'

const TICK_MS = 5 * 60_000

/** 10 kW, 40 kW from eight to six. */
const office = (atMs: number): number => {
  const hour = (atMs % DAY_MS) / HOUR_MS
  return hour >= 8 && hour < 18 ? 40_000 : 10_000
}
/** 30 kW at noon. */
const sun = (atMs: number): number =>
  Math.max(0, 30_000 * Math.sin((((atMs % DAY_MS) / HOUR_MS - 6) * Math.PI) / 12))

interface Living {
  readonly days: number
  readonly site?: Site
  readonly storage?: Storage
  readonly load?: (atMs: number) => number
  readonly roof?: (atMs: number) => number | null
  readonly metered?: boolean
  readonly fromMs?: number
}

const live = ({ days, site = SUNNY, load = office, roof = sun, ...given }: Living) => {
  const { storage, log } = memory()
  const values: Record<string, number | null> = { 'meter-roof': 0 }
  const used = given.storage ?? storage
  const journal = createForecastJournal(used, log.log)
  const base = createBaseLoad({
    site,
    calendar: UTC,
    storage: used,
    readings: readings(values),
    journal,
  })
  const fromMs = given.fromMs ?? MONDAY_MS
  const step = (atMs: number): void => {
    const gives = roof(atMs)
    values['meter-roof'] = gives === null ? null : -gives
    const net = load(atMs) - (gives ?? 0)
    base.observe(atMs, loads(site, net, given.metered ? net : null))
  }
  const endMs = fromMs + days * DAY_MS
  for (let atMs = fromMs; atMs <= endMs; atMs += TICK_MS) step(atMs)
  return { base, storage: used, journal, nowMs: endMs, step }
}

test('now is now; without a past the base load stays as it is', () => {
  const { base, nowMs } = live({ days: 0 })
  expect(base.forecast(0, 3, nowMs, nowMs)).toBe(10_000)
  expect(base.forecast(0, 0, nowMs, nowMs + HOUR_MS)).toBeCloseTo(10_000 / 690, 0)
  expect(base.forecast(1, 3, nowMs, nowMs + HOUR_MS)).toBe(0)
})

test('load and sun of tomorrow, in watts and on each line', () => {
  const { base, nowMs } = live({ days: 28 })
  for (const hour of [3, 7.5, 9, 12.5, 16, 20]) {
    const atMs = nowMs + hour * HOUR_MS
    const net = office(atMs) - sun(atMs)
    expect(Math.abs(base.forecast(0, 3, nowMs, atMs) - net), `${hour} h`).toBeLessThan(2_500)
    expect(Math.abs(base.forecast(0, 1, nowMs, atMs) - net / 690), `${hour} h`).toBeLessThan(4)
  }
})

test('a higher quantile is more load and less sun', () => {
  // Every third day is overcast.
  const roof = (atMs: number) => sun(atMs) * (Math.floor(atMs / DAY_MS) % 3 === 0 ? 0.2 : 1)
  const { base, nowMs } = live({ days: 42, roof })
  const noonMs = nowMs + 12 * HOUR_MS
  const at = (q: number) => base.forecast(0, 3, nowMs, noonMs, q)
  expect(at(0.95) - at(0.5)).toBeGreaterThan(5_000)
  expect(at(0.95)).toBeLessThan(60_000)
  expect([0.05, 0.3, 0.5, 0.7, 0.95].map(at)).toEqual(
    [0.05, 0.3, 0.5, 0.7, 0.95].map(at).toSorted((a, b) => a - b),
  )
})

test('a roof that falls silent behind the meter of the connection teaches nothing wrong', () => {
  const blackoutMs = MONDAY_MS + 21 * DAY_MS
  const { base, nowMs } = live({
    days: 28,
    metered: true,
    roof: (atMs) => (atMs < blackoutMs ? sun(atMs) : null),
    // The meter of the connection goes on seeing what the roof gives.
    load: (atMs) => office(atMs) - (atMs < blackoutMs ? 0 : sun(atMs)),
  })
  const eveningMs = nowMs + 17 * HOUR_MS
  const net = office(eveningMs) - sun(eveningMs)
  expect(Math.abs(base.forecast(0, 3, nowMs, eveningMs) - net)).toBeLessThan(4_000)
})

test('after a restart it knows what it knew', async () => {
  const first = live({ days: 28 })
  // The roof's meter is stored by itself.
  for (let atMs = MONDAY_MS; atMs < first.nowMs; atMs += TICK_MS) {
    const values = { powerW: -sun(atMs) }
    const row = {
      meterId: 'meter-roof',
      measuredAtMs: atMs,
      receivedAtMs: atMs,
      quality: 'good',
      values,
    }
    first.storage.append({ table: 'reading', row })
  }
  const again = live({ days: 0, storage: first.storage, fromMs: first.nowMs })
  await again.base.load(first.nowMs)
  for (const hour of [3, 9, 12.5, 20]) {
    const atMs = first.nowMs + hour * HOUR_MS
    const before = first.base.forecast(0, 3, first.nowMs, atMs)
    const after = again.base.forecast(0, 3, first.nowMs, atMs)
    expect(Math.abs(after - before), `${hour} h`).toBeLessThan(2_000)
  }
})

test('a site that has only readings of its meters yet learns from them', async () => {
  const { storage } = memory()
  const nowMs = MONDAY_MS + 21 * DAY_MS
  for (let atMs = MONDAY_MS; atMs < nowMs; atMs += 60_000 * 4) {
    const row = { measuredAtMs: atMs, receivedAtMs: atMs, quality: 'good' }
    const of = (meterId: string, values: object) =>
      storage.append({ table: 'reading', row: { ...row, meterId, values } })
    of('meter-office', { currentA: amps(office(atMs)) })
    of('meter-roof', { powerW: -sun(atMs) })
  }
  const { base } = live({ days: 0, storage, fromMs: nowMs })
  await base.load(nowMs)
  for (const hour of [9, 12.5, 20]) {
    const atMs = nowMs + hour * HOUR_MS
    const net = office(atMs) - sun(atMs)
    expect(Math.abs(base.forecast(0, 3, nowMs, atMs) - net), `${hour} h`).toBeLessThan(3_000)
    expect(Math.abs(base.forecast(0, 2, nowMs, atMs) - net / 690), `${hour} h`).toBeLessThan(5)
  }
})

test('what the meter of a connection with EVSEs says is not taken for base load', async () => {
  const { storage } = memory()
  const site = {
    ...SUNNY,
    nodes: [{ ...SUNNY.nodes[0], meterId: 'main' }, ...SUNNY.nodes.slice(1)],
  }
  const nowMs = MONDAY_MS + 7 * DAY_MS
  for (let atMs = MONDAY_MS; atMs < nowMs; atMs += 60_000 * 4) {
    const row = { meterId: 'main', measuredAtMs: atMs, receivedAtMs: atMs, quality: 'good' }
    storage.append({ table: 'reading', row: { ...row, values: { powerW: 90_000 } } })
  }
  const { base } = live({ days: 0, storage, site, fromMs: nowMs })
  await base.load(nowMs)
  expect(base.forecast(0, 3, nowMs, nowMs + 12 * HOUR_MS)).toBeCloseTo(10_000, -1)
})

test('forecasts are written down each hour and held against what came', async () => {
  const { storage, journal } = live({ days: 9 })
  const rows = await storage.query('forecast', { where: { kind: 'load' } })
  const scored = rows.filter(({ actual }) => actual !== null)
  expect(scored.length).toBeGreaterThan(9 * 24 * 3)
  const hour = rows.find(
    ({ madeAtMs, leadS }) => madeAtMs === MONDAY_MS + 8 * DAY_MS + 11 * HOUR_MS && leadS === 3_600,
  )
  const targetMs = MONDAY_MS + 8 * DAY_MS + 12 * HOUR_MS - SLOT_MS
  expect(hour).toMatchObject({
    subject: 'grid',
    quantiles: [
      [0.1, expect.any(Number)],
      [0.5, expect.any(Number)],
      [0.9, expect.any(Number)],
    ],
  })
  expect(hour?.actual).toBeCloseTo(office(targetMs) - sun(targetMs + SLOT_MS / 2), -3)
  expect(hour?.baseline).toBeCloseTo(hour?.actual ?? 0, 0)
  expect((await storage.query('forecast', { where: { kind: 'pv' } })).length).toBeGreaterThan(800)
  // Those of the last day still wait.
  expect(journal.open()).toBeLessThan(120)
})

test('a slot that was hardly seen is neither learned nor stored', async () => {
  const { storage } = memory()
  const { step } = live({ days: 0, storage, fromMs: MONDAY_MS + 10 * 60_000 })
  step(MONDAY_MS + SLOT_MS)
  step(MONDAY_MS + SLOT_MS + TICK_MS)
  step(MONDAY_MS + 2 * SLOT_MS)
  const rows = await storage.query('reading', { where: { meterId: 'base/grid' } })
  expect(rows.map(({ measuredAtMs }) => measuredAtMs)).toEqual([MONDAY_MS + SLOT_MS])
  expect(rows[0].values).toEqual({ currentA: [14.49, 14.49, 14.49], powerW: 10_000 })
})
