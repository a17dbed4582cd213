import type { Evse, LoadNode, Node, Site } from '../../../src/domain/site.ts'
import { evseKey } from '../../../src/domain/site.ts'
import type { Supply, Wiring } from '../../../src/domain/wiring.ts'

export const EUROPE: Supply = { kind: 'three-phase', voltageV: 230 }

export const evse = (stationId: string, evseId: number, over: Partial<Evse> = {}): Evse => ({
  key: evseKey(stationId, evseId),
  stationId,
  evseId,
  nodeId: 'main',
  wiring: 'L1L2L3',
  current: 'AC',
  maxA: 32,
  minA: 6,
  failsafeA: 6,
  priority: 0,
  efficiency: 1,
  ...over,
})

export const node = (id: string, over: Partial<Node> = {}): Node => ({
  id,
  name: id,
  parentId: null,
  limitA: [100, 100, 100],
  limitW: null,
  meterId: `${id}-meter`,
  margin: 0.05,
  ...over,
})

export const load = (id: string, over: Partial<LoadNode> = {}): LoadNode => ({
  id,
  name: id,
  nodeId: 'main',
  kind: 'building',
  meterId: `${id}-meter`,
  wiring: 'L1L2L3',
  designA: [40, 40, 40],
  ...over,
})

export const site = (over: Partial<Site> = {}): Site => ({
  id: 'test-site',
  name: 'Test site',
  timeZone: 'Europe/Amsterdam',
  supply: EUROPE,
  nodes: [node('main')],
  loads: [load('hall')],
  evses: ['L1L2L3', 'L2L3L1', 'L3L1L2', 'L1'].map((wiring, i) =>
    evse(`S${i + 1}`, 1, { wiring: wiring as Wiring }),
  ),
  ...over,
})
