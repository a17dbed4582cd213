import { expect, test } from 'vitest'
import { createSlotMeans } from '../../../../src/engine/forecast/slot-means.ts'
import { createSlotRing } from '../../../../src/engine/forecast/slot-ring.ts'

const MIN = 60_000
const SLOT = 15 * MIN

test('a value holds until the next one, by time and not by number', () => {
  const means = createSlotMeans(SLOT, 20 * MIN)
  means.add(0, 10)
  means.add(5 * MIN, 40)
  means.add(15 * MIN, 7)
  means.add(30 * MIN, 0)
  const { startSlot, values } = means.series()
  expect(startSlot).toBe(0)
  expect([...values.subarray(0, 2)]).toEqual([30, 7])
})

test('a silent meter is a gap, and so is a slot that was hardly measured', () => {
  const means = createSlotMeans(SLOT, 5 * MIN)
  for (let k = 0; k < 15; k++) means.add(k * MIN, 6)
  means.add(16 * MIN, 8)
  for (let k = 46; k <= 60; k++) means.add(k * MIN, 9)
  const { values } = means.series()
  expect(values[0]).toBe(6)
  expect(values[1]).toBeNaN()
  expect(values[2]).toBeNaN()
  expect(values[3]).toBe(9)
})

test('what comes late or is no number is left out', () => {
  const means = createSlotMeans(SLOT, 60 * MIN)
  means.add(0, 10)
  means.add(-SLOT, 99)
  means.add(10 * MIN, Number.NaN)
  expect([...means.series().values]).toEqual([10])
  expect(createSlotMeans(SLOT, SLOT).series().values).toHaveLength(0)
})

test('a ring knows its newest slots, gaps included', () => {
  const ring = createSlotRing(4)
  expect(ring.at(0)).toBeNaN()
  ring.put(10, 1)
  ring.put(12, 3)
  expect([9, 10, 11, 12, 13].map(ring.at)).toEqual([NaN, 1, NaN, 3, NaN])
  ring.put(15, 6)
  expect(ring.at(10)).toBeNaN()
  expect(ring.at(12)).toBe(3)
  ring.put(12, 4)
  ring.put(11, 9)
  expect([ring.at(11), ring.at(12), ring.last()]).toEqual([NaN, 4, 15])
  ring.put(100, 1)
  expect(ring.at(99)).toBeNaN()
})
