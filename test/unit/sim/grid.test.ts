import { expect, test } from 'vitest'
import { createEvse, plugIn, stepEvse, type SimEvse } from '../../../src/sim/evse.ts'
import { createGrid } from '../../../src/sim/grid.ts'
import { createLoad } from '../../../src/sim/load.ts'
import { createVehicle, PLAIN_TRAITS } from '../../../src/sim/vehicle.ts'
import { VEHICLE_MODELS } from '../../../src/sim/vehicle-models.ts'
import type { Site } from '../../../src/domain/site.ts'
import { evse, load, node, site } from './site.ts'

const drawing = (it: SimEvse, modelId = 'sedan-11'): SimEvse => {
  const model = VEHICLE_MODELS.find((each) => each.id === modelId)!
  plugIn(it, createVehicle(model, { ...PLAIN_TRAITS, soc: 0.2 }))
  for (let s = 0; s < 60; s++) stepEvse(it, 32, true, 1)
  return it
}

const gridOf = (where: Site, models: readonly (string | null)[]) => {
  const evses = where.evses.map((each, i) => {
    const it = createEvse(each, where.supply, 0)
    const model = models[i]
    return model ? drawing(it, model) : it
  })
  const loads = where.loads.map((each) =>
    createLoad(each, where.supply, { peakW: 6900, baseW: 6900, noise: 0 }, 1, 0),
  )
  for (const each of loads) each.step(0, 12, 1)
  const grid = createGrid(where, evses, loads)
  grid.update(3600)
  return grid
}

test('currents add up the tree, each line for itself', () => {
  const where = site({
    nodes: [
      node('main'),
      node('a', { parentId: 'main' }),
      node('b', { parentId: 'main' }),
      node('b2', { parentId: 'b' }),
    ],
    loads: [load('hall', { nodeId: 'a' })],
    evses: [
      evse('S1', 1, { nodeId: 'a' }),
      evse('S2', 1, { nodeId: 'b', wiring: 'L2' }),
      evse('S3', 1, { nodeId: 'b2', wiring: 'L3L1L2' }),
      evse('S4', 1, { nodeId: 'b2' }),
    ],
  })
  // 3 x 16 A; 32 A on L2; 32 A on L3 (a single-phase car on a rotated EVSE); nobody.
  const grid = gridOf(where, ['sedan-11', 'sedan-11', 'small-7', null])
  expect(grid.node(3).currentA).toEqual([0, 0, 32])
  expect(grid.node(2).currentA).toEqual([0, 32, 32])
  expect(grid.node(1).currentA.map(Math.round)).toEqual([26, 26, 26])
  expect(grid.node(0).currentA.map(Math.round)).toEqual([26, 58, 58])
  expect(grid.node(0).powerW).toBeCloseTo(6900 + 16 * 690 + 64 * 230)
  expect(grid.evPowerW).toBeCloseTo(16 * 690 + 64 * 230)
  expect(grid.node(0).energyImportWh).toBeCloseTo(grid.node(0).powerW)
  expect(grid.load(0)).toMatchObject({ powerW: 6900, voltageV: [230, 230, 230] })
})

test('loads between lines add as phasors', () => {
  const where = site({
    supply: { kind: 'three-phase', voltageV: 120 },
    loads: [],
    evses: [evse('S1', 1, { wiring: 'L1L2' }), evse('S2', 1, { wiring: 'L3L1' })],
  })
  const [l1, l2, l3] = gridOf(where, ['sedan-11', 'sedan-11']).node(0).currentA
  expect(l1).toBeCloseTo(32 * Math.sqrt(3))
  expect(l2).toBeCloseTo(32)
  expect(l3).toBeCloseTo(32)
})

test('what flows out is negative', () => {
  const where = site({
    loads: [load('roof', { kind: 'pv', designA: [0, 0, 0] })],
    evses: [evse('S1', 1)],
  })
  const reading = gridOf(where, [null]).node(0)
  expect(reading.powerW).toBeLessThan(-3000)
  expect(reading.currentA.every((amps) => amps < 0)).toBe(true)
  expect(reading.energyImportWh).toBe(0)
  expect(reading.energyExportWh).toBeCloseTo(-reading.powerW)
})
