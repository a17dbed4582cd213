import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../../src/domain/reading.ts'
import { createReadingWindow } from '../../../../src/signals/mqtt/reading-window.ts'
import { T0 } from '../../../fixtures/grid-site.ts'
import { iso } from '../../../fixtures/wire-event.ts'

describe('readings', () => {
  const reading = (second: number, powerW: number, more: Partial<Reading> = {}): Reading => ({
    meterId: 'grid',
    measuredAtMs: T0 + second * 1_000,
    receivedAtMs: T0 + second * 1_000,
    quality: 'good',
    powerW,
    ...more,
  })

  test('the average is by time, from one period into the next', () => {
    const window = createReadingWindow(T0)
    window.add(reading(0, 10_000))
    window.add(reading(45, 30_000, { energyImportWh: 1_500 }))
    expect(window.close(T0 + 60_000, 0)).toEqual({
      seq: 0,
      from: iso(T0),
      to: iso(T0 + 60_000),
      kw: 15,
      importKwh: 1.5,
      quality: 'OK',
    })
    window.add(reading(90, 0))
    expect(window.close(T0 + 120_000, 0)).toMatchObject({ seq: 1, kw: 15 })
  })

  test.each([
    ['good', 'OK'],
    ['uncertain', 'ESTIMATED'],
    ['bad', 'BAD'],
  ] as const)('the worst quality counts: %s', (quality, reported) => {
    const window = createReadingWindow(T0)
    window.add(reading(0, 1_000))
    window.add(reading(10, 1_000, { quality }))
    window.add(reading(20, 1_000))
    expect(window.close(T0 + 60_000, 0).quality).toBe(reported)
  })

  test('a period without readings is missing, and does not go on with the old value', () => {
    const window = createReadingWindow(T0)
    window.add(reading(0, 10_000))
    window.close(T0 + 60_000, 0)
    const missing = window.close(T0 + 120_000, 0)
    expect(missing).toMatchObject({ quality: 'MISSING', seq: 1 })
    expect(missing).not.toHaveProperty('kw')
    window.add(reading(150, 20_000))
    expect(window.close(T0 + 180_000, 0).kw).toBe(20)
  })

  test('a wall clock that is set back costs one period', () => {
    const window = createReadingWindow(T0 + 3_600_000)
    window.add(reading(0, 10_000))
    window.close(T0 + 60_000, 0)
    window.add(reading(60, 20_000))
    expect(window.close(T0 + 120_000, 0)).toMatchObject({ kw: 20, quality: 'OK' })
  })

  test('clocks that differ by more than 2 s are flagged', () => {
    const window = createReadingWindow(T0)
    expect(window.close(T0 + 60_000, 2_000)).not.toHaveProperty('clockSkewMs')
    expect(window.close(T0 + 120_000, -2_001).clockSkewMs).toBe(-2_001)
  })
})
