import { expect, test } from 'vitest'
import {
  atLeast,
  highest,
  lowest,
  nearest,
  pilotSteps,
} from '../../../../src/engine/plan/pilots.ts'

const SET = [8, 16, 24]

test('steps from the minimum to the maximum', () => {
  expect(pilotSteps(6, 8, 1)).toEqual([6, 7, 8])
  expect(pilotSteps(6, 7.5, 1)).toEqual([6, 7])
  expect(pilotSteps(6, 5, 1)).toEqual([])
})

test.each([
  // wanted, highest, at least and nearest with at most 16 A
  [-3, 0, 8, 0],
  [3, 0, 8, 0],
  [4, 0, 8, 8],
  [8, 8, 8, 8],
  [11, 8, 16, 8],
  [12, 8, 16, 16],
  [30, 24, 16, 16],
])('%d A in a set', (wantedA, below, above, next) => {
  expect(highest(SET, wantedA)).toBe(below)
  expect(atLeast(SET, wantedA, 16)).toBe(above)
  expect(nearest(SET, wantedA, 16)).toBe(next)
})

test('continuous pilots are what is wanted, within their limit', () => {
  expect([highest(null, 3.3), atLeast(null, 3.3, 16), nearest(null, 3.3, 16)]).toEqual([
    3.3, 3.3, 3.3,
  ])
  expect([highest(null, -1), atLeast(null, 20, 16), nearest(null, 20, 16)]).toEqual([0, 16, 16])
  expect([lowest(null), lowest(SET), lowest([])]).toEqual([0, 8, 0])
})
