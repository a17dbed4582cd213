import { describe, expect, test } from 'vitest'
import { createPeakHold, residual, type EvsePart } from '../../../src/engine/uncontrolled.ts'

const heard = (low: number, slack = 0): EvsePart => ({ low, slack, silent: false })
const before = (total: number, low: number) => ({ total, low, estimate: total - low })

describe('residual load of a node', () => {
  test('is the total less what the EVSEs measured', () => {
    expect(residual(50, heard(20), null, 100).estimate).toBe(30)
  })

  test('does not grow when an EVSE that was allowed more ramps up', () => {
    expect(residual(60, heard(20, 16), before(50, 20), 100).estimate).toBe(30)
  })

  test('grows when the total rises further than that', () => {
    expect(residual(70, heard(20, 16), before(50, 20), 100).estimate).toBe(34)
  })

  test('takes the worst assumption in an overload', () => {
    expect(residual(101, heard(20, 16), before(50, 20), 100).estimate).toBe(81)
  })

  test('keeps its value when a silent EVSE stops, and grows when the building does', () => {
    const silent: EvsePart = { low: 0, slack: 20, silent: true }
    const stopped = residual(30, silent, { total: 50, low: 0, estimate: 30 }, 100)
    expect(stopped.estimate).toBe(30)
    const grown = residual(55, silent, { total: 50, low: 0, estimate: 30 }, 100)
    expect(grown.estimate).toBe(35)
  })

  test('is never more than the total leaves', () => {
    expect(residual(10, heard(0), { total: 50, low: 0, estimate: 50 }, 100).estimate).toBe(10)
  })
})

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
