import { describe, expect, test } from 'vitest'
import type { Evse } from '../../../src/domain/site.ts'
import type { Supply } from '../../../src/domain/wiring.ts'
import {
  createEvse,
  pilotOf,
  plugIn,
  stepEvse,
  unplug,
  type SimEvse,
} from '../../../src/sim/evse.ts'
import { createVehicle, PLAIN_TRAITS } from '../../../src/sim/vehicle.ts'
import { VEHICLE_MODELS } from '../../../src/sim/vehicle-models.ts'
import { EUROPE, evse } from './site.ts'

const AMERICA: Supply = { kind: 'three-phase', voltageV: 120 }

const occupied = (modelId: string, over: Partial<Evse>, supply = EUROPE): SimEvse => {
  const sim = createEvse(evse('S1', 1, over), supply, 1000)
  const model = VEHICLE_MODELS.find((each) => each.id === modelId)!
  plugIn(sim, createVehicle(model, { ...PLAIN_TRAITS, soc: 0.2 }))
  return sim
}
const charge = (sim: SimEvse, limitA: number, seconds = 60): SimEvse => {
  for (let s = 0; s < seconds; s++) stepEvse(sim, limitA, true, 1)
  return sim
}

describe('which lines carry how much', () => {
  test.each<[string, string, Partial<Evse>, readonly number[], number, number]>([
    ['three-phase car', 'sedan-11', {}, [1, 1, 1], 16, 16 * 690],
    ['single-phase car, rotated EVSE', 'small-7', { wiring: 'L2L3L1' }, [0, 1, 0], 32, 32 * 230],
    ['two-phase car, rotated EVSE', 'two-phase-7', { wiring: 'L3L1L2' }, [1, 0, 1], 16, 16 * 460],
    ['three-phase car, one line', 'sedan-11', { wiring: 'L3' }, [0, 0, 1], 32, 32 * 230],
  ])('%s', (_, model, over, lines, currentA, powerW) => {
    const sim = charge(occupied(model, over), 32)
    expect(sim.line.re).toEqual(lines)
    expect(sim.line.im).toEqual([0, 0, 0])
    expect(sim.currentA).toBe(currentA)
    expect(sim.powerW).toBeCloseTo(powerW)
  })

  test('between two lines in America', () => {
    const sim = charge(occupied('sedan-11', { wiring: 'L2L3' }, AMERICA), 30)
    expect(sim.currentA).toBe(30)
    expect(sim.powerW).toBeCloseTo(30 * 120 * Math.sqrt(3))
    expect(Math.hypot(sim.line.re[1], sim.line.im[1])).toBeCloseTo(1)
    expect(Math.hypot(sim.line.re[2], sim.line.im[2])).toBeCloseTo(1)
    expect(sim.line.re[0]).toBe(0)
  })

  test('DC: all lines, limited by the power of the car, below 6 A too', () => {
    const over = { current: 'DC', maxA: 200, minA: 0, efficiency: 0.95 } as const
    const sim = charge(occupied('city-22', over), 200, 120)
    expect(sim.powerW * 0.95).toBeCloseTo(46_000, -1)
    expect(charge(sim, 3).currentA).toBe(3)
  })
})

describe('pilot, contactor, meter', () => {
  test('the pilot is nothing or at least the minimum', () => {
    const it = evse('S1', 1)
    expect([0, 5.99, 6, 31.5, 40].map((limitA) => pilotOf(it, limitA))).toEqual([0, 0, 6, 31.5, 32])
  })

  test('the register counts exactly the power', () => {
    const sim = occupied('sedan-11', {})
    let wh = 0
    for (let s = 0; s < 600; s++) {
      stepEvse(sim, s < 300 ? 16 : 8, true, 1)
      wh += sim.powerW / 3600
    }
    expect(sim.registerWh - 1000).toBeCloseTo(wh, 6)
  })

  test('current flows until the vehicle has obeyed a pause, then the contactor opens', () => {
    const sim = charge(occupied('sedan-11', {}), 16)
    stepEvse(sim, 0, true, 1)
    expect([sim.pilotA, sim.currentA, sim.contactorClosed]).toEqual([0, 16, true])
    charge(sim, 0, 5)
    expect([sim.currentA, sim.contactorClosed]).toEqual([0, false])
  })

  test('without permission nothing flows, and unplugging ends it at once', () => {
    const sim = occupied('sedan-11', {})
    stepEvse(sim, 32, false, 60)
    expect(sim.powerW).toBe(0)
    charge(sim, 32)
    stepEvse(sim, 32, false, 1)
    expect([sim.powerW, sim.currentA, sim.contactorClosed]).toEqual([0, 0, false])
    charge(sim, 32)
    unplug(sim)
    expect([sim.powerW, sim.currentA, sim.vehicle]).toEqual([0, 0, null])
  })
})
