import { expect, test } from 'vitest'
import { createAsks } from '../../../../src/control/asks.ts'
import { newEvseControl } from '../../../../src/control/evse-control.ts'
import { createBaseLoad } from '../../../../src/control/planning/base-load.ts'
import { buildProblem } from '../../../../src/control/planning/build-problem.ts'
import type { PlanSettings } from '../../../../src/control/planning/plan-context.ts'
import { isExpected } from '../../../../src/control/planning/expected-evs.ts'
import { createTransformers } from '../../../../src/control/planning/transformers.ts'
import { createPrices } from '../../../../src/control/planning/prices.ts'
import { createSessionForecast } from '../../../../src/control/planning/session-forecast.ts'
import type { Session } from '../../../../src/domain/session.ts'
import type { PlanEv, PlanProblem } from '../../../../src/engine/plan/problem.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import { buildTimeline } from '../../../../src/engine/timeline.ts'
import { createGridView } from '../../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../../src/engine/topology.ts'
import type { TimelineEvent } from '../../../../src/engine/timeline/played.ts'
import { gridEvent, intervals, played } from '../../../fixtures/grid-site.ts'
import { DAY_MS, HOUR_MS, loads, memory, MONDAY_MS, session, states, SUNNY, UTC } from './bench.ts'

const SETTINGS: PlanSettings = {
  stepS: 900,
  horizonS: 24 * 3_600,
  defaultEnergyWh: 30_000,
  defaultStayMs: 8 * HOUR_MS,
}
const NOW_MS = MONDAY_MS + 28 * DAY_MS + 7 * HOUR_MS

/** Building load that is 20 kW and now and then 30 kW. */
const buildingW = (atMs: number): number => (Math.floor(atMs / HOUR_MS) % 5 === 0 ? 30_000 : 20_000)

interface Visit {
  readonly hour: number
  readonly hours: number
  readonly energyWh: number
  /** How long the driver said that it would be. */
  readonly saidH?: number
}

/** Four weeks with `visits` on each workday, then the problem of now. */
const world = (visits: readonly Visit[], settings: PlanSettings = SETTINGS) => {
  const { storage } = memory()
  const deps = { calendar: UTC, storage, journal: null }
  const sessions = createSessionForecast({
    ...deps,
    defaults: { stayMs: settings.defaultStayMs, energyWh: settings.defaultEnergyWh },
  })
  const base = createBaseLoad({ ...deps, site: SUNNY, readings: null })
  const topology = compileTopology(SUNNY)
  const view = createGridView(SUNNY, [1, 0.7, 0.4, 0])
  for (let atMs = MONDAY_MS; atMs <= NOW_MS; atMs += 900_000) {
    const day = Math.floor((atMs - MONDAY_MS) / DAY_MS)
    const hour = ((atMs - MONDAY_MS) % DAY_MS) / HOUR_MS
    const here = visits.map(({ hour: from, hours, energyWh, saidH }, k): Session | null => {
      const isHere = day < 28 && day % 7 < 5 && hour >= from && hour < from + hours
      const connectedAtMs = MONDAY_MS + day * DAY_MS + from * HOUR_MS
      if (!isHere) return null
      const departureMs = saidH === undefined ? null : connectedAtMs + saidH * HOUR_MS
      const source = saidH === undefined ? 'default' : 'driver'
      const need = { energyWh: null, departureMs, source } as const
      return session(`${day}-${k}`, { connectedAtMs, energyWh, need })
    })
    sessions.observe(atMs, states(SUNNY, here))
    base.observe(atMs, loads(SUNNY, buildingW(atMs)))
  }
  const problem = (
    present: readonly (Session | null)[],
    nowMs = NOW_MS,
    events: readonly TimelineEvent[] = [],
  ): PlanProblem =>
    buildProblem(
      {
        topology,
        view,
        states: states(SUNNY, present),
        controls: SUNNY.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e])),
        asks: createAsks(topology),
        timeline: buildTimeline(events, view, nowMs, nowMs + 48 * HOUR_MS),
        prices: createPrices([]),
        base,
        transformers: createTransformers(SUNNY, UTC),
        sessions,
        demand: [],
        settings,
        offsetMs: () => 0,
      },
      nowMs,
    )
  return { problem }
}

const hoursOf = (step: number): number => (step * SETTINGS.stepS) / 3_600
const presentOf = ({ evs }: PlanProblem): PlanEv[] => evs.filter(({ key }) => !isExpected(key))
const expectedOf = ({ evs }: PlanProblem): PlanEv[] => evs.filter(({ key }) => isExpected(key))

test('without a past a session is planned by the settings, as one piece', () => {
  const { problem } = world([])
  const made = problem([session('a', { connectedAtMs: NOW_MS })])
  expect(made.evs).toHaveLength(1)
  expect(made.evs[0]).toMatchObject({ needWh: 30_000, minimum: null, arrive: 0, depart: 32 })
})

test('nobody said anything: what is likely early, what is possible until the likely departure', () => {
  // Half stay for four hours and take 10 kWh, half for eight and take 20.
  const { problem } = world([
    { hour: 7, hours: 4, energyWh: 10_000 },
    { hour: 7, hours: 8, energyWh: 20_000 },
    { hour: 7, hours: 8, energyWh: 20_000 },
  ])
  const [ev] = presentOf(problem([session('a', { connectedAtMs: NOW_MS, energyWh: 3_000 })]))
  expect(hoursOf(ev.depart)).toBeCloseTo(8)
  expect(ev.needWh).toBe(17_000)
  expect(ev.minimum).toEqual({ needWh: 17_000, by: 16, price: 1 })
  expect(ev.shortfallPrice).toBe(2)
})

test('a vehicle that outstays the others is not about to leave', () => {
  const { problem } = world([{ hour: 4, hours: 2, energyWh: 10_000 }])
  const [ev] = presentOf(problem([session('a', { connectedAtMs: NOW_MS - 3 * HOUR_MS })]))
  expect(ev.depart).toBeGreaterThan(1)
  expect(hoursOf(ev.depart)).toBeLessThan(6)
})

test('the word of a driver is kept, and history makes it earlier where need be', () => {
  const { problem } = world([{ hour: 7, hours: 4, energyWh: 10_000, saidH: 6 }])
  const said = (hours: number, energyWh: number | null) =>
    session('a', {
      connectedAtMs: NOW_MS,
      need: { energyWh, departureMs: NOW_MS + hours * HOUR_MS, source: 'driver' },
    })
  const [ev] = presentOf(problem([said(6, 25_000)]))
  expect(ev).toMatchObject({ depart: 24, needWh: 25_000, minimum: { by: 16 } })
  expect(presentOf(problem([said(2, null)]))[0].depart).toBe(8)
  const met = { ...said(6, 25_000), energyWh: 25_000 }
  expect(presentOf(problem([met]))).toEqual([])
})

test('limits are planned with more base load than is likely, costs with what is likely', () => {
  const { problem } = world([], { ...SETTINGS, horizonS: 12 * 3_600 })
  const made = problem([])
  const free = made.nodes[0].capA![0]
  const careful = Array.from(free, (amps) => (100 - amps) * 690)
  const likely = Array.from(made.baseW)
  for (let t = 8; t < 48; t++) {
    expect(likely[t], `step ${t}`).toBeGreaterThan(15_000)
    expect(likely[t], `step ${t}`).toBeLessThan(26_000)
    expect(careful[t], `step ${t}`).toBeGreaterThan(likely[t])
  }
  const more = careful.reduce((sum, watts, t) => sum + watts - likely[t], 0) / 48
  expect(more).toBeGreaterThan(2_000)
  expect(more).toBeLessThan(15_000)
})

test('vehicles that are likely to come are reserved for, where and when they come', () => {
  const { problem } = world([
    { hour: 9, hours: 4, energyWh: 10_000 },
    { hour: 9, hours: 4, energyWh: 10_000 },
  ])
  const made = problem([session('a', { connectedAtMs: NOW_MS })])
  const [coming] = expectedOf(made)
  expect(expectedOf(made)).toHaveLength(1)
  expect(hoursOf(coming.arrive)).toBe(2.5)
  expect(hoursOf(coming.depart)).toBe(6.5)
  expect(coming.needWh).toBeGreaterThan(18_000)
  expect(coming.needWh).toBeLessThan(22_000)
  expect(coming).toMatchObject({ node: 0, minA: 0, minimum: null })
  expect(coming.shortfallPrice).toBeLessThan(presentOf(made)[0].shortfallPrice)
  const { evW, unservedWh } = solvePlan(made, {})
  expect(evW).toHaveLength(made.evs.length)
  expect(Math.max(...unservedWh)).toBeLessThan(100)
})

test('no more come than there are places', () => {
  const crowd = [0, 1, 2, 3].map(() => ({ hour: 9, hours: 12, energyWh: 10_000 }))
  const { problem } = world(crowd)
  const long = (id: string) =>
    session(id, {
      connectedAtMs: NOW_MS,
      need: { energyWh: 5_000, departureMs: NOW_MS + 20 * HOUR_MS, source: 'api' },
    })
  const need = (present: (Session | null)[]) =>
    expectedOf(problem(present)).reduce((sum, { needWh }) => sum + needWh, 0)
  expect(need([])).toBeGreaterThan(35_000)
  expect(need([long('a'), long('b'), long('c')])).toBeLessThan(12_000)
  expect(need([long('a'), long('b'), long('c'), long('d')])).toBe(0)
})

test('an event for one EVSE bounds it while the event lasts, and its rating after that', () => {
  const { problem } = world([])
  const present = [session('a', { connectedAtMs: NOW_MS })]
  const event = played(
    gridEvent('e', { scope: 'controllable' }, intervals([4_140], 60, NOW_MS), {
      targets: [SUNNY.evses[0].key],
    }),
  )
  const made = problem(present, NOW_MS, [event])
  const [{ capA, maxA }] = presentOf(made)
  expect(capA?.[0]).toBeCloseTo(6)
  expect(capA!.slice(4).every((amps) => amps === maxA)).toBe(true)
  expect(solvePlan(made).method).toBe('optimal')
})
