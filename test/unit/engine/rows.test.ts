import { expect, test } from 'vitest'
import type { Site } from '../../../src/domain/site.ts'
import { addLoad, blockingRow, createRows, roomFor } from '../../../src/engine/rows.ts'
import { compileTopology } from '../../../src/engine/topology.ts'

const node = (id: string, parentId: string | null) => ({
  id,
  name: id,
  parentId,
  limitA: null,
  limitW: null,
  meterId: null,
  margin: 0,
})
const evse = (key: string, wiring: 'L1L2L3' | 'L1L2' | 'L3L1') => ({
  key,
  stationId: key,
  evseId: 1,
  nodeId: 'panel',
  wiring,
  current: 'AC' as const,
  maxA: 32,
  minA: 6,
  failsafeA: 0,
  priority: 0,
  efficiency: 1,
})
const SITE: Site = {
  id: 's',
  name: 's',
  timeZone: 'UTC',
  supply: { kind: 'three-phase', voltageV: 230 },
  nodes: [node('connection', null), node('panel', 'connection')],
  loads: [],
  evses: [evse('a', 'L1L2L3'), evse('b', 'L1L2'), evse('c', 'L3L1')],
}
const THREE = { lines: [1, 1, 1] as const, perAmpW: 690 }
const ONE = { lines: [0, 1, 0] as const, perAmpW: 230 }

const rowsWith = (set: (rows: ReturnType<typeof createRows>) => void) => {
  const topology = compileTopology(SITE)
  const rows = createRows(topology)
  set(rows)
  return { rows, topology }
}

test('the tightest row of the path decides', () => {
  const { rows, topology } = rowsWith(({ capA, capW }) => {
    capA.set([40, 30, 20], 0)
    capA.set([Infinity, 25, Infinity], 3)
    capW[0] = 6_900
  })
  expect(roomFor(rows, topology, 0, THREE)).toBe(10)
  expect(roomFor(rows, topology, 0, ONE)).toBe(25)
  rows.capW[0] = Infinity
  expect(roomFor(rows, topology, 0, THREE)).toBe(20)
})

test('what is there counts, and there may be none left', () => {
  const { rows, topology } = rowsWith(({ capA }) => capA.set([10, 10, 10], 0))
  addLoad(rows, topology, topology, 0, 8)
  expect(roomFor(rows, topology, 0, ONE)).toBe(2)
  addLoad(rows, topology, topology, 0, 8)
  expect(roomFor(rows, topology, 0, ONE)).toBe(-6)
})

test('beside currents of other angles it is what just fits', () => {
  const { rows, topology } = rowsWith(({ capA }) => capA.set([30, 30, 30], 0))
  addLoad(rows, topology, topology, 1, 10)
  addLoad(rows, topology, topology, 2, 4)
  const room = roomFor(rows, topology, 0, THREE)
  expect(blockingRow(rows, topology, topology, 0, room)).toBeNull()
  expect(blockingRow(rows, topology, topology, 0, room + 0.01)).not.toBeNull()
})

test('no limit, no end', () => {
  const { rows, topology } = rowsWith(() => {})
  expect(roomFor(rows, topology, 0, THREE)).toBe(Infinity)
})
