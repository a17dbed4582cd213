import { expect, test } from 'vitest'
import { compile } from '../../../../src/engine/plan/model.ts'
import { battery, ev, flat, lines, node, problem } from './problems.ts'

const tree = [
  node({ id: 'site', capA: lines(4, 30) }),
  node({ id: 'panel-a', parent: 0, capA: lines(4, 20) }),
  node({ id: 'panel-b', parent: 0, capA: lines(4, 20) }),
  node({ id: 'socket', parent: 2, capA: lines(4, 1000) }),
]

test('devices that see the same limits are one class', () => {
  const evs = [
    ev('L1', { node: 1 }),
    ev('L1', { node: 1 }),
    ev('L2', { node: 1 }),
    ev('L1', { node: 2 }),
    // The socket has no limit that can bind: its car is in the class of panel-b.
    ev('L1', { node: 3 }),
  ]
  const { evs: table, network } = compile(problem({ nodes: tree, evs }))
  const [a, b, c, d, e] = table.class
  expect(b).toBe(a)
  expect(e).toBe(d)
  expect(new Set([a, c, d]).size).toBe(3)
  expect(network.classes).toBe(3)
})

test('a single-phase car weighs 1, a three-phase car a third on each line', () => {
  const evs = [ev('L1', { node: 1, maxA: 32 }), ev('L1L2L3', { node: 1, maxA: 32 })]
  const { network, evs: table } = compile(problem({ nodes: tree, evs }))
  const coefOf = (i: number): number[] => {
    const cls = table.class[i]
    return Array.from(network.coef.slice(network.start[cls], network.start[cls + 1]))
  }
  expect(coefOf(0)).toEqual([1, 1])
  for (const coef of coefOf(1)) expect(coef).toBeCloseTo(1 / 3, 12)
})

test('limits that cannot bind are left out', () => {
  const { network } = compile(problem({ nodes: [node({ capA: lines(4, 16) })], evs: [ev('L1')] }))
  expect(network.blocks).toEqual([])
})

test('panels are regions, what several see is shared', () => {
  const evs = [1, 1, 2, 2].map((n) => ev('L1', { node: n }))
  const { network } = compile(problem({ nodes: tree, evs }))
  const region = (id: number): number =>
    network.blockRegion[network.blocks.findIndex((block) => block.node === id)]
  expect(region(0)).toBe(0)
  expect(region(1)).toBeGreaterThan(0)
  expect(region(2)).toBeGreaterThan(0)
  expect(region(1)).not.toBe(region(2))
})

test('a row that is violated with nothing planned is soft, or zero when nothing can help', () => {
  const nodes = [node({ capW: flat(4, -2000) })]
  const alone = compile(problem({ nodes, evs: [ev('L1')] }))
  expect([...alone.network.rhs]).toEqual([0, 0, 0, 0])
  expect(alone.network.top[0]).toBe(Infinity)
  const helped = compile(problem({ nodes, evs: [ev('L1')], batteries: [battery()] }))
  expect(helped.network.rhs[0]).toBeCloseTo(-0.5, 12)
  expect(helped.network.top[0]).toBe(helped.overloadPrice)
})

test('feeding back is limited like drawing unless told otherwise', () => {
  const nodes = [node({ capA: lines(4, 5) })]
  const mirrored = compile(problem({ nodes, batteries: [battery()] }))
  expect(mirrored.network.blocks.filter(({ kind }) => kind === 'export')).toHaveLength(3)
  const wide = [node({ capA: lines(4, 5), exportCapA: lines(4, 100) })]
  const free = compile(problem({ nodes: wide, batteries: [battery()] }))
  expect(free.network.blocks.filter(({ kind }) => kind === 'export')).toHaveLength(0)
})
