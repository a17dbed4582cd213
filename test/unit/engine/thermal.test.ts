import { expect, test } from 'vitest'
import { ONAN_TRANSFORMER, type Transformer } from '../../../src/domain/transformer.ts'
import {
  advance,
  hotSpotC,
  hottestState,
  permittedLoad,
  steadyState,
} from '../../../src/engine/thermal.ts'

const MODEL: Transformer = {
  ...ONAN_TRANSFORMER,
  ratedVa: 400_000,
  ambientC: Array.from({ length: 12 }, () => 20),
}
const MIN_S = 60

test('rated load at 20 degrees ends at 98: the design of the standard', () => {
  const state = steadyState(MODEL, 1, 20)
  expect(state.oilC).toBeCloseTo(75, 9)
  expect(hotSpotC(state)).toBeCloseTo(98, 9)
})

test('switched on after a rest: the exponential step response, computed by hand', () => {
  const rest = steadyState(MODEL, 0, 20)
  // 55 K (1/6)^0.8 = 13.117 K of no-load losses.
  expect(rest).toEqual({ oilC: expect.closeTo(33.117, 3), riseK: 0 })
  // Oil: 75 - (75 - 33.117) / e = 59.592 after its time constant of 180 min.
  expect(advance(MODEL, rest, 1, 20, 180 * MIN_S).oilC).toBeCloseTo(59.592, 3)
  // Windings: 23 (1 - 1/e) = 14.539 after theirs of 8 min.
  expect(advance(MODEL, rest, 1, 20, 8 * MIN_S).riseK).toBeCloseTo(14.539, 3)
})

test('two halves of a time are the whole', () => {
  const start = { oilC: 40, riseK: 5 }
  const half = advance(MODEL, start, 1.3, 10, 450)
  const whole = advance(MODEL, start, 1.3, 10, 900)
  const twice = advance(MODEL, half, 1.3, 10, 450)
  expect(twice.oilC).toBeCloseTo(whole.oilC, 9)
  expect(twice.riseK).toBeCloseTo(whole.riseK, 9)
})

const STEPS = 96
const flat = (value: number): Float64Array => new Float64Array(STEPS).fill(value)
const outlook = (ambientC: number, most = 2, least = 0) => ({
  stepS: 900,
  ambientC: flat(ambientC),
  least: flat(least),
  most: flat(most),
})

test('never above the rating unless that is allowed, below it where the air is hot', () => {
  const cold = steadyState(MODEL, 0, 20)
  expect([...permittedLoad(MODEL, cold, outlook(20))]).toEqual(Array.from(flat(1)))
  const hot = permittedLoad(MODEL, hottestState(MODEL, 40), outlook(40))
  for (const factor of hot) expect(factor).toBeLessThan(0.87)
  expect(hotSpotC(steadyState(MODEL, hot.at(-1)!, 40))).toBeGreaterThan(97)
})

test('a cold transformer may be overloaded for a while, then as much as it stands for ever', () => {
  const model = { ...MODEL, maxFactor: 1.3 }
  const caps = permittedLoad(model, steadyState(model, 0.3, 20), outlook(20))
  expect(caps[0]).toBe(1.3)
  const full = caps.findIndex((factor) => factor < 1.3)
  expect(full).toBeGreaterThan(2)
  for (let t = full; t < STEPS; t++) expect(caps[t]).toBeLessThanOrEqual(caps[t - 1])
  expect(caps.at(-1)).toBeCloseTo(1, 2)
})

test('hours in which little can flow cool it for the evening', () => {
  const model = { ...MODEL, maxFactor: 1.3 }
  const most = flat(2).fill(0.3, 0, 48)
  const start = hottestState(model, 20)
  const caps = permittedLoad(model, start, { ...outlook(20), most })
  expect(caps.subarray(0, 48).every((factor) => factor === 0.3)).toBe(true)
  expect(caps[48]).toBeGreaterThan(permittedLoad(model, start, outlook(20))[48] + 0.2)
})

test('a base load above the limit heats, and nothing is permitted until it has cooled', () => {
  const least = flat(0).fill(1.5, 0, 16)
  const caps = permittedLoad(MODEL, hottestState(MODEL, 20), { ...outlook(20), least })
  expect(caps[10]).toBe(0)
  expect(caps[16]).toBe(0)
  expect(caps.at(-1)).toBeGreaterThan(0.9)
})
