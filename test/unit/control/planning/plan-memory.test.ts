import { expect, test } from 'vitest'
import { newEvseControl } from '../../../../src/control/evse-control.ts'
import { createImportMeans } from '../../../../src/control/planning/import-means.ts'
import { createOnOffChanges } from '../../../../src/control/planning/on-off-changes.ts'
import { HOUR_MS, MIN_MS, MONDAY_MS, session, states, SUNNY } from './bench.ts'

const STEP_MS = 15 * MIN_MS

test('the mean import of each step; export counts as nothing, the unseen as the last known', () => {
  const means = createImportMeans(STEP_MS, () => 0)
  expect(means.at(MONDAY_MS)).toBe(0)
  for (const [minute, watts] of [
    [0, 1_000],
    [10, 3_000],
    [16, -4_000],
    [20, 4_000],
  ]) {
    means.observe(MONDAY_MS + minute * MIN_MS, watts)
  }
  expect(means.at(MONDAY_MS + MIN_MS)).toBe(2_000)
  expect(means.at(MONDAY_MS + STEP_MS)).toBe(2_000)
  means.observe(MONDAY_MS + 2 * STEP_MS, 5_000)
  expect(means.at(MONDAY_MS - STEP_MS)).toBe(5_000)
})

test('steps are those of the local clock', () => {
  const means = createImportMeans(HOUR_MS, () => 30 * MIN_MS)
  means.observe(MONDAY_MS + 29 * MIN_MS, 1_000)
  means.observe(MONDAY_MS + 30 * MIN_MS, 2_000)
  expect(means.at(MONDAY_MS)).toBe(1_000)
  expect(means.at(MONDAY_MS + HOUR_MS)).toBe(2_000)
})

test('only some hours are kept', () => {
  const means = createImportMeans(STEP_MS, () => 0)
  for (let k = 0; k < 100; k++) means.observe(MONDAY_MS + k * STEP_MS, k)
  expect(means.at(MONDAY_MS + 90 * STEP_MS)).toBe(90)
  expect(means.at(MONDAY_MS + 10 * STEP_MS)).toBe(99)
})

test('changes are those of a session: the next one starts anew', () => {
  const changes = createOnOffChanges()
  const control = newEvseControl(0, SUNNY.evses[0], 690)
  const see = (id: string | null, onSinceMs: number | null): number => {
    control.onSinceMs = onSinceMs
    changes.observe({ controls: [control], states: states(SUNNY, [id ? session(id) : null]) })
    return changes.of(0)
  }
  expect(changes.of(0)).toBe(0)
  expect(see('a', null)).toBe(0)
  expect(see('a', 1)).toBe(1)
  expect(see('a', 1)).toBe(1)
  expect(see('a', null)).toBe(2)
  expect(see(null, null)).toBe(0)
  expect(see('b', 5)).toBe(1)
})
