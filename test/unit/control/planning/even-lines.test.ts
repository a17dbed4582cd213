import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evenLines } from '../../../../src/control/planning/even-lines.ts'
import { pilotSteps } from '../../../../src/engine/plan/pilots.ts'
import { WIRINGS, type Wiring } from '../../../../src/domain/wiring.ts'
import { ev, flat, problem } from '../../engine/plan/problems.ts'

const PILOTS = pilotSteps(6, 32, 1)

const evened = (
  cars: readonly (readonly [Wiring, number])[],
  baseA: readonly [number, number, number],
  limitA = 20,
): number[] => {
  const evs = cars.map(([wiring]) => ev(wiring))
  const imbalance = { limitA, baseA: baseA.map((amps) => flat(4, amps)) }
  const offered = cars.map(([, amps], k) => ({ k, pilots: PILOTS, amps }))
  evenLines(problem({ evs, imbalance }), 0, offered)
  return offered.map(({ amps }) => amps)
}

test('the largest on the high line gives way first, three-phase vehicles keep theirs', () => {
  expect(
    evened(
      [
        ['L1', 32],
        ['L1', 6],
        ['L1L2L3', 16],
      ],
      [0, 0, 0],
    ),
  ).toEqual([14, 6, 16])
  expect(
    evened(
      [
        ['L1', 10],
        ['L2', 10],
      ],
      [0, 0, 0],
    ),
  ).toEqual([10, 10])
})

test('below the least current it pauses', () => {
  expect(evened([['L1', 8]], [16, 0, 0])).toEqual([0])
})

test('what the base load does alone cannot be helped, and costs nobody else', () => {
  expect(
    evened(
      [
        ['L2', 10],
        ['L1L2L3', 16],
      ],
      [40, 0, 0],
    ),
  ).toEqual([10, 16])
})

test('without a limit nothing changes', () => {
  const offered = [{ k: 0, pilots: PILOTS, amps: 32 }]
  evenLines(problem({ evs: [ev('L1')] }), 0, offered)
  expect(offered[0].amps).toBe(32)
})

test('afterwards no two lines are apart by more than the limit or the base load alone', () => {
  const car = fc.tuple(fc.constantFrom(...WIRINGS), fc.constantFrom(0, ...PILOTS))
  const base = fc.tuple(fc.nat(15), fc.nat(15), fc.nat(15))
  fc.assert(
    fc.property(
      fc.array(car, { maxLength: 12 }),
      base,
      fc.integer({ min: 15, max: 30 }),
      (cars, baseA, limitA) => {
        const amps = evened(cars, baseA, limitA)
        const lineA = [0, 1, 2].map((line) =>
          cars.reduce((sum, [wiring], k) => sum + amps[k] * ev(wiring).line.re[line], baseA[line]),
        )
        expect(Math.max(...lineA) - Math.min(...lineA)).toBeLessThanOrEqual(limitA + 1e-3)
        amps.forEach((value, k) => {
          expect(value).toBeLessThanOrEqual(cars[k][1])
          expect(value === 0 || PILOTS.includes(value)).toBe(true)
        })
      },
    ),
    { numRuns: 300 },
  )
})
