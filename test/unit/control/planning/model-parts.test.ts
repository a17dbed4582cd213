import { expect, test } from 'vitest'
import { createAsks } from '../../../../src/control/asks.ts'
import { newEvseControl } from '../../../../src/control/evse-control.ts'
import { asPlan } from '../../../../src/control/planning/as-plan.ts'
import type { BaseLoad } from '../../../../src/control/planning/base-load.ts'
import { buildProblem } from '../../../../src/control/planning/build-problem.ts'
import type { PlanContext, PlanSettings } from '../../../../src/control/planning/plan-context.ts'
import { createPrices } from '../../../../src/control/planning/prices.ts'
import { createSessionForecast } from '../../../../src/control/planning/session-forecast.ts'
import { createTransformers } from '../../../../src/control/planning/transformers.ts'
import type { PriceSeries } from '../../../../src/domain/price.ts'
import type { GridEvent } from '../../../../src/domain/signal.ts'
import type { Site } from '../../../../src/domain/site.ts'
import { ONAN_TRANSFORMER } from '../../../../src/domain/transformer.ts'
import { createWording } from '../../../../src/engine/plan/explain.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { PlanProblem } from '../../../../src/engine/plan/problem.ts'
import { buildTimeline } from '../../../../src/engine/timeline.ts'
import { createGridView } from '../../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../../src/engine/topology.ts'
import { gridEvent, played, SITE, T0 } from '../../../fixtures/grid-site.ts'
import { HOUR_MS, loads, memory, session, states, UTC } from './bench.ts'

const SETTINGS: PlanSettings = {
  stepS: 900,
  horizonS: 4 * 3_600,
  defaultEnergyWh: 20_000,
  defaultStayMs: 8 * HOUR_MS,
}
const STEPS = 16

/** Base load that is known: amperes per line, at the connection and nowhere else. */
const baseOf = (amps: readonly [number, number, number]): BaseLoad => ({
  observe: () => undefined,
  forecast: (node, row) => {
    if (node > 0) return 0
    return row === 3 ? (amps[0] + amps[1] + amps[2]) * 230 : amps[row]
  },
  isBare: () => false,
  accept: () => undefined,
  load: () => Promise.resolve(),
})

interface Given {
  readonly site?: Partial<Site>
  readonly settings?: Partial<PlanSettings>
  readonly events?: readonly GridEvent[]
  readonly prices?: readonly PriceSeries[]
  readonly baseA?: readonly [number, number, number]
  /** What EVSEs that are not planned may draw, by index. */
  readonly reservedA?: Readonly<Record<number, number>>
  readonly present?: number
}

const contextOf = (given: Given): PlanContext => {
  const site: Site = { ...SITE, timeZone: 'UTC', ...given.site }
  const { storage } = memory()
  const topology = compileTopology(site)
  const view = createGridView(site, [1, 0.7, 0.4, 0])
  const asks = createAsks(topology)
  for (const [e, amps] of Object.entries(given.reservedA ?? {})) asks.reservedA[Number(e)] = amps
  const prices = createPrices([])
  for (const series of given.prices ?? []) prices.accept(series)
  const here = Array.from({ length: given.present ?? 2 }, (_, k) =>
    session(`car${k}`, { connectedAtMs: T0 }),
  )
  return {
    topology,
    view,
    states: states(site, here),
    controls: site.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e])),
    asks,
    timeline: buildTimeline(
      (given.events ?? []).map((one) => played(one)),
      view,
      T0,
      T0 + 48 * HOUR_MS,
    ),
    prices,
    base: baseOf(given.baseA ?? [0, 0, 0]),
    transformers: createTransformers(site, UTC),
    sessions: createSessionForecast({
      calendar: UTC,
      storage,
      journal: null,
      defaults: { stayMs: SETTINGS.defaultStayMs, energyWh: SETTINGS.defaultEnergyWh },
    }),
    demand: [],
    settings: { ...SETTINGS, ...given.settings },
    offsetMs: () => 0,
  }
}

const build = (given: Given): PlanProblem => buildProblem(contextOf(given), T0)

const curve = (kind: PriceSeries['kind'], values: readonly number[]): PriceSeries => ({
  sourceId: kind,
  kind,
  currency: kind === 'carbon' ? '' : 'EUR',
  segments: values.map((value, hour) => ({
    startMs: T0 + hour * HOUR_MS,
    endMs: T0 + (hour + 1) * HOUR_MS,
    value,
  })),
})

/** An event of one value for the second hour. */
const secondHour = (
  id: string,
  signal: Partial<GridEvent['signal']>,
  value: number,
): GridEvent => ({
  ...gridEvent(id, signal, [value]),
  intervals: [{ id: 0, startMs: T0 + HOUR_MS, endMs: T0 + 2 * HOUR_MS, value }],
})

const hourly = (values: Float64Array): number[] => [0, 4, 8, 12].map((t) => values[t])

test('carbon is weighed into the price, and taken out of the money again', () => {
  const prices = [curve('import', [0.2, 0.2, 0.3, 0.3]), curve('carbon', [500, 100, 100, 500])]
  const given = { prices, settings: { carbonPrice: 0.1 } }
  const problem = build(given)
  const rounded = hourly(problem.importPrice).map((price) => Number(price.toFixed(6)))
  expect(rounded).toEqual([0.25, 0.21, 0.31, 0.35])
  expect(hourly(build({ prices }).importPrice)).toEqual([0.2, 0.2, 0.3, 0.3])

  const solution = solvePlan(problem)
  const wording = createWording('UTC', (id) => id, T0)
  const plan = asPlan('depot', problem, solution, T0, wording)
  const kWh = plan.controlledW.map((watts) => watts / 4_000)
  const moneyOf = (prices: readonly number[]): number =>
    kWh.reduce((sum, energy, t) => sum + energy * prices[Math.floor(t / 4)], 0)
  expect(plan.costs.energy).toBeCloseTo(moneyOf([0.2, 0.2, 0.3, 0.3]), 2)
  expect(plan.costs.carbon).toBeCloseTo(moneyOf([0.05, 0.01, 0.01, 0.05]), 2)
  const { energy, demand, carbon, shortfall, other } = plan.costs
  expect(energy + demand + carbon + shortfall + other).toBeCloseTo(plan.cost, 6)
})

test('the carbon that an event announces stands above the series', () => {
  const events = [secondHour('co2', { kind: 'carbon', unit: 'g/kWh' }, 900)]
  const prices = [curve('import', [0.2, 0.2, 0.2, 0.2]), curve('carbon', [100, 100, 100, 100])]
  const { importPrice } = build({ prices, events, settings: { carbonPrice: 1 } })
  expect(hourly(importPrice).map((price) => Number(price.toFixed(6)))).toEqual([0.3, 1.1, 0.3, 0.3])
})

test('what is missing costs more than any hour, in whatever currency', () => {
  const kroner = [curve('import', [1, 1, 5, 1])]
  expect(build({}).evs[0].shortfallPrice).toBe(2)
  expect(build({ prices: kroner }).evs[0].shortfallPrice).toBe(40)
  expect(build({ prices: kroner, settings: { shortfallPrice: 4 } }).evs[0].shortfallPrice).toBe(4)
})

test('a setpoint for all vehicles is followed in its hour, less what is reserved', () => {
  const events = [secondHour('vpp', { kind: 'setpoint', scope: 'controllable' }, 12_000)]
  const problem = build({ events, reservedA: { 2: 10 } })
  const { setpoint } = problem
  expect(hourly(setpoint!.powerW)).toEqual([0, 9_700, 0, 0])
  expect([...setpoint!.mask!]).toEqual(
    Array.from({ length: STEPS }, (_, t) => (t >> 2 === 1 ? 1 : 0)),
  )
  expect(setpoint!.pricePerKwh).toBe(1)
  const total = solvePlan(problem).evW.reduce((sum, watts) => sum + watts[5], 0)
  expect(total).toBeCloseTo(9_700, -2)
})

test('of a setpoint for the connection, the base load takes its part; a level asks for nothing', () => {
  const connection = secondHour('grid', { kind: 'setpoint', scope: 'connection' }, 20_000)
  expect(hourly(build({ events: [connection], baseA: [10, 10, 10] }).setpoint!.powerW)).toEqual([
    0, 13_100, 0, 0,
  ])
  const level = secondHour('level', { kind: 'level', unit: 'level', scope: 'controllable' }, 2)
  expect(build({ events: [level] }).setpoint).toBeNull()
  expect(build({}).setpoint).toBeNull()
})

test('imbalance: one-phase vehicles leave the lines as even as the site must keep them', () => {
  const site = { imbalanceLimitA: 20 }
  const context = contextOf({ site, baseA: [12, 5, 5] })
  // Only the two one-phase EVSEs on L1 have somebody.
  const one = { ...context, states: states(SITE, [null, null, session('a'), session('b')]) }
  const problem = buildProblem(one, T0)
  expect(problem.imbalance).toMatchObject({ limitA: 20 })
  expect(problem.imbalance!.baseA.map((amps) => amps[0])).toEqual([12, 5, 5])
  const { evW } = solvePlan(problem)
  for (let t = 0; t < STEPS; t++)
    expect((evW[0][t] + evW[1][t]) / 230).toBeLessThanOrEqual(13 + 1e-6)
  expect(build({}).imbalance).toBeNull()
})

test('caps that events set are known by their event, per node, line and step', () => {
  const events = [
    secondHour('feeder', { kind: 'import-limit', scope: 'connection' }, 5_000),
    secondHour('lines', { kind: 'import-limit', unit: 'A', scope: 'phase' }, 40),
    secondHour('loose', { kind: 'import-limit', scope: 'controllable' }, 500_000),
  ]
  const problem = build({ events: [{ ...events[0], targets: ['a'] }, events[1], events[2]] })
  expect(problem.capEvents).toEqual([
    { node: 0, line: -1, from: 4, to: 8, eventId: 'loose' },
    { node: 0, line: 0, from: 4, to: 8, eventId: 'lines' },
    { node: 0, line: 1, from: 4, to: 8, eventId: 'lines' },
    { node: 0, line: 2, from: 4, to: 8, eventId: 'lines' },
    { node: 1, line: -1, from: 4, to: 8, eventId: 'feeder' },
  ])
  expect(hourly(problem.nodes[1].capW!)).toEqual([40_000, 5_000, 40_000, 40_000])
})

test('a limit of an event that binds is told by the event, one that does not is not told', () => {
  const events = [
    {
      ...secondHour('dr-7', { kind: 'import-limit', scope: 'controllable' }, 6_000),
      targets: ['a'],
    },
  ]
  const prices = [curve('import', [0.5, 0.1, 0.5, 0.5])]
  const problem = build({ events, prices })
  const wording = createWording('UTC', (id) => `feeder ${id}`, T0)
  const plan = asPlan('depot', problem, solvePlan(problem), T0, wording)
  expect(plan.bottlenecks).toHaveLength(1)
  const [only] = plan.bottlenecks
  expect(only).toMatchObject({ nodeId: 'a', kind: 'event', eventId: 'dr-7', phase: null })
  expect(only.text).toBe('Event dr-7 limits feeder a from 11:00 to 12:00')
})

test('export limits of events reach the plan, less what the base load feeds back', () => {
  const events = [
    secondHour('feed-in', { kind: 'export-limit', scope: 'connection' }, 10_000),
    secondHour('fleet', { kind: 'export-limit', scope: 'controllable' }, 3_000),
  ]
  const { nodes } = build({ events: [events[0]], baseA: [-5, -5, -5] })
  expect(hourly(nodes[0].exportCapW!)).toEqual([1e9, 6_550, 1e9, 1e9])
  expect(nodes[1].exportCapW).toBeNull()
  expect(hourly(build({ events }).nodes[0].exportCapW!)[1]).toBe(3_000)
})

test('a transformer permits less than its breaker where it is hot, and never more', () => {
  const nodesWith = (ambientC: number, maxFactor: number) =>
    SITE.nodes.map((node, n) =>
      n === 0
        ? {
            ...node,
            transformer: {
              ...ONAN_TRANSFORMER,
              ratedVa: 60_000,
              maxFactor,
              ambientC: Array.from({ length: 12 }, (_, month) => (month === 10 ? ambientC : 0)),
            },
          }
        : node,
    )
  const capsWith = (ambientC: number, maxFactor: number): Float64Array =>
    build({ site: { nodes: nodesWith(ambientC, maxFactor) }, baseA: [10, 0, 0] }).nodes[0].capA![0]
  // Rated 60 kVA = 86.96 A per line; the base load takes 10 of them.
  for (const amps of capsWith(20, 1)) expect(amps).toBeCloseTo(76.96, 1)
  for (const amps of capsWith(45, 1)) expect(amps).toBeLessThan(65)
  for (const amps of capsWith(-20, 1)) expect(amps).toBeCloseTo(76.96, 1)
  // However cold: the breaker has 100 A.
  for (const amps of capsWith(-20, 1.5)) expect(amps).toBe(90)
})

test('a transformer remembers its load: after an idle night it permits more than after a busy one', () => {
  const site: Site = {
    ...SITE,
    timeZone: 'UTC',
    nodes: SITE.nodes.map((node, n) =>
      n === 0
        ? {
            ...node,
            limitA: null,
            transformer: {
              ...ONAN_TRANSFORMER,
              ratedVa: 69_000,
              maxFactor: 1.4,
              ambientC: Array.from({ length: 12 }, () => 20),
            },
          }
        : node,
    ),
  }
  const outlook = {
    startMs: T0,
    stepS: 900,
    leastA: new Float64Array(STEPS),
    mostA: new Float64Array(STEPS).fill(1_000),
  }
  const after = (watts: number): Float64Array => {
    const transformers = createTransformers(site, UTC)
    const topology = compileTopology(site)
    const tick = {
      topology,
      asks: createAsks(topology),
      loads: loads(site, watts),
      states: [],
      controls: [],
      timeline: buildTimeline([], createGridView(site, [1, 0.7, 0.4, 0]), T0, T0 + HOUR_MS),
    }
    for (let atMs = T0 - 10 * HOUR_MS; atMs <= T0; atMs += 60_000) {
      transformers.observe({ ...tick, nowMs: atMs })
    }
    return transformers.permittedA(0, outlook)!
  }
  const [idle, busy] = [after(7_000), after(69_000)]
  expect(idle[0]).toBeCloseTo(140, 0)
  expect(busy[0]).toBeCloseTo(100, 0)
  expect(idle.at(-1)).toBeGreaterThan(busy.at(-1)!)
  expect(createTransformers(site, UTC).permittedA(1, outlook)).toBeNull()
  // Of unknown past: as hot as it may be.
  expect(createTransformers(site, UTC).permittedA(0, outlook)![0]).toBeCloseTo(100, 0)
})
