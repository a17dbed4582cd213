import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outletOf, type Quantities } from '../../../src/csms/measurement.ts'
import { checkPlausibility, newPlausibilityCheck } from '../../../src/csms/plausibility.ts'
import type { Evse } from '../../../src/domain/site.ts'
import type { Wiring } from '../../../src/domain/wiring.ts'

const SUPPLY = { kind: 'three-phase', voltageV: 230 } as const
const outlet = (wiring: Wiring = 'L1L2L3') =>
  outletOf({ wiring, current: 'AC', maxA: 32, minA: 6, efficiency: 1 } as unknown as Evse, SUPPLY)

/** What a charger truly does, and what its meter makes of it. */
interface Meter {
  readonly reports: (watts: number) => Quantities
  readonly everyS: number
  /** Wh; the register shows whole steps only. */
  readonly stepWh?: number
}

const run = (
  { reports, everyS, stepWh = 1 }: Meter,
  drawW: (atS: number) => number,
  forS: number,
  wiring?: Wiring,
): { atS: number; read: Quantities }[] => {
  const check = newPlausibilityCheck()
  const out: { atS: number; read: Quantities }[] = []
  let wh = 5_000.4
  for (let atS = 0; atS <= forS; atS++) {
    wh += drawW(atS) / 3_600
    if (atS % everyS !== 0) continue
    const read: Quantities = {
      ...reports(drawW(atS)),
      energyWh: Math.floor(wh / stepWh) * stepWh,
    }
    checkPlausibility(check, read, outlet(wiring), atS * 1_000)
    out.push({ atS, read })
  }
  return out
}

const HONEST = (watts: number): Quantities => ({ powerW: watts })

describe('power against the register', () => {
  test.each([
    [5, 1, 25],
    [10, 1, 60],
    [10, 10, 60],
    [30, 1, 130],
    [60, 100, 250],
  ])('kW told as W is found out: samples every %i s, steps of %i Wh', (everyS, stepWh, byS) => {
    const seen = run({ reports: (w) => ({ powerW: w / 1_000 }), everyS, stepWh }, () => 22_000, 600)
    const found = seen.find(({ read }) => read.suspect !== undefined)
    expect(found?.atS).toBeLessThanOrEqual(byS)
    expect(found?.read.suspect).toMatch(/^power 0\.0 kW contradicts its energy register/)
    const last = seen.at(-1)!.read
    expect(last.powerW).toBeGreaterThan(0.75 * 22_000)
    expect(last.powerW).toBeLessThan(1.1 * 22_000)
  })

  test('currents are raised with it', () => {
    const reports = () => ({ powerW: 22, currentA: [0, 0, 0] as const })
    const { read } = run({ reports, everyS: 10 }, () => 22_000, 120).at(-1)!
    read.currentA?.forEach((amps) => expect(amps).toBeGreaterThan(25))
  })

  test('when the vehicle is done, the doubt ends with the register', () => {
    const draw = (atS: number): number => (atS < 300 ? 11_000 : 0)
    const seen = run({ reports: (w) => ({ powerW: w / 1_000 }), everyS: 10 }, draw, 1_800)
    const late = seen.filter(({ atS, read }) => atS > 330 && read.suspect !== undefined)
    expect(late).toEqual([])
  })

  test('a register that jumps or falls back raises nothing', () => {
    const check = newPlausibilityCheck()
    const registers = [5_000, 5_030, 905_000, 905_030, 3, 33, 64]
    registers.forEach((energyWh, k) => {
      const read: Quantities = { powerW: 11_000, energyWh }
      checkPlausibility(check, read, outlet(), k * 10_000)
      expect(read).toEqual({ powerW: 11_000, energyWh })
    })
  })

  test('an honest meter is never doubted, whatever the vehicle does', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 5, max: 400 }), fc.integer({ max: 22_000, min: 0 })),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom(5, 10, 30, 60),
        fc.constantFrom(1, 10, 100),
        (plan, everyS, stepWh) => {
          const draws = plan.flatMap(([seconds, watts]) => Array<number>(seconds).fill(watts))
          const seen = run({ reports: HONEST, everyS, stepWh }, (s) => draws[s] ?? 0, draws.length)
          // A step of the load between two samples is at most one sample of doubt, never more power
          // than the vehicle drew.
          for (const { read } of seen) {
            expect(read.powerW).toBeLessThanOrEqual(Math.max(...draws) * 1.05 + 1)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('power against currents', () => {
  const check = (read: Quantities, wiring?: Wiring): Quantities => {
    checkPlausibility(newPlausibilityCheck(), read, outlet(wiring), 0)
    return read
  }

  test('more power than the currents make raises the currents', () => {
    const read = check({ powerW: 11_000, currentA: [2, 2, 2] })
    expect(read.suspect).toMatch(/contradicts its currents/)
    expect(read.currentA?.[0]).toBeCloseTo(11_000 / 690, 1)
  })

  test('less power than the currents make raises the power', () => {
    expect(check({ powerW: 300, currentA: [16, 16, 16] })).toMatchObject({ powerW: 11_040 })
  })

  test.each<[string, Quantities]>([
    ['whole amperes', { powerW: 1_350, currentA: [1, 1, 1] }],
    ['a high voltage', { powerW: 12_100, currentA: [16, 16, 16] }],
    ['standby', { powerW: 30, currentA: [1.5, 1.5, 1.5] }],
    ['power alone', { powerW: 22_000 }],
    [
      'twice the rating: the file is wrong, not the meter',
      { powerW: 44_160, currentA: [64, 64, 64] },
    ],
  ])('%s is no contradiction', (_, read) => {
    expect(check({ ...read })).toEqual(read)
  })

  test('W told as kW is not counted: nothing is known then', () => {
    const read = check({ powerW: 7_000_000 })
    expect(read.powerW).toBeUndefined()
    expect(read.suspect).toBe('power 7000.0 kW is more than this charger can draw')
  })
})
