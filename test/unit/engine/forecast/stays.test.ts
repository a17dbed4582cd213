import { expect, test } from 'vitest'
import {
  createStayHistory,
  type Arrival,
  type PastStay,
} from '../../../../src/engine/forecast/stays.ts'
import { DAY_MS, HOUR_MS, MONDAY_MS, UTC } from './calendars.ts'

const DEFAULTS = { stayMs: 8 * HOUR_MS, energyWh: 30_000 }

const stay = (
  day: number,
  hour: number,
  hours: number,
  given: Partial<PastStay> = {},
): PastStay => ({
  arrivedMs: MONDAY_MS + day * DAY_MS + hour * HOUR_MS,
  stayMs: hours * HOUR_MS,
  energyWh: hours * 3_000,
  stationId: 's1',
  userId: null,
  saidStayMs: null,
  saidEnergyWh: null,
  ...given,
})

const arrival = (day: number, hour: number, given: Partial<Arrival> = {}): Arrival => ({
  arrivedMs: MONDAY_MS + day * DAY_MS + hour * HOUR_MS,
  stationId: 's9',
  userId: null,
  saidStayMs: null,
  saidEnergyWh: null,
  ...given,
})

const hoursOf = (
  history: ReturnType<typeof createStayHistory>,
  of: Arrival,
  q = 0.5,
  elapsedH = 0,
): number => history.pool(of, DEFAULTS).stayMs(q, elapsedH * HOUR_MS) / HOUR_MS

test('nobody was here before: the default, and the word of the driver before that', () => {
  const history = createStayHistory(UTC)
  expect(history.means()).toBeNull()
  expect(hoursOf(history, arrival(0, 8))).toBe(8)
  expect(hoursOf(history, arrival(0, 8), 0.05)).toBe(8)
  expect(hoursOf(history, arrival(0, 8, { saidStayMs: 3 * HOUR_MS }))).toBe(3)
  const pool = history.pool(arrival(0, 8, { saidEnergyWh: 9_000 }), DEFAULTS)
  expect(pool.energyWh(0.5, 0, 0)).toBe(9_000)
})

test('mornings are long, afternoons short, Sundays their own', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 28; day++) {
    if (day % 7 === 6) for (let k = 0; k < 4; k++) history.learn(stay(day, 8, 1))
    else {
      history.learn(stay(day, 8, 9))
      history.learn(stay(day, 8.5, 9.5))
      history.learn(stay(day, 15, 2))
    }
  }
  expect(hoursOf(history, arrival(29, 8.2))).toBeCloseTo(9.25, 0)
  expect(hoursOf(history, arrival(29, 15.1))).toBe(2)
  expect(hoursOf(history, arrival(34, 8))).toBe(1)
})

test('a driver, then a station, then the site', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 60; day++) {
    history.learn(stay(day, 8, 9, { userId: 'ANN', stationId: 's2' }))
    history.learn(stay(day, 8, 4, { userId: 'BOB', stationId: 's3' }))
    for (let k = 0; k < 4; k++) history.learn(stay(day, 8, 6))
  }
  expect(hoursOf(history, arrival(60, 8, { userId: 'ANN' }))).toBe(9)
  expect(hoursOf(history, arrival(60, 8, { userId: 'BOB', stationId: 's2' }))).toBe(4)
  expect(hoursOf(history, arrival(60, 8, { stationId: 's3' }))).toBe(4)
  expect(hoursOf(history, arrival(60, 8, { userId: 'EVE' }))).toBe(6)
})

test('one visit of a driver weighs little against a site', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 30; day++) for (let k = 0; k < 3; k++) history.learn(stay(day, 8, 9))
  history.learn(stay(29, 8, 1, { userId: 'ANN', stationId: 's9' }))
  expect(hoursOf(history, arrival(30, 8, { userId: 'ANN' }))).toBe(9)
})

test('who says three hours and stays six is read so, others are believed', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 30; day++) {
    history.learn(stay(day, 8, 6, { userId: 'ANN', saidStayMs: 3 * HOUR_MS, saidEnergyWh: 40_000 }))
    for (let k = 0; k < 3; k++) history.learn(stay(day, 8, 3, { saidStayMs: 3 * HOUR_MS }))
  }
  const said = { saidStayMs: 3 * HOUR_MS }
  expect(hoursOf(history, arrival(30, 8, { ...said, userId: 'ANN' }))).toBe(6)
  expect(hoursOf(history, arrival(30, 8, said))).toBe(3)
  // 40 kWh were asked for and 18 taken, each time.
  const pool = history.pool(arrival(30, 8, { userId: 'ANN', saidEnergyWh: 40_000 }), DEFAULTS)
  expect(pool.energyWh(0.5, 0, 0)).toBe(18_000)
})

test('who is still here is not counted with those that have left', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 40; day++) {
    history.learn(stay(day, 8, 2))
    history.learn(stay(day, 8, 2))
    history.learn(stay(day, 8, 9))
  }
  expect(hoursOf(history, arrival(40, 8))).toBe(2)
  expect(hoursOf(history, arrival(40, 8), 0.5, 3)).toBe(9)
  expect(hoursOf(history, arrival(40, 8), 0.02, 3)).toBeGreaterThan(3)
  // Longer than anybody before: it lasts on for a part of what it has lasted.
  expect(hoursOf(history, arrival(40, 8), 0.5, 12)).toBeCloseTo(12 * 2 ** (1 / 3), 1)
})

test('energy is that of those who took more than this vehicle has by now', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 40; day++) {
    history.learn(stay(day, 8, 5, { energyWh: 5_000 }))
    history.learn(stay(day, 8, 5, { energyWh: 5_000 }))
    history.learn(stay(day, 8, 5, { energyWh: 25_000 }))
  }
  const pool = history.pool(arrival(40, 8), DEFAULTS)
  expect(pool.energyWh(0.5, 0, 0)).toBe(5_000)
  expect(pool.energyWh(0.5, HOUR_MS, 8_000)).toBe(25_000)
  expect(pool.energyWh(0.5, HOUR_MS, 60_000)).toBeGreaterThan(60_000)
  expect(pool.meanEnergyWh).toBeGreaterThan(11_500)
  expect(pool.meanEnergyWh).toBeLessThan(12_500)
})

test('a word that cannot be true is none', () => {
  const history = createStayHistory(UTC)
  for (let day = 0; day < 20; day++) history.learn(stay(day, 8, 4, { saidStayMs: -HOUR_MS }))
  const wrong = { saidStayMs: -HOUR_MS, saidEnergyWh: Number.NaN }
  expect(hoursOf(history, arrival(20, 8, wrong))).toBe(4)
})

test('what is no stay is not learned, and the oldest are forgotten', () => {
  const history = createStayHistory(UTC)
  history.learn(stay(0, 8, 0.01))
  history.learn(stay(0, 8, 24 * 8))
  history.learn(stay(0, 8, 1, { energyWh: Number.NaN }))
  history.learn(stay(0, 8, 1, { arrivedMs: Number.NaN }))
  expect(history.learned()).toBe(0)
  for (let k = 0; k < 4_500; k++) history.learn(stay(k, 8, k < 500 ? 1 : 3))
  expect(history.learned()).toBe(4_500)
  expect(history.snapshot().length).toBeLessThanOrEqual(4_000)
  expect(history.means()?.stayMs).toBeCloseTo(3 * HOUR_MS, -6)
})
