import { expect, test } from 'vitest'
import type { DayKind } from '../../../../src/engine/forecast/calendar.ts'
import { createWeekProfile, type WeekPlace } from '../../../../src/engine/forecast/week-profile.ts'

const SETTINGS = { slotsPerDay: 24, workWeight: 0.15, restWeight: 0.25, ownWeight: 0.1, clip: 5 }

const place = (weekday: number, slot: number): WeekPlace => ({
  weekday,
  slot,
  kind: (weekday < 5 ? 0 : weekday - 4) as DayKind,
})

/** Weeks of the same: `values[weekday]` at every slot, with a ripple. */
const lived = (values: readonly number[], weeks: number) => {
  const profile = createWeekProfile(SETTINGS)
  for (let day = 0; day < 7 * weeks; day++) {
    for (let slot = 0; slot < 24; slot++) {
      profile.learn(place(day % 7, slot), values[day % 7] + (day % 2 ? 1 : -1))
    }
  }
  return profile
}

test('nothing is usual before anything happened', () => {
  const profile = createWeekProfile(SETTINGS)
  expect(profile.usual(place(0, 3))).toBeNaN()
  expect(profile.spread(place(0, 3))).toBeNaN()
})

test('workdays teach one another, Saturdays and Sundays are their own', () => {
  const profile = lived([100, 100, 100, 100, 100, 50, 20], 6)
  expect(profile.usual(place(2, 8))).toBeCloseTo(100, -0.5)
  expect(profile.usual(place(5, 8))).toBeCloseTo(50, -0.5)
  expect(profile.usual(place(6, 8))).toBeCloseTo(20, -0.5)
  expect(profile.spread(place(2, 8))).toBeGreaterThan(0.3)
  expect(profile.spread(place(2, 8))).toBeLessThan(3)
})

test('a kind of day that was never seen is like the one most alike', () => {
  const profile = createWeekProfile(SETTINGS)
  profile.learn(place(0, 8), 100)
  expect(profile.usual(place(6, 8))).toBe(100)
  profile.learn(place(5, 8), 40)
  expect(profile.usual(place(6, 8))).toBe(40)
  expect(profile.usual(place(5, 9))).toBeNaN()
})

test('a Monday that differs is learned as such', () => {
  const profile = lived([130, 100, 100, 100, 100, 50, 20], 12)
  const monday = profile.usual(place(0, 8))
  const tuesday = profile.usual(place(1, 8))
  expect(monday - tuesday).toBeGreaterThan(12)
})

test('one wrong day moves it little, a lasting change is followed', () => {
  const profile = lived([100, 100, 100, 100, 100, 50, 20], 6)
  profile.learn(place(0, 8), 100_000)
  expect(profile.usual(place(1, 8))).toBeLessThan(105)
  for (let day = 0; day < 40; day++) profile.learn(place(day % 5, 8), 300)
  expect(profile.usual(place(1, 8))).toBeGreaterThan(280)
})
