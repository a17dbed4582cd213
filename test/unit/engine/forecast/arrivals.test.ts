import { expect, test } from 'vitest'
import {
  createArrivalForecast,
  poissonQuantile,
  replayArrivals,
} from '../../../../src/engine/forecast/arrivals.ts'
import { DAY_MS, HOUR_MS, MONDAY_MS, UTC } from './calendars.ts'

/** Weeks with three arrivals at eight on workdays, one at eleven on Saturdays. */
const lived = (weeks: number) => {
  const forecast = createArrivalForecast(UTC)
  const arrived: number[] = []
  for (let day = 0; day < 7 * weeks; day++) {
    const eight = MONDAY_MS + day * DAY_MS + 8 * HOUR_MS
    if (day % 7 < 5) arrived.push(eight + 60_000, eight + 120_000, eight + 180_000)
    if (day % 7 === 5) arrived.push(eight + 3 * HOUR_MS)
  }
  const nowMs = MONDAY_MS + 7 * weeks * DAY_MS
  replayArrivals(forecast, arrived, nowMs)
  return { forecast, nowMs }
}

test('nothing is expected of a site that nobody came to', () => {
  const forecast = createArrivalForecast(UTC)
  expect(forecast.expected(MONDAY_MS, MONDAY_MS, MONDAY_MS + DAY_MS)).toBe(0)
})

test('as many as usual in each hour of each kind of day', () => {
  const { forecast, nowMs } = lived(6)
  const at = (day: number, hour: number, hours = 1) => {
    const fromMs = nowMs + day * DAY_MS + hour * HOUR_MS
    return forecast.expected(nowMs, fromMs, fromMs + hours * HOUR_MS)
  }
  expect(at(0, 8)).toBeCloseTo(3)
  expect(at(0, 9)).toBeCloseTo(0)
  expect(at(0, 0, 24)).toBeCloseTo(3)
  expect(at(5, 11)).toBeCloseTo(1)
  expect(at(6, 0, 24)).toBeCloseTo(0)
})

test('what has passed of an hour is not expected any more', () => {
  const { forecast, nowMs } = lived(6)
  const eight = nowMs + 8 * HOUR_MS
  expect(forecast.expected(eight + 0.75 * HOUR_MS, eight, eight + HOUR_MS)).toBeCloseTo(0.75)
})

test('an outage is not an empty site', () => {
  const { forecast, nowMs } = lived(6)
  const later = nowMs + 30 * DAY_MS
  replayArrivals(forecast, [], later)
  forecast.advance(later)
  // 30 days after a Monday is a Wednesday.
  const eight = later + 8 * HOUR_MS
  expect(forecast.expected(later, eight, eight + HOUR_MS)).toBeCloseTo(3)
})

test('live: arrivals are counted in their hour, and learned when it is over', () => {
  const forecast = createArrivalForecast(UTC)
  for (let day = 0; day < 3; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const atMs = MONDAY_MS + day * DAY_MS + hour * HOUR_MS
      forecast.advance(atMs)
      forecast.arrived(atMs - HOUR_MS)
      if (hour === 10) {
        forecast.arrived(atMs + 1)
        forecast.arrived(atMs + 2)
      }
    }
  }
  const nowMs = MONDAY_MS + 3 * DAY_MS
  expect(forecast.expected(nowMs, nowMs + 10 * HOUR_MS, nowMs + 11 * HOUR_MS)).toBeCloseTo(2)
  expect(forecast.expected(nowMs, nowMs + 9 * HOUR_MS, nowMs + 10 * HOUR_MS)).toBeCloseTo(0)
})

test.each([
  [0, 0.9, 0],
  [2, 0.5, 2],
  [2, 0.95, 5],
  [400, 0.5, 400],
])('mean %d: in %d of all cases no more than %d come', (mean, q, count) => {
  expect(poissonQuantile(mean, q)).toBe(count)
})
