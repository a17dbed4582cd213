import { describe, expect, test } from 'vitest'
import { createPeakHold } from '../../../src/engine/peak-hold.ts'

describe('peak hold', () => {
  test('rises at once and falls after the hold time', () => {
    const hold = createPeakHold()
    const at = (value: number, second: number) => hold.push(value, second * 1000, 10_000)
    expect([at(5, 0), at(9, 1), at(4, 2), at(4, 11), at(4, 12), at(3, 22)]).toEqual([
      5, 9, 9, 9, 4, 4,
    ])
    expect(at(3, 22.1)).toBe(3)
  })
})
