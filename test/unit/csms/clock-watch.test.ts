import { expect, test } from 'vitest'
import { correctTime, isClockWrong, newClockWatch } from '../../../src/csms/clock-watch.ts'
import { START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const SECOND_MS = 1_000

test('a station without a time is taken at its arrival', () => {
  expect(correctTime(newClockWatch(), null, START_MS)).toBe(START_MS)
})

test('a right clock is believed', () => {
  const watch = newClockWatch()
  expect(correctTime(watch, START_MS - 900, START_MS)).toBe(START_MS - 900)
  expect(watch.skewMs).toBe(0)
})

test('nothing happens in the future', () => {
  expect(correctTime(newClockWatch(), START_MS + 2_000, START_MS)).toBe(START_MS)
})

test.each([
  ['1970', 5_000],
  ['a day ahead', START_MS + 86_400_000],
])('%s is no time: the arrival counts, the clock is flagged', (_, statedMs) => {
  const watch = newClockWatch()
  expect(correctTime(watch, statedMs, START_MS)).toBe(START_MS)
  expect(isClockWrong(watch)).toBe(true)
  expect(watch.skewMs).toBe(statedMs - START_MS)
})

test('a clock that is ten minutes slow keeps its distance and is corrected', () => {
  const watch = newClockWatch()
  const at = (step: number): number => START_MS + step * 10 * SECOND_MS
  const results = [0, 1, 2, 3].map((step) =>
    correctTime(watch, at(step) - 10 * MINUTE_MS, at(step)),
  )
  expect(results.slice(0, 2)).toEqual([at(0) - 10 * MINUTE_MS, at(1) - 10 * MINUTE_MS])
  expect(results.slice(2)).toEqual([at(2), at(3)])
  expect(isClockWrong(watch)).toBe(true)
})

test('a replay runs through its hours: its times are right and stay', () => {
  const watch = newClockWatch()
  for (let step = 0; step < 30; step++) {
    const statedMs = START_MS - (60 - step) * MINUTE_MS
    expect(correctTime(watch, statedMs, START_MS + step * 1_500)).toBe(statedMs)
  }
  expect(watch.skewMs).toBe(0)
})

test('a replay does not disturb the known skew of a slow clock', () => {
  const watch = newClockWatch()
  const skewMs = -2 * MINUTE_MS
  for (let step = 0; step < 4; step++) {
    const atMs = START_MS + step * 10 * SECOND_MS
    correctTime(watch, atMs + skewMs, atMs)
  }
  const receivedMs = START_MS + 60 * SECOND_MS
  const happenedMs = START_MS - 30 * MINUTE_MS
  expect(correctTime(watch, happenedMs + skewMs, receivedMs)).toBe(happenedMs)
})

test('a clock that was set right is believed at once', () => {
  const watch = newClockWatch()
  correctTime(watch, START_MS + 3_600_000, START_MS)
  expect(isClockWrong(watch)).toBe(true)
  expect(correctTime(watch, START_MS + 10_000 - 500, START_MS + 10_000)).toBe(START_MS + 9_500)
  expect(isClockWrong(watch)).toBe(false)
})
