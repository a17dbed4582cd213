import { describe, expect, test } from 'vitest'
import { DEFAULT_DEMAND_RULES, learnDemand, NEW_DEMAND } from '../../../src/engine/demand.ts'

/** Measures every 10 s from second 0: pairs of draw and offer. */
const learn = (samples: readonly [number, number][], from = NEW_DEMAND) =>
  samples.reduce(
    (state, [drawA, offerA], k) =>
      learnDemand(state, drawA, offerA, -60_000, k * 10_000, 6, DEFAULT_DEMAND_RULES),
    from,
  )

describe('what a vehicle wants', () => {
  test('is unknown at first', () => expect(NEW_DEMAND.wantA).toBe(Infinity))

  test('is its draw plus 15 % once it has drawn less for a minute', () => {
    expect(learn(Array.from({ length: 6 }, () => [10, 20])).wantA).toBe(Infinity)
    expect(learn(Array.from({ length: 7 }, () => [10, 20])).wantA).toBe(12)
  })

  test('is the highest draw of that minute', () => {
    const samples = Array.from({ length: 7 }, (_, k) => [k === 3 ? 13 : 9, 20] as [number, number])
    expect(learn(samples).wantA).toBe(15)
  })

  test('is never below the minimum', () => {
    expect(learn(Array.from({ length: 7 }, () => [1, 20])).wantA).toBe(6)
  })

  test('says nothing while paused', () => {
    expect(learn(Array.from({ length: 9 }, () => [0, 0])).wantA).toBe(Infinity)
  })

  test('one full draw starts the minute anew', () => {
    const samples = Array.from({ length: 8 }, (_, k) => [k === 4 ? 20 : 10, 20] as [number, number])
    expect(learn(samples).wantA).toBe(Infinity)
  })

  test('doubles when the vehicle uses its offer again, until it is unlimited', () => {
    const slow = learn(Array.from({ length: 7 }, () => [10, 20]))
    const again = (state: typeof slow, offerA: number, atMs: number) =>
      learnDemand(state, offerA, offerA, 0, atMs, 6, DEFAULT_DEMAND_RULES)
    const once = again(slow, 12, 100_000)
    expect(once.wantA).toBe(24)
    expect(again(once, 24, 105_000).wantA).toBe(24)
    expect(again(once, 32, 110_000).wantA).toBe(Infinity)
  })
})
