import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createVehicle,
  fullSoc,
  PLAIN_TRAITS,
  roomWh,
  stepVehicle,
  type Coupling,
  type Vehicle,
  type VehicleTraits,
} from '../../../src/sim/vehicle.ts'
import { VEHICLE_MODELS } from '../../../src/sim/vehicle-models.ts'

const sedan = VEHICLE_MODELS[0]
const coupling: Coupling = { phases: 3, wattsPerAmp: 690, maxA: 16, minA: 6, efficiency: 0.92 }
const car = (traits: Partial<VehicleTraits> = {}): Vehicle =>
  createVehicle(sedan, { ...PLAIN_TRAITS, ...traits })

/** Steps under one pilot; returns the current after each second. */
const run = (vehicle: Vehicle, pilotA: number, seconds: number, dtS = 1): number[] =>
  Array.from({ length: seconds / dtS }, () => stepVehicle(vehicle, coupling, pilotA, dtS))

describe('reaction to the pilot', () => {
  test('it waits, ramps up and stays at the offer', () => {
    expect(run(car({ upDelayS: 2, upAPerS: 3 }), 10, 8)).toEqual([0, 0, 3, 6, 9, 10, 10, 10])
  })

  test('a lower offer is obeyed within 5 s, not at once', () => {
    const vehicle = car({ downDelayS: 2 })
    run(vehicle, 16, 20)
    const after = run(vehicle, 6, 6)
    expect(after[0]).toBe(16)
    expect(after[1]).toBe(16)
    expect(after[4]).toBe(6)
  })

  test('below 6 A it draws nothing', () => {
    const vehicle = car()
    run(vehicle, 16, 20)
    run(vehicle, 5.9, 5)
    expect(vehicle.currentA).toBe(0)
  })

  test('it draws less than offered when set so, and never more than its charger can', () => {
    expect(run(car({ ownLimitA: 9 }), 16, 30).at(-1)).toBe(9)
    expect(run(car(), 32, 30).at(-1)).toBe(16)
    expect(run(car({ follows: 0.97 }), 10, 30).at(-1)).toBeCloseTo(9.7)
  })

  test('it falls asleep without an offer and needs time to wake', () => {
    const vehicle = car({ sleepAfterS: 60, wakeS: 15, upDelayS: 0 })
    run(vehicle, 16, 20)
    run(vehicle, 0, 50)
    expect(vehicle.asleep).toBe(false)
    run(vehicle, 0, 20)
    expect(vehicle.asleep).toBe(true)
    expect(run(vehicle, 16, 14).at(-1)).toBe(0)
    expect(run(vehicle, 16, 10).at(-1)).toBe(16)
  })

  test('some never wake', () => {
    const vehicle = car({ sleepAfterS: 60, wakeS: Infinity })
    run(vehicle, 0, 70)
    expect(run(vehicle, 16, 600).at(-1)).toBe(0)
  })

  test('whatever the pilot does, 5 s later the current is within it', () => {
    const traits = fc.record({
      soc: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      follows: fc.double({ min: 0.96, max: 1, noNaN: true }),
      downDelayS: fc.double({ min: 0, max: 3, noNaN: true }),
      upDelayS: fc.double({ min: 0, max: 4, noNaN: true }),
      upAPerS: fc.double({ min: 0.5, max: 10, noNaN: true }),
    })
    const pilots = fc.array(
      fc.record({ pilotA: fc.integer({ min: 0, max: 80 }), forS: fc.integer({ min: 1, max: 12 }) }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(traits, pilots, fc.constantFrom(0.5, 1), (own, steps, dtS) => {
        const vehicle = car(own)
        const strong = { ...coupling, maxA: 80 }
        const history: number[] = []
        for (const { pilotA, forS } of steps) {
          for (let s = 0; s < forS / dtS; s++) {
            history.push(pilotA)
            const currentA = stepVehicle(vehicle, strong, pilotA, dtS)
            const offers = history.slice(-(5 / dtS))
            const highest = history.length < 5 / dtS ? 80 : Math.max(...offers)
            expect(currentA).toBeLessThanOrEqual((highest < 6 ? 0 : highest) + 1e-9)
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('battery', () => {
  test('what the meter counts arrives, less the losses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 32 }), { minLength: 1, maxLength: 50 }),
        (pilots) => {
          const vehicle = car({ soc: 0.2 })
          let meterWh = 0
          for (const pilotA of pilots) {
            for (const currentA of run(vehicle, pilotA, 60)) meterWh += (currentA * 690) / 3600
          }
          const storedWh = (vehicle.soc - 0.2) * sedan.batteryKwh * 1000
          expect(storedWh).toBeCloseTo(meterWh * 0.92, 6)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('constant current up to the taper point, then falling without a jump to nothing', () => {
    const vehicle = car({ soc: sedan.taperSoc - 0.01 })
    const currents: { soc: number; currentA: number }[] = []
    for (let minute = 0; minute < 600; minute++) {
      currents.push({ soc: vehicle.soc, currentA: run(vehicle, 16, 60).at(-1)! })
    }
    const before = currents.filter(({ soc }, i) => i > 0 && soc < sedan.taperSoc - 0.003)
    expect(before.length).toBeGreaterThan(1)
    expect(before.every(({ currentA }) => currentA === 16)).toBe(true)
    const tail = currents.filter(({ soc }) => soc > sedan.taperSoc)
    for (const [i, { currentA }] of tail.slice(1).entries()) {
      expect(currentA).toBeLessThanOrEqual(tail[i].currentA)
    }
    // Half way through the tail half the current is left.
    const middle = tail.find(({ soc }) => soc >= (1 + sedan.taperSoc) / 2)!
    expect(middle.currentA).toBeGreaterThan(7)
    expect(middle.currentA).toBeLessThan(8.2)
    expect(vehicle.currentA).toBe(0)
    expect(vehicle.soc).toBeGreaterThan(0.985)
  })

  test('it stops at the target that the driver set, after the room that it had', () => {
    const vehicle = car({ soc: 0.5, targetSoc: 0.8 })
    const room = roomWh(vehicle, coupling)
    const meterWh = run(vehicle, 16, 4 * 3600).reduce((sum, a) => sum + (a * 690) / 3600, 0)
    expect(vehicle.currentA).toBe(0)
    expect(fullSoc(vehicle, coupling)).toBe(0.8)
    expect(Math.abs(meterWh - room)).toBeLessThan(4)
  })
})
