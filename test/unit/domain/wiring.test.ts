import { describe, expect, test } from 'vitest'
import { lineCurrent, wattsPerAmp, type Supply, type Wiring } from '../../../src/domain/wiring.ts'

const EU: Supply = { kind: 'three-phase', voltageV: 230 }
const US: Supply = { kind: 'three-phase', voltageV: 120 }
const HOME: Supply = { kind: 'split-phase', voltageV: 120 }

/** Length of the current in a line when each load takes its amperes. */
const lineAmps = (line: 0 | 1 | 2, loads: [Wiring, number][]): number => {
  const sum = loads.reduce(
    ([re, im], [wiring, amps]) => {
      const current = lineCurrent(wiring, US)
      return [re + amps * current.re[line], im + amps * current.im[line]]
    },
    [0, 0],
  )
  return Math.hypot(sum[0], sum[1])
}

describe('wiring', () => {
  test('watts per ampere', () => {
    expect(wattsPerAmp('L2', EU)).toBe(230)
    expect(wattsPerAmp('L3L1L2', EU)).toBe(690)
    expect(wattsPerAmp('L1L2', US)).toBeCloseTo(207.85, 2)
    expect(wattsPerAmp('L1L2', HOME)).toBe(240)
  })

  test('loads between the same lines add up, loads that share one line add as phasors', () => {
    expect(lineAmps(0, [['L1L2', 10], ['L1L2', 20]])).toBeCloseTo(30, 9) // prettier-ignore
    // |I_L1|^2 = AB^2 + CA^2 + AB CA
    expect(lineAmps(0, [['L1L2', 10], ['L3L1', 20]])).toBeCloseTo(Math.sqrt(100 + 400 + 200), 9) // prettier-ignore
    expect(lineAmps(2, [['L1L2', 10], ['L3L1', 20]])).toBeCloseTo(20, 9) // prettier-ignore
  })

  test('a balanced set of line-to-line loads is a balanced three-phase load', () => {
    const balanced: [Wiring, number][] = [['L1L2', 10], ['L2L3', 10], ['L3L1', 10]] // prettier-ignore
    for (const line of [0, 1, 2] as const) {
      expect(lineAmps(line, balanced)).toBeCloseTo(10 * Math.sqrt(3), 9)
    }
  })
})
