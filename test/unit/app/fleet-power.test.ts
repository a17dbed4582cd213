import { expect, test } from 'vitest'
import { createFleetPower } from '../../../src/app/fleet-power.ts'
import type { EvseView, SiteView } from '../../../src/control/view.ts'
import type { EvseState } from '../../../src/domain/evse-state.ts'
import { createGridView } from '../../../src/engine/timeline/grid-view.ts'
import { FLEET_W, SITE } from '../../fixtures/grid-site.ts'

const grid = createGridView(SITE, [1])
const all = grid.resolve([])

const evse = (key: string, more: Partial<EvseView> = {}): EvseView => ({
  key,
  limitA: 6,
  reasons: [],
  mayDrawA: 6,
  inForceA: 6,
  validToMs: null,
  drawA: null,
  powerW: null,
  online: true,
  ...more,
})

const fleet = (...evses: EvseView[]) => {
  const view: SiteView = { atMs: 0, failsafe: null, nodes: [], evses }
  return createFleetPower({
    view: grid,
    states: () => [],
    current: () => view,
    nodeW: () => null,
  })
}

test('what cannot be told anything keeps what it may draw, also if it was never heard', () => {
  const online = SITE.evses.map(({ key }) => evse(key, { powerW: 4_000 }))
  expect(fleet(...online).capability('controllable', all)).toEqual({
    floorW: 0,
    ceilingW: FLEET_W,
  })
  const [first, second] = SITE.evses
  const away = [
    evse(first.key, { online: false, mayDrawA: 10, powerW: 6_900 }),
    evse(second.key, { online: false, mayDrawA: 6 }),
  ]
  expect(fleet(...away).capability('controllable', all)?.floorW).toBe(16 * 690)
})

test('nobody is meant by an empty set', () => {
  expect(fleet().capability('controllable', grid.resolve(['nobody']))).toBeNull()
})

test('present power: through a node, or of the vehicles of a set', () => {
  const measured = [1_000, null, 3_000, 4_000].map((powerW) => ({
    measured: powerW === null ? null : { powerW },
  })) as EvseState[]
  const power = (throughW: number | null) =>
    createFleetPower({
      view: grid,
      states: () => measured,
      current: () => ({ atMs: 0, failsafe: null, nodes: [], evses: [] }),
      nodeW: (nodeId) => (nodeId === 'grid' ? throughW : 7_000),
    })
  expect(power(9_000).powerW('connection', all)).toBe(9_000)
  expect(power(9_000).powerW('connection', grid.resolve(['b']))).toBe(7_000)
  expect(power(9_000).powerW('controllable', all)).toBe(8_000)
  expect(power(9_000).powerW('controllable', grid.resolve(['s1', 's3/1']))).toBe(4_000)
  expect(power(null).powerW('controllable', all)).toBeNull()
})
