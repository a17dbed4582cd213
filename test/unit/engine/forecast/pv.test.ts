import { expect, test } from 'vitest'
import type { ForecastSeries } from '../../../../src/domain/forecast-series.ts'
import { seededRandom } from '../../../../src/domain/seeded-random.ts'
import { createPvForecast } from '../../../../src/engine/forecast/pv.ts'
import { replayPv } from '../../../../src/engine/forecast/replay-pv.ts'
import { scoreForecasts, type ScoreRow } from '../../../../src/engine/forecast/score.ts'
import { createSlotClock } from '../../../../src/engine/forecast/slot-clock.ts'
import { after, HOUR_MS, MONDAY_MS, UTC } from './calendars.ts'

const clock = createSlotClock(UTC, HOUR_MS)
const START = clock.slotAt(MONDAY_MS)

/** 100 kW under a clear sky from six to six. */
const clear = (slot: number): number => {
  const hour = ((slot % 24) + 24) % 24
  return Math.max(0, 100_000 * Math.sin(((hour - 5.5) * Math.PI) / 12))
}

/** Clear and overcast days, a coin decides; the same for the same seed. */
const skies = (days: number, seed: number): Float64Array => {
  const random = seededRandom(seed)
  const values = new Float64Array(days * 24)
  for (let day = 0; day < days; day++) {
    const sky = random.next() < 0.6 ? 1 : 0.25
    for (let hour = 0; hour < 24; hour++) {
      const k = day * 24 + hour
      values[k] = clear(START + k) * sky * (0.95 + 0.05 * random.next())
    }
  }
  return values
}

const lived = (values: Float64Array) => {
  const model = createPvForecast(clock)
  values.forEach((watts, k) => model.learn(START + k, watts))
  return model
}

test('before anything is known it stays as it is, or as others say', () => {
  const model = createPvForecast(clock)
  expect(model.at(after(START, 700), START + 4, 0.5)).toBe(700)
  model.accept(said('portal', 'pv-power', START, () => 4_200))
  expect(model.at(after(START, 700), START + 4, 0.5)).toBe(4_200)
})

test('nothing at night, something by day, never more than an edge of a cloud over the clear sky', () => {
  const model = lived(skies(40, 1))
  const midnight = START + 40 * 24
  const now = after(midnight - 1, 0)
  expect(model.at(now, midnight + 2, 0.95)).toBe(0)
  const noon = model.at(now, midnight + 12, 0.95)
  expect(noon).toBeGreaterThan(80_000)
  expect(noon).toBeLessThan(131_000)
})

test('a morning tells how the day goes on', () => {
  const values = skies(60, 2)
  const model = (sky: number) => {
    const day = values.slice()
    for (let hour = 0; hour < 10; hour++) day[59 * 24 + hour] = clear(START + hour) * sky
    return lived(day.subarray(0, 59 * 24 + 10))
  }
  const at = (sky: number) =>
    model(sky).at(after(START + 59 * 24 + 9, clear(9) * sky), START + 59 * 24 + 13, 0.5)
  expect(at(1)).toBeGreaterThan(85_000)
  expect(at(0.25)).toBeLessThan(40_000)
})

test('tomorrow may be clear or overcast: the quantiles say both', () => {
  const values = skies(80, 3)
  const model = lived(values)
  const now = after(START + 80 * 24 - 1, 0)
  const noon = START + 80 * 24 + 12
  expect(model.at(now, noon, 0.1)).toBeLessThan(35_000)
  expect(model.at(now, noon, 0.9)).toBeGreaterThan(85_000)
})

const said = (
  sourceId: string,
  quantity: ForecastSeries['quantity'],
  fromSlot: number,
  value: (slot: number) => number,
  slots = 48,
): ForecastSeries => ({
  sourceId,
  loadId: 'roof',
  quantity,
  segments: Array.from({ length: slots }, (_, k) => ({
    startMs: (fromSlot + k) * HOUR_MS,
    endMs: (fromSlot + k + 1) * HOUR_MS,
    value: value(fromSlot + k),
  })),
})

/** Day-ahead error of a replay in which somebody says something every midnight. */
const dayAhead = (
  values: Float64Array,
  quantity: ForecastSeries['quantity'] | null,
  value: (k: number) => number,
): ScoreRow => {
  const outside = Array.from({ length: quantity === null ? 0 : values.length / 24 }, (_, day) => ({
    atMs: (START + day * 24) * HOUR_MS,
    series: said('portal', quantity!, START + day * 24, (slot) => value(slot - START)),
  }))
  const settings = { subject: 'roof', levels: [0.1, 0.5, 0.9], warmUpDays: 28, everySlots: 1 }
  const series = { startSlot: START, values }
  return scoreForecasts(replayPv(series, clock, { ...settings, leadsS: [43_200] }, outside))[0]
}

test('a good forecast of others is followed, in whatever unit it comes, a bad one is not', () => {
  const values = skies(90, 4)
  const random = seededRandom(9)
  const alone = dayAhead(values, null, () => 0)
  const truth = (k: number) => values[k] ?? 0
  const watts = dayAhead(values, 'pv-power', (k) => 0.7 * truth(k))
  const irradiance = dayAhead(values, 'irradiance', (k) => truth(k) / 120)
  const nonsense = dayAhead(values, 'pv-power', () => 100_000 * random.next())
  expect(watts.mae).toBeLessThan(0.4 * alone.mae)
  expect(irradiance.mae).toBeLessThan(0.4 * alone.mae)
  expect(nonsense.mae).toBeLessThan(1.15 * alone.mae)
})

test('a gap is not a night', () => {
  const values = skies(40, 5)
  const model = lived(values)
  for (let k = 0; k < 48; k++) model.learn(START + 40 * 24 + k, Number.NaN)
  const now = after(START + 42 * 24 - 1, 0)
  expect(model.at(now, START + 42 * 24 + 12, 0.9)).toBeGreaterThan(80_000)
})
