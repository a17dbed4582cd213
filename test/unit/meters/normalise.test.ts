import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/domain/reading.ts'
import type { Supply } from '../../../src/domain/wiring.ts'
import {
  fullWiring,
  normalise,
  withDerived,
  type NormaliseOptions,
} from '../../../src/meters/normalise.ts'
import type { Quantity } from '../../../src/meters/quantity.ts'

const EUROPE: Supply = { kind: 'three-phase', voltageV: 230 }
const OPTIONS: NormaliseOptions = { supply: EUROPE, wiring: 'L1L2L3', maxA: 100, maxW: 69_000 }

const reading = (values: Partial<Reading>): Reading => ({
  meterId: 'm',
  measuredAtMs: 1_000,
  receivedAtMs: 1_000,
  quality: 'good',
  ...values,
})

const normalised = (values: Partial<Reading>, options: Partial<NormaliseOptions> = {}) =>
  normalise(reading(values), { ...OPTIONS, ...options })

describe('working out what is not measured', () => {
  test('a whole reading stays as it is', () => {
    const values = { currentA: [1, 2, 3], powerW: 1_000 } as const
    expect(normalised(values)).toEqual({ reading: reading(values), derived: [], implausible: [] })
  })

  test('power is the sum of the phases, currents follow from measured voltages', () => {
    const result = normalised({ powerPerPhaseW: [2_200, -1_150, 0], voltageV: [220, 230, 240] })
    expect(result.reading).toMatchObject({ powerW: 1_050, currentA: [10, -5, 0], quality: 'good' })
    expect(result.derived).toEqual(['powerW', 'currentA'])
  })

  test('a measured voltage is better than the nominal one', () => {
    const { reading } = normalised({ currentA: [10, 0, 0], voltageV: [240, 0, 0] })
    expect(reading).toMatchObject({ powerW: 2_400, quality: 'good' })
  })

  test('nominal voltage is an assumption', () => {
    const result = normalised({ powerPerPhaseW: [2_300, 0, 0] })
    expect(result.reading).toMatchObject({ currentA: [10, 0, 0], quality: 'uncertain' })
  })

  test('a voltage that cannot be is not divided by', () => {
    const result = normalised({ powerPerPhaseW: [2_300, 2_300, 0], voltageV: [0, 230, 0] })
    expect(result.reading).toMatchObject({ currentA: [10, 10, 0], quality: 'uncertain' })
  })

  test.each([
    ['L1L2L3', EUROPE, [10, 10, 10]],
    ['L2', EUROPE, [0, 30, 0]],
    ['L1L2', { kind: 'split-phase', voltageV: 115 }, [30, 30, 0]],
    ['L1', { kind: 'single-phase', voltageV: 230 }, [30, 0, 0]],
  ] as const)('6.9 kW spread over %s of %j', (wiring, supply, currentA) => {
    const result = normalised({ powerW: 6_900 }, { wiring, supply })
    expect(result.reading).toMatchObject({ currentA, quality: 'uncertain' })
    expect(result.derived).toEqual(['currentA'])
  })

  test('a load between two lines of three phases', () => {
    const { reading } = normalised({ powerW: 6_900 }, { wiring: 'L2L3' })
    const amps = 6_900 / (230 * Math.sqrt(3))
    expect(reading.currentA).toEqual([0, amps, amps])
  })

  test.each([
    ['L1L2L3', [10, 10, 10], 6_900],
    ['L1L2L3', [10, -10, 0], 0],
    ['L1', [-10, 0, 0], -2_300],
    ['L1L2', [10, 10, 0], 10 * 230 * Math.sqrt(3)],
    ['L1L2', [-10, -10, 0], -10 * 230 * Math.sqrt(3)],
  ] as const)('power of a load on %s with %j A', (wiring, currentA, powerW) => {
    const result = normalised({ currentA }, { wiring })
    expect(result.reading.powerW).toBeCloseTo(powerW, 9)
    expect(result).toMatchObject({ derived: ['powerW'], reading: { quality: 'good' } })
  })

  test('nothing is worked out from a bad reading', () => {
    expect(normalised({ powerW: 6_900, quality: 'bad' })).toMatchObject({ derived: [] })
  })

  test.each<[Quantity[], Quantity[]]>([
    [['powerPerPhaseW'], ['powerPerPhaseW', 'powerW', 'currentA']],
    [['currentA'], ['currentA', 'powerW']],
    [['powerW'], ['powerW', 'currentA']],
    [['soc'], ['soc']],
  ])('%j becomes %j', (given, all) => {
    expect([...withDerived(new Set(given))]).toEqual(all)
    const values: Partial<Reading> = {
      powerPerPhaseW: [1, 1, 1],
      currentA: [1, 1, 1],
      powerW: 1,
      soc: 0.5,
    }
    const only = Object.fromEntries(given.map((quantity) => [quantity, values[quantity as 'soc']]))
    for (const quantity of all) expect(normalised(only).reading).toHaveProperty(quantity)
  })

  test('a meter without wiring is on all lines', () => {
    expect(fullWiring(EUROPE)).toBe('L1L2L3')
    expect(fullWiring({ kind: 'split-phase', voltageV: 120 })).toBe('L1L2')
    expect(fullWiring({ kind: 'single-phase', voltageV: 230 })).toBe('L1')
  })
})

describe('what no meter can measure', () => {
  test.each<[Partial<Reading>, keyof Reading, RegExp]>([
    [{ currentA: [1, 101, 1] }, 'currentA', /^currentA L2 101 is not within -100 and 100$/],
    [{ currentA: [NaN, 1, 1] }, 'currentA', /currentA L1 NaN/],
    [{ powerW: Infinity }, 'powerW', /powerW Infinity/],
    [{ powerW: -70_000 }, 'powerW', /powerW -70000/],
    [{ powerPerPhaseW: [0, 0, 1e9] }, 'powerPerPhaseW', /powerPerPhaseW L3/],
    [{ powerPerPhaseW: [60_000, 0, 0] }, 'currentA', /^currentA L1 260.87 is not within/],
  ])('%j makes the reading bad', (values, quantity, fault) => {
    const { reading, implausible } = normalised(values)
    expect(reading.quality).toBe('bad')
    expect(reading).not.toHaveProperty(quantity)
    expect(implausible[0]).toMatch(fault)
  })

  test.each<[Partial<Reading>, keyof Reading]>([
    [{ voltageV: [230, 2_300, 230] }, 'voltageV'],
    [{ frequencyHz: -1 }, 'frequencyHz'],
    [{ soc: 80 }, 'soc'],
    [{ energyImportWh: NaN }, 'energyImportWh'],
    [{ energyExportWh: -5 }, 'energyExportWh'],
  ])('%j goes, the power stays', (values, quantity) => {
    const { reading, implausible } = normalised({ powerW: 100, currentA: [1, 0, 0], ...values })
    expect(reading).not.toHaveProperty(quantity)
    expect(reading).toMatchObject({ powerW: 100, quality: 'good' })
    expect(implausible).toHaveLength(1)
  })
})

describe('clocks that do not agree', () => {
  test.each([
    [1_000, 1_000, 'good'],
    [2_500, 1_000, 'good'],
    [3_001, 1_000, 'uncertain'],
    [400, 400, 'good'],
  ])('measured at %d ms, received at 1000: taken as %d, %s', (measuredAtMs, taken, quality) => {
    const { reading } = normalised({ powerW: 1, currentA: [0, 0, 0], measuredAtMs })
    expect(reading).toMatchObject({ measuredAtMs: taken, quality })
  })
})
