import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createArrivalForecast } from '../../src/engine/forecast/arrivals.ts'
import type { SiteCalendar } from '../../src/engine/forecast/calendar.ts'
import { createLoadForecast } from '../../src/engine/forecast/load.ts'
import { createPvForecast } from '../../src/engine/forecast/pv.ts'
import { scoreForecasts, type ForecastRecord } from '../../src/engine/forecast/score.ts'
import { createSlotClock } from '../../src/engine/forecast/slot-clock.ts'
import { createStayHistory, type Arrival, type PastStay } from '../../src/engine/forecast/stays.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const T0 = Date.UTC(2026, 2, 2)
/** A clock change in the middle, and some holidays. */
const CALENDAR: SiteCalendar = {
  offsetMs: (atMs) => (atMs > T0 + 12 * DAY_MS ? 2 : 1) * HOUR_MS,
  isHoliday: (day) => day % 11 === 0,
}
const clock = createSlotClock(CALENDAR, HOUR_MS)
const START = clock.slotAt(T0)

/** Anything that a meter might say, in runs; a rhythm most of the time. */
const run = fc.record({
  kind: fc.constantFrom('rhythm', 'rhythm', 'rhythm', 'constant', 'gap', 'wild', 'skip'),
  length: fc.integer({ min: 1, max: 90 }),
  value: fc.oneof(
    { weight: 5, arbitrary: fc.double({ min: -1e5, max: 1e5, noNaN: true }) },
    fc.constantFrom(0, 1e11, -1e11, 1e300, -1e300, Infinity, -Infinity, Number.NaN, 1e-300),
  ),
  seed: fc.integer(),
})
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never
const history = fc.array(run, { maxLength: 12 })

type Feed = readonly (readonly [slot: number, value: number])[]

const feedOf = (runs: readonly Run[]): Feed => {
  const feed: [number, number][] = []
  let slot = START
  for (const { kind, length, value, seed } of runs) {
    const random = seededRandom(seed)
    for (let k = 0; k < length; k++, slot++) {
      if (kind === 'skip') continue
      const rhythm = 3_000 * (2 + Math.sin((slot * Math.PI) / 12)) + 200 * random.next()
      const wild = random.next() < 0.5 ? value : rhythm
      feed.push([slot, { rhythm, constant: value, gap: Number.NaN, wild }[kind]])
    }
  }
  return feed
}

const LEVELS = [0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1]

const presentOf = (slot: number, value: number, isRunning: boolean) => ({
  slot: slot + 1,
  value: Math.abs(value) < 1e12 ? value : 0,
  mean: isRunning && Math.abs(value) < 1e12 ? value : Number.NaN,
  part: isRunning ? 0.4 : 0,
})

const rises = (values: readonly number[]): boolean =>
  values.every((value, k) => k === 0 || value >= values[k - 1])

const MODELS = [
  ['load', (kept?: unknown) => createLoadForecast(clock, kept as undefined)],
  ['pv', (kept?: unknown) => createPvForecast(clock, kept as undefined)],
] as const

test.each(MODELS)(
  'whatever a meter said, the quantiles of %s are finite and rise with their level',
  (kind, create) => {
    fc.assert(
      fc.property(
        history,
        fc.boolean(),
        fc.integer({ min: 0, max: 80 }),
        (runs, isRunning, ahead) => {
          const model = create()
          const feed = feedOf(runs)
          for (const [slot, value] of feed) model.learn(slot, value)
          const [slot, value] = feed.at(-1) ?? [START, 5]
          const now = presentOf(slot, value, isRunning)
          const values = LEVELS.map((level) => model.at(now, slot + 1 + ahead, level))
          expect(values.every(Number.isFinite)).toBe(true)
          expect(rises(values)).toBe(true)
          if (kind === 'pv') expect(values[0]).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 60 },
    )
  },
)

test.each(MODELS)('%s: a snapshot goes on as if nothing had happened', (_, create) => {
  fc.assert(
    fc.property(history, history, (before, after) => {
      const straight = create()
      const feed = feedOf([...before, ...after])
      const cut = feedOf(before).length
      for (const [slot, value] of feed.slice(0, cut)) straight.learn(slot, value)
      const restored = create(JSON.parse(JSON.stringify(straight.snapshot())))
      for (const [slot, value] of feed.slice(cut)) {
        straight.learn(slot, value)
        restored.learn(slot, value)
      }
      const [slot, value] = feed.at(-1) ?? [START, 5]
      const now = presentOf(slot, value, false)
      const ask = (model: typeof straight) =>
        LEVELS.flatMap((level) =>
          // JSON has no -0.
          [1, 5, 30].map((lead) => model.at(now, slot + lead, level) + 0),
        )
      expect(ask(restored)).toEqual(ask(straight))
      expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(straight.snapshot()))
    }),
    { numRuns: 25 },
  )
})

const user = fc.constantFrom(null, 'ANN', 'BOB')
const station = fc.constantFrom('s1', 's2')
const past: fc.Arbitrary<PastStay> = fc.record({
  arrivedMs: fc.integer({ min: T0, max: T0 + 30 * DAY_MS }),
  stayMs: fc.oneof(fc.integer({ min: 0, max: 20 * HOUR_MS }), fc.constant(9 * DAY_MS)),
  energyWh: fc.double({ min: 0, max: 9e4, noNaN: true }),
  stationId: station,
  userId: user,
  saidStayMs: fc.option(fc.integer({ min: 1, max: 20 * HOUR_MS })),
  saidEnergyWh: fc.option(fc.double({ min: 1, max: 9e4, noNaN: true })),
})
const arrival: fc.Arbitrary<Arrival> = fc.record({
  arrivedMs: fc.integer({ min: T0, max: T0 + 40 * DAY_MS }),
  stationId: fc.option(station),
  userId: user,
  saidStayMs: fc.option(fc.integer({ min: 1, max: 20 * HOUR_MS })),
  saidEnergyWh: fc.option(fc.double({ min: 1, max: 9e4, noNaN: true })),
})
const DEFAULTS = { stayMs: 8 * HOUR_MS, energyWh: 30_000 }

test('no departure lies in the past, no energy below what is there, all levels rise', () => {
  fc.assert(
    fc.property(
      fc.array(past, { maxLength: 60 }),
      arrival,
      fc.integer({ min: 0, max: 60 * HOUR_MS }),
      fc.double({ min: 0, max: 2e5, noNaN: true }),
      (stays, of, elapsedMs, deliveredWh) => {
        const stayHistory = createStayHistory(CALENDAR)
        for (const stay of stays) stayHistory.learn(stay)
        const pool = stayHistory.pool(of, DEFAULTS)
        const stay = LEVELS.map((level) => pool.stayMs(level, elapsedMs))
        const energy = LEVELS.map((level) => pool.energyWh(level, elapsedMs, deliveredWh))
        for (const values of [stay, energy]) {
          expect(values.every(Number.isFinite)).toBe(true)
          expect(rises(values)).toBe(true)
        }
        expect(stay[0]).toBeGreaterThanOrEqual(elapsedMs)
        expect(energy[0]).toBeGreaterThanOrEqual(deliveredWh)
      },
    ),
    { numRuns: 300 },
  )
})

test('stays: a snapshot goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(fc.array(past, { maxLength: 40 }), fc.array(past), arrival, (before, after, of) => {
      const straight = createStayHistory(CALENDAR)
      for (const stay of before) straight.learn(stay)
      const restored = createStayHistory(CALENDAR, JSON.parse(JSON.stringify(straight.snapshot())))
      for (const stay of after) {
        straight.learn(stay)
        restored.learn(stay)
      }
      const ask = (from: typeof straight) => {
        const pool = from.pool(of, DEFAULTS)
        return LEVELS.map((level) => [pool.stayMs(level, 0), pool.energyWh(level, HOUR_MS, 500)])
      }
      expect(ask(restored)).toEqual(ask(straight))
    }),
  )
})

test('arrivals: a snapshot goes on, and nothing below zero is expected', () => {
  const hours = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 })
  fc.assert(
    fc.property(hours, hours, (before, after) => {
      const live = (
        forecast: ReturnType<typeof createArrivalForecast>,
        counts: number[],
        from: number,
      ) =>
        counts.forEach((count, k) => {
          const atMs = T0 + (from + k) * HOUR_MS
          forecast.advance(atMs)
          for (let n = 0; n < count; n++) forecast.arrived(atMs + 1)
        })
      const straight = createArrivalForecast(CALENDAR)
      live(straight, before, 0)
      const restored = createArrivalForecast(
        CALENDAR,
        JSON.parse(JSON.stringify(straight.snapshot())),
      )
      live(straight, after, before.length)
      live(restored, after, before.length)
      const nowMs = T0 + (before.length + after.length) * HOUR_MS
      const ask = (forecast: typeof straight) =>
        Array.from({ length: 48 }, (_, k) =>
          forecast.expected(nowMs, nowMs + k * HOUR_MS, nowMs + (k + 1) * HOUR_MS),
        )
      expect(ask(restored)).toEqual(ask(straight))
      expect(Math.min(...ask(straight))).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 50 },
  )
})

const forecastRecord: fc.Arbitrary<ForecastRecord> = fc.record({
  kind: fc.constantFrom('load', 'pv'),
  subject: fc.constant('x'),
  madeAtMs: fc.integer({ min: 0, max: 30 * DAY_MS }),
  leadS: fc.constantFrom(900, 3600),
  quantiles: fc
    .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((values) => {
      const [a, b, c] = values.toSorted((x, y) => x - y)
      return [
        [0.1, a],
        [0.5, b],
        [0.9, c],
      ] as const
    }),
  baseline: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  actual: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
})

test('scores: coverage rises with the level, counts add up, who knew everything loses nothing', () => {
  fc.assert(
    fc.property(fc.array(forecastRecord, { maxLength: 50 }), (records) => {
      const rows = scoreForecasts(records)
      expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(records.length)
      for (const row of rows) {
        expect(rises(row.levels.map(({ coverage }) => coverage))).toBe(true)
        expect(row.mae).toBeGreaterThanOrEqual(Math.abs(row.bias) - 1e-6)
        expect(row.levels[1].loss).toBeCloseTo(row.mae / 2, 3)
      }
      const perfect = records.map((record) => ({
        ...record,
        quantiles: record.quantiles.map(([level]) => [level, record.actual] as const),
      }))
      for (const { mae, levels } of scoreForecasts(perfect)) {
        expect([mae, ...levels.map(({ loss }) => loss)]).toEqual([0, 0, 0, 0])
      }
    }),
  )
})
