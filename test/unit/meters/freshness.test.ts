import { describe, expect, test } from 'vitest'
import type { Quality, Reading } from '../../../src/domain/reading.ts'
import { createFreshness } from '../../../src/meters/freshness.ts'

const at = (
  measuredAtS: number,
  quality: Quality = 'good',
  receivedAtS = measuredAtS,
): Reading => ({
  meterId: 'm',
  measuredAtMs: measuredAtS * 1000,
  receivedAtMs: receivedAtS * 1000,
  quality,
  powerW: measuredAtS,
})

/** Takes each reading when it is received, then tells what is known at the end. */
const after = (readings: readonly Reading[], nowS: number, staleAfterS = 10) => {
  const freshness = createFreshness(staleAfterS)
  for (const reading of readings) freshness.take(reading, reading.receivedAtMs)
  const latest = freshness.latest(nowS * 1000)
  return latest && { powerW: latest.reading.powerW, ageS: latest.ageS, stale: latest.stale }
}

describe('freshness', () => {
  test('nothing is known before the first reading', () => {
    expect(after([], 0)).toBeNull()
    expect(after([at(1, 'bad')], 2)).toBeNull()
  })

  test('the first reading counts at once', () => {
    expect(after([at(1)], 2)).toEqual({ powerW: 1, ageS: 1, stale: false })
    expect(after([at(1, 'uncertain')], 2)).toEqual({ powerW: 1, ageS: 1, stale: false })
  })

  test('silence ages it, and beyond the limit it is stale, not zero', () => {
    expect(after([at(1)], 11)).toEqual({ powerW: 1, ageS: 10, stale: false })
    expect(after([at(1)], 11.5)).toEqual({ powerW: 1, ageS: 10.5, stale: true })
  })

  test('a reading that arrives old is stale from the start', () => {
    expect(after([at(1, 'good', 100)], 100)).toEqual({ powerW: 1, ageS: 99, stale: true })
  })

  test('recovery takes three samples', () => {
    const before = [at(1)]
    expect(after([...before, at(20)], 20)?.stale).toBe(true)
    expect(after([...before, at(20), at(21)], 21)?.stale).toBe(true)
    expect(after([...before, at(20), at(21), at(22)], 22)?.stale).toBe(false)
  })

  test('a bad sample in between starts the count again', () => {
    const before = [at(1), at(20), at(21), at(22, 'bad')]
    expect(after([...before, at(23), at(24)], 24)?.stale).toBe(true)
    expect(after([...before, at(23), at(24), at(25)], 25)?.stale).toBe(false)
  })

  test('a new silence in between starts the count again', () => {
    const before = [at(1), at(20), at(21), at(40)]
    expect(after([...before, at(41)], 41)?.stale).toBe(true)
    expect(after([...before, at(41), at(42)], 42)?.stale).toBe(false)
  })

  test('the same sample sent three times is one sample', () => {
    const repeated = [at(1), at(20), at(20, 'good', 21), at(20, 'good', 22)]
    expect(after(repeated, 22)?.stale).toBe(true)
  })

  test('an older reading does not replace a newer one', () => {
    expect(after([at(5), at(3, 'good', 6)], 6)).toEqual({ powerW: 5, ageS: 1, stale: false })
  })

  test('bad readings let the last good one grow old', () => {
    const readings = [at(1), ...Array.from({ length: 10 }, (_, i) => at(2 + i, 'bad'))]
    expect(after(readings, 11)).toEqual({ powerW: 1, ageS: 10, stale: false })
    expect(after(readings, 12)?.stale).toBe(true)
  })

  describe('a wall clock that is set back', () => {
    test('does not keep a silent meter young', () => {
      const freshness = createFreshness(10)
      freshness.take(at(4_000), 4_000_000)
      expect(freshness.latest(400_000)).toMatchObject({ ageS: 0, stale: false })
      expect(freshness.latest(411_000)).toMatchObject({ ageS: 11, stale: true })
    })

    test('does not make what comes now older than what is known', () => {
      expect(after([at(4_000), at(400)], 401)).toEqual({ powerW: 400, ageS: 1, stale: false })
    })
  })
})
