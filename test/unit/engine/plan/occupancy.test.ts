import { expect, test } from 'vitest'
import { lineCurrent, wattsPerAmp, type Wiring } from '../../../../src/domain/wiring.ts'
import {
  createOccupancy,
  type OccupancyDevice,
  type OccupancyNode,
} from '../../../../src/engine/plan/occupancy.ts'
import { DELTA, WYE } from './problems.ts'

const FREE: OccupancyNode = { parent: -1, limitA: null, limitW: null, deltaRatio: null }

const fuse = (limitA: number, over: Partial<OccupancyNode> = {}): OccupancyNode => ({
  ...FREE,
  limitA: [limitA, limitA, limitA],
  ...over,
})

const at = (node: number, wiring: Wiring, supply = WYE): OccupancyDevice => ({
  node,
  line: lineCurrent(wiring, supply),
  wattsPerAmp: wattsPerAmp(wiring, supply),
})

test('every node on the path counts, per line', () => {
  const nodes = [fuse(40), fuse(16, { parent: 0 })]
  const loads = createOccupancy(nodes, [at(1, 'L1'), at(1, 'L2'), at(0, 'L1L2L3')])
  expect(loads.room(0, 32)).toBe(16)
  loads.add(2, 30)
  expect(loads.room(0, 32)).toBe(10)
  loads.add(0, 10)
  expect(loads.room(1, 32)).toBe(10)
  expect(loads.room(2, 32)).toBe(0)
  expect(loads.fits(0, 0.001)).toBe(false)
  expect(loads.fits(0, 1e-7)).toBe(true)
  expect(loads.fullest()).toEqual({ ratio: 1, row: 0 })
  loads.clear()
  expect(loads.room(0, 32)).toBe(16)
  expect(loads.fullest()).toEqual({ ratio: 0, row: -1 })
})

test('limits in watts are for all lines together; below 0 they leave nothing', () => {
  const loads = createOccupancy([{ ...FREE, limitW: 4600 }], [at(0, 'L1'), at(0, 'L2')])
  loads.add(0, 12)
  expect(loads.room(1, 32)).toBeCloseTo(8)
  expect(createOccupancy([{ ...FREE, limitW: -10 }], [at(0, 'L1')]).room(0, 32)).toBe(0)
})

test('line-to-line loads add up as phasors', () => {
  const loads = createOccupancy([fuse(30)], [at(0, 'L1L2', DELTA), at(0, 'L3L1', DELTA)])
  loads.add(0, 16)
  // |I|^2 = 16^2 + a^2 + 16 a = 30^2
  const a = -8 + Math.sqrt(64 + 900 - 256)
  expect(loads.room(1, 32)).toBeCloseTo(a)
})

test('limits at the delta side of a transformer', () => {
  const device = at(1, 'L1L2', DELTA)
  const loads = createOccupancy([fuse(10, { deltaRatio: 4 }), { ...FREE, parent: 0 }], [device])
  // One ampere from line to line below is 2/4 A in one line above.
  expect(loads.room(0, 32)).toBeCloseTo(20)
})
