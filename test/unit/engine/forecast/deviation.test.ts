import { expect, test } from 'vitest'
import { seededRandom } from '../../../../src/domain/seeded-random.ts'
import { createDeviation } from '../../../../src/engine/forecast/deviation.ts'
import { createLeads } from '../../../../src/engine/forecast/leads.ts'

const DAY = 24
const leads = createLeads(DAY)

test('without a past nothing is expected', () => {
  expect(createDeviation(leads, DAY).expected(5, 1)).toBe(0)
})

test('a first deviation fades within hours', () => {
  const deviation = createDeviation(leads, DAY)
  deviation.push(0, 10)
  const soon = deviation.expected(1, 1)
  const later = deviation.expected(8, 8)
  expect(soon).toBeGreaterThan(5)
  expect(later).toBeGreaterThan(0)
  expect(later).toBeLessThan(1.5)
})

test('how deviations go on is learned: 0.6 of it after each hour', () => {
  const random = seededRandom(3)
  const deviation = createDeviation(leads, DAY)
  let value = 0
  for (let slot = 0; slot < 60 * DAY; slot++) {
    value = 0.6 * value + random.next() - 0.5
    deviation.push(slot, value)
  }
  const at = (lead: number) => deviation.expected(60 * DAY - 1 + lead, lead, 1)
  const nothing = (lead: number) => deviation.expected(60 * DAY - 1 + lead, lead, 0)
  expect(at(1) - nothing(1)).toBeCloseTo(0.6, 1)
  expect(at(2) - nothing(2)).toBeCloseTo(0.36, 1)
  expect(at(8) - nothing(8)).toBeCloseTo(0, 1)
})

test('what comes back at the same time of day is learned', () => {
  const deviation = createDeviation(leads, DAY)
  for (let slot = 0; slot < 40 * DAY; slot++) deviation.push(slot, slot % DAY === 9 ? 10 : 0)
  const midnight = 40 * DAY - 1
  expect(deviation.expected(midnight + 10, 10)).toBeGreaterThan(6)
  expect(Math.abs(deviation.expected(midnight + 14, 14))).toBeLessThan(1)
})

test('one wrong value teaches little', () => {
  const deviation = createDeviation(leads, DAY)
  const random = seededRandom(4)
  for (let slot = 0; slot < 20 * DAY; slot++) deviation.push(slot, random.next() - 0.5)
  deviation.push(20 * DAY, 1e9)
  const from = 20 * DAY + 5
  for (let slot = 20 * DAY + 1; slot <= from; slot++) deviation.push(slot, 0)
  expect(Math.abs(deviation.expected(from + 4, 4))).toBeLessThan(1e6)
  deviation.push(from + 3 * DAY, 0.2)
  expect(deviation.at(from)).toBe(0)
})

test('after a gap of days the deviation of before is forgotten', () => {
  const deviation = createDeviation(leads, DAY)
  for (let slot = 0; slot < 10 * DAY; slot++) deviation.push(slot, 5)
  deviation.push(14 * DAY, 0)
  expect(Math.abs(deviation.expected(14 * DAY + 3, 3))).toBeLessThan(1e-9)
})
