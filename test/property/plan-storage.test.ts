import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  findPath,
  storagePath,
  type StoragePath,
} from '../../src/engine/plan/devices/storage-path.ts'
import { storageOf, type Storage } from '../../src/engine/plan/devices/storage-segment.ts'
import { levelFor } from '../../src/engine/plan/devices/threshold.ts'

const part = fc.double({ min: 0, max: 1, noNaN: true })
const price = fc.double({ min: -2, max: 8, noNaN: true })

const storages = fc
  .record({
    prices: fc.array(price, { minLength: 1, maxLength: 30 }),
    centres: fc.array(part, { minLength: 60, maxLength: 60 }),
    chargeFull: fc.constantFrom(0, 0.5, 2),
    dischargeFull: fc.constantFrom(0, 0.5, 2),
    gain: fc.double({ min: 0.8, max: 1, noNaN: true }),
    loss: fc.double({ min: 1, max: 1.25, noNaN: true }),
    capacity: fc.double({ min: 0.5, max: 6, noNaN: true }),
    start: part,
    target: fc.double({ min: 0, max: 1.2, noNaN: true }),
    shortfallPrice: fc.constantFrom(0, 3, 20),
    wear: fc.constantFrom(0, 0.2),
  })
  .map(({ prices, centres, capacity, start, target, wear, ...rest }): Storage => {
    const storage = storageOf(prices.length)
    prices.forEach((q, k) => {
      storage.chargeKey[k] = centres[k] - q
      storage.dischargeKey[k] = centres[30 + k] + q - wear
    })
    return Object.assign(storage, {
      ...rest,
      length: prices.length,
      start: start * capacity,
      low: 0,
      high: capacity,
      target: target * capacity,
    })
  })

const contents = (storage: Storage): number[] => {
  const path = [storage.start]
  for (let k = 0; k < storage.length; k++) path.push(path[k] + storage.change[k])
  return path
}

/** The conditions that make a path the best one (Karush, Kuhn, Tucker). */
const breaches = (storage: Storage, { level }: StoragePath): string[] => {
  const { low, high, target, shortfallPrice, length } = storage
  const path = contents(storage)
  const near = 1e-5 * (1 + high)
  const wrong: string[] = []
  for (let k = 1; k <= length; k++) {
    if (path[k] < low - near || path[k] > high + near) wrong.push(`content ${path[k]} after ${k}`)
    const isLast = k === length
    const after = isLast ? (path[k] < target - near ? shortfallPrice : 0) : level[k]
    // At the target itself, any worth between 0 and the shortfall price will do.
    const isAtTarget = isLast && Math.abs(path[k] - target) <= near
    const rise = after - level[k - 1]
    if (rise > 1e-4 && path[k] < high - near && !(isAtTarget && level[k - 1] >= -1e-4)) {
      if (canMove(storage, level, k)) wrong.push(`level rises by ${rise} after ${k}, not full`)
    }
    if (rise < -1e-4 && path[k] > low + near && !(isAtTarget && level[k - 1] <= shortfallPrice)) {
      if (canMove(storage, level, k)) wrong.push(`level falls by ${-rise} after ${k}, not empty`)
    }
  }
  return wrong
}

/** Some entry beside the jump after entry k answers to its level; else the level is arbitrary. */
const canMove = (storage: Storage, level: Float64Array, k: number): boolean => {
  const { chargePart, dischargePart } = storage
  const moves = (at: number): boolean =>
    (chargePart[at] > 1e-6 && chargePart[at] < 1 - 1e-6) ||
    (dischargePart[at] > 1e-6 && dischargePart[at] < 1 - 1e-6)
  const stretch = (from: number, step: number): boolean => {
    for (let at = from; at >= 0 && at < storage.length && level[at] === level[from]; at += step) {
      if (moves(at)) return true
    }
    return false
  }
  return stretch(k - 1, -1) && (k === storage.length || stretch(k, 1))
}

test('the path of a storage is the best one', () => {
  fc.assert(
    fc.property(storages, (storage) => {
      const path = storagePath(storage.length)
      findPath(storage, path)
      expect(breaches(storage, path)).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

test('started from the path of other prices it comes to the same', () => {
  fc.assert(
    fc.property(storages, fc.array(price, { minLength: 30, maxLength: 30 }), (storage, other) => {
      const cold = storagePath(storage.length)
      findPath(storage, cold)
      const wanted = contents(storage)
      const warm = storagePath(storage.length)
      const disturbed: Storage = {
        ...storage,
        chargeKey: storage.chargeKey.map((key, k) => key + 0.3 * other[k]),
        dischargeKey: storage.dischargeKey.map((key, k) => key - 0.3 * other[k]),
      }
      findPath(disturbed, warm)
      findPath(storage, warm)
      contents(storage).forEach((content, k) => expect(content).toBeCloseTo(wanted[k], 4))
    }),
    { numRuns: 1000 },
  )
})

test('the level of vessels holds the amount, or is at the cap', () => {
  const vessels = fc.array(fc.record({ key: price, top: fc.constantFrom(0, 0.4, 1) }), {
    minLength: 1,
    maxLength: 40,
  })
  const anyStart = fc.double({ min: -20, max: 20, noNaN: true })
  fc.assert(
    fc.property(
      vessels,
      fc.double({ min: 0, max: 41, noNaN: true }),
      price,
      anyStart,
      (list, amount, cap, start) => {
        const keys = Float64Array.from(list, ({ key }) => key)
        const tops = Float64Array.from(list, ({ top }) => top)
        const level = levelFor({ keys, tops }, 0, list.length, 0, amount, cap, start)
        const held = (at: number): number =>
          list.reduce((sum, { key, top }) => sum + Math.min(top, Math.max(0, at - key)), 0)
        expect(level).toBeLessThanOrEqual(cap)
        if (held(cap) <= amount) expect(held(level)).toBeCloseTo(held(cap), 8)
        else expect(held(level)).toBeCloseTo(amount, 8)
      },
    ),
    { numRuns: 3000 },
  )
})
