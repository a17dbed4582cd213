import { expect, test } from 'vitest'
import type { Load, Node, Site } from '../../../src/web/wire.ts'
import { createFormat, duration } from '../../../src/web/words/format.ts'
import { sourcesOf } from '../../../src/web/words/power.ts'
import {
  branchesOf,
  eventBar,
  phaseBars,
  powerBar,
  type Branch,
} from '../../../src/web/words/tree.ts'
import { at, event } from './sites.ts'

const format = createFormat('Europe/Amsterdam', 'EUR', 'en-GB')
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

const node = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  name: id,
  parentId: null,
  limitA: [100, 100, 100],
  limitW: null,
  margin: 0.05,
  meterId: null,
  now: {
    loadA: [40, 40, 40],
    loadW: 27_600,
    uncontrolledA: [20, 20, 20],
    uncontrolledW: 13_800,
    evA: [20, 90, 20],
    evW: 13_800,
    mayDrawA: [30, 90, 30],
    headroomA: [50, -10, 50],
    eventLimitW: null,
    eventIds: [],
    problems: [],
  },
  ...more,
})

test('the tree hangs below its roots', () => {
  const nodes = [node('a'), node('b', { parentId: 'a' }), node('c', { parentId: 'b' }), node('d')]
  const names = (branches: readonly Branch[]): unknown =>
    branches.map(({ node: { id }, children }) => [id, names(children)])
  expect(names(branchesOf(nodes))).toEqual([
    ['a', [['b', [['c', []]]]]],
    ['d', []],
  ])
})

test('a bar says its load, what is left, and the same in one sentence', () => {
  const [first, second] = phaseBars(node('a'), format)
  expect([first.load, first.left].map(plain)).toEqual(['40 of 100 A', '50 A left'])
  expect(plain(first.alternative)).toBe(
    'L1: uncontrolled 20 A, vehicles 20 A, vehicles allowed 30 A, limit 100 A, 50 A left',
  )
  expect([second.isOver, second.isShort, plain(second.left)]).toEqual([true, true, '10 A over'])
  expect(phaseBars(node('a', { now: null }), format)).toEqual([])
  const [free] = phaseBars(node('a', { limitA: null }), format)
  expect([plain(free.load), free.isOver]).toEqual(['40 A', false])
})

test('limits in kW have a bar of their own, events by what they are about', () => {
  const one = node('a', { limitW: 50_000, now: { ...node('a').now!, eventLimitW: 15_000 } })
  expect(powerBar(node('a'), format)).toBeNull()
  expect(plain(powerBar(one, format)!.load)).toBe('27.6 of 50.0 kW')
  expect(eventBar(node('a'), [], format)).toBeNull()
  expect(plain(eventBar(one, [event()], format)!.load)).toBe('13.8 of 15.0 kW')
  const through = event({ signal: { ...event().signal, scope: 'connection' } })
  expect(eventBar(one, [through], format)).toMatchObject({ isOver: true })
})

const load = (more: Partial<Load>, powerW?: number): Load => ({
  id: 'x',
  name: 'X',
  nodeId: 'a',
  kind: 'building',
  meterId: 'm',
  wiring: 'L1L2L3',
  designA: [0, 0, 0],
  reading: {
    meterId: 'm',
    measuredAt: at(0),
    receivedAt: at(0),
    quality: 'good',
    stale: false,
    ageS: 1,
    ...(powerW === undefined ? {} : { powerW }),
  },
  ...more,
})

const site = (loads: Load[], gridW: number | null = 10_000): Site => ({
  id: 's',
  name: 'S',
  timeZone: 'UTC',
  currency: 'EUR',
  version: '0',
  supply: { kind: 'three-phase', voltageV: 230 },
  connectionNodeId: 'a',
  nodeCount: 1,
  evseCount: 1,
  at: at(0),
  failsafe: null,
  gridW,
  evW: 4_000,
  uncontrolledW: 6_000,
  loads,
})

const METERED = { running: 1, told: 1 }
const first = (one: Load) => sourcesOf(site([one]), node('a'), METERED, duration)[1]

test.each([
  [load({}, 5_000), 5_000, 'use', -5_000],
  [load({ kind: 'pv' }, -8_000), 8_000, 'producing', 8_000],
  [load({ kind: 'pv' }, 20), 20, 'producing', -20],
  [load({ kind: 'battery' }, 3_000), 3_000, 'charging', -3_000],
  [load({ kind: 'battery' }, -3_000), 3_000, 'discharging', 3_000],
])('%#: power and its direction', (one, powerW, words, feedW) => {
  expect(first(one)).toMatchObject({ powerW, words, feedW, doubt: null })
})

test('what is not measured is the rest, and what is old says its age', () => {
  // 10 kW from the grid, of which vehicles take 4 kW.
  const building = load({ meterId: null, reading: null })
  const connection = node('a', { meterId: 'grid' })
  const [, one] = sourcesOf(site([building], 10_000), connection, METERED, duration)
  expect(one).toMatchObject({ powerW: 6_000, feedW: -6_000, doubt: 'calculated: no meter' })
  // Two of them cannot be told apart: they are one line.
  const two = [building, { ...building, id: 'y' }, load({ id: 'z', kind: 'pv' }, -3_000)]
  const sources = sourcesOf(site(two, 10_000), connection, METERED, duration)
  expect(sources.at(-1)).toMatchObject({ id: 'rest', powerW: 9_000 })
  expect(sources.reduce((sum, { feedW }) => sum + (feedW ?? 0), 0)).toBe(0)
  expect(sources[1]).toMatchObject({ powerW: null, doubt: 'no meter' })
  // Without a meter at the connection the grid itself is an assumption.
  expect(first(building).doubt).toBe('assumed: no meter')
  const old = load({}, 5_000)
  const stale = { ...old, reading: { ...old.reading!, stale: true, ageS: 240 } }
  expect(plain(first(stale).doubt!)).toBe('4 min old')
})

test('grid and vehicles say whether they are measured', () => {
  const silence = { code: 'meter-stale', text: 'silent', meterId: 'grid' }
  const connection = node('a', {
    meterId: 'grid',
    now: { ...node('a').now!, problems: [silence] },
  })
  const sources = (metered: { running: number; told: number }, gridW: number | null) => {
    const [grid, vehicles] = sourcesOf(site([], gridW), connection, metered, duration)
    return { grid, vehicles }
  }
  const { grid, vehicles } = sources({ running: 3, told: 1 }, -2_000)
  expect(grid).toMatchObject({ powerW: 2_000, words: 'export', feedW: -2_000 })
  expect(grid.doubt).toMatch(/calculated/)
  expect(vehicles).toMatchObject({ powerW: 4_000, doubt: '2 not measured' })
  expect(sources({ running: 2, told: 0 }, null).vehicles.powerW).toBeNull()
  expect(sources({ running: 0, told: 0 }, null).grid.powerW).toBeNull()
  expect(sources({ running: 0, told: 0 }, null).vehicles.powerW).toBe(4_000)
})
