import { expect, test } from 'vitest'
import { createAsks } from '../../../../src/control/asks.ts'
import type { PlanTick } from '../../../../src/control/controller.ts'
import { newEvseControl } from '../../../../src/control/evse-control.ts'
import { createPlanning } from '../../../../src/control/planning/planning.ts'
import { createDirectPlanner } from '../../../../src/control/planning/planners.ts'
import { DEFAULT_RULES } from '../../../../src/control/rules.ts'
import { createPrices } from '../../../../src/control/planning/prices.ts'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import { buildTimeline } from '../../../../src/engine/timeline.ts'
import { createGridView } from '../../../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../../../src/engine/topology.ts'
import { solvePlan } from '../../../../src/engine/plan/plan.ts'
import type { Planner } from '../../../../src/ports/planner.ts'
import { createLocalFabric } from '../../../../src/fabric/local.ts'
import { gridEvent, intervals, played } from '../../../fixtures/grid-site.ts'
import {
  DAY_MS,
  HOUR_MS,
  loads,
  memory,
  MONDAY_MS,
  readings,
  session,
  states,
  SUNNY,
  UTC,
} from './bench.ts'

const create = (nowMs: number, planner: Planner = createDirectPlanner()) => {
  const { storage, log } = memory()
  const view = createGridView(SUNNY, [1, 0.7, 0.4, 0])
  const topology = compileTopology(SUNNY)
  const clock = createVirtualClock(nowMs)
  const planning = createPlanning({
    site: SUNNY,
    currency: 'EUR',
    view,
    planner,
    prices: createPrices([]),
    demand: () => [],
    clock,
    storage,
    fabric: createLocalFabric({ log: log.log }),
    log: log.log,
    everyMs: 300_000,
    rules: DEFAULT_RULES,
    settings: { stepS: 900, horizonS: 86_400, defaultEnergyWh: 30_000, defaultStayMs: 8 * HOUR_MS },
    calendar: UTC,
    readings: readings({ 'meter-roof': 0 }),
  })
  const tick = (given: Partial<PlanTick> = {}): PlanTick => ({
    nowMs,
    topology,
    controls: SUNNY.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e])),
    states: states(SUNNY, [session('a', { connectedAtMs: nowMs })]),
    asks: createAsks(topology),
    loads: loads(SUNNY, 10_000),
    timeline: buildTimeline([], view, nowMs, nowMs + 2 * DAY_MS),
    ...given,
  })
  /** A plan that was begun is made. */
  const planned = (): Promise<void> => clock.advanceTo(clock.now())
  return { planning, storage, view, log, tick, clock, planned }
}

test('what is stored of before is in the first plan', async () => {
  const nowMs = MONDAY_MS + 28 * DAY_MS + 8 * HOUR_MS
  const { planning, storage, tick, planned } = create(nowMs)
  for (let day = 0; day < 28; day++) {
    const connectedAtMs = MONDAY_MS + day * DAY_MS + 8 * HOUR_MS
    const row = session(`s${day}`, { connectedAtMs, energyWh: 6_000, transactionId: null })
    storage.append({ table: 'session', row: { ...row, endedAtMs: connectedAtMs + 2 * HOUR_MS } })
  }
  await planning.load()
  planning.observe(tick())
  await planned()
  const [present] = planning.current()!.sessions
  expect(present.sessionId).toBe('a')
  expect(present.energyWh).toBeCloseTo(6_000, -2)
  // Two hours are eight steps; the two hours after that are not planned for.
  expect(present.powerW.slice(8).every((watts) => watts === 0)).toBe(true)
})

test('a storage that cannot be read is reported, and the site starts without its past', async () => {
  const { planning, storage, log, tick, planned } = create(MONDAY_MS)
  await storage.stop()
  storage.query = () => Promise.reject(new Error('no disk'))
  await planning.load()
  expect(log.entries).toMatchObject([{ level: 'error', message: /without their history/ }])
  planning.observe(tick())
  await planned()
  expect(planning.current()?.sessions).toHaveLength(1)
})

test('a forecast that fails is reported once and does not stop the tick', () => {
  const { planning, log, tick } = create(MONDAY_MS)
  const broken = tick({ loads: null as never })
  planning.observe(broken)
  planning.observe(broken)
  const errors = log.entries.filter(({ message }) => message === 'forecasts cannot learn')
  expect(errors).toHaveLength(1)
  planning.observe(tick())
  planning.observe(broken)
  expect(log.entries.filter(({ message }) => message === 'forecasts cannot learn')).toHaveLength(2)
})

test('a simple plan is told where plans are told, and in the log once per change', async () => {
  let because: string | null = null
  const planner: Planner = {
    solve: (problem) => {
      const solution = because === null ? solvePlan(problem) : solvePlan(problem, late)
      return Promise.resolve({ ...solution, fallbackBecause: because })
    },
    stop: () => Promise.resolve(),
  }
  const late = { now: () => 1, deadlineMs: 0 }
  const { planning, log, tick, clock, planned } = create(MONDAY_MS, planner)
  const planAt = async (minutes: number): Promise<void> => {
    await clock.advanceTo(MONDAY_MS + minutes * 60_000)
    planning.observe(tick({ nowMs: MONDAY_MS + minutes * 60_000 }))
    await planned()
  }
  const told = () => log.entries.map(({ level, message }) => `${level}: ${message}`)
  await planAt(0)
  expect(planning.current()).toMatchObject({ method: 'optimal', fallbackBecause: null })
  expect(told()).toEqual([])
  because = 'the planner did not answer within 12 s'
  await planAt(6)
  await planAt(12)
  expect(planning.current()).toMatchObject({ method: 'greedy', fallbackBecause: because })
  expect(planning.current()!.lowerBound).toBeNull()
  expect(told()).toEqual(['warn: the simple planner stands in'])
  because = null
  await planAt(18)
  expect(told().at(-1)).toBe('info: plans are optimal again')
})

test('an event that comes, changes or goes is answered at once, others after a while', async () => {
  const { planning, view, tick, clock, planned } = create(MONDAY_MS)
  const saying = (limitsW: readonly number[], fromMs = MONDAY_MS) => {
    const event = gridEvent('e', {}, intervals(limitsW, 60, MONDAY_MS))
    const events = limitsW.length === 0 ? [] : [played(event)]
    return buildTimeline(events, view, fromMs, fromMs + 2 * DAY_MS)
  }
  const planAt = async (seconds: number, given: Partial<PlanTick>): Promise<number> => {
    const nowMs = MONDAY_MS + seconds * 1_000
    await clock.advanceTo(nowMs)
    planning.observe(tick({ nowMs, ...given }))
    await planned()
    return (planning.current()!.createdAtMs - MONDAY_MS) / 1_000
  }
  const two = states(SUNNY, [session('a', { connectedAtMs: MONDAY_MS }), session('b')])
  expect(await planAt(0, { timeline: saying([]) })).toBe(0)
  expect(await planAt(5, { timeline: saying([20_000]) })).toBe(5)
  expect(await planAt(10, { timeline: saying([9_000]) })).toBe(10)
  // The same from a later window.
  expect(await planAt(15, { timeline: saying([9_000], MONDAY_MS + 12_000) })).toBe(10)
  expect(await planAt(20, { timeline: saying([]) })).toBe(20)
  expect(await planAt(25, { timeline: saying([]), states: two })).toBe(20)
  expect(await planAt(50, { timeline: saying([]), states: two })).toBe(50)
})

test('a vehicle whose station comes back is planned for, not only with the next period', async () => {
  const { planning, tick, clock, planned } = create(MONDAY_MS)
  const planAt = async (seconds: number, reservedA: number): Promise<number> => {
    const nowMs = MONDAY_MS + seconds * 1_000
    await clock.advanceTo(nowMs)
    const given = tick({ nowMs })
    given.asks.reservedA[0] = reservedA
    planning.observe(given)
    await planned()
    return planning.current()!.sessions.length
  }
  expect(await planAt(0, 6)).toBe(0)
  expect(await planAt(35, 6)).toBe(0)
  expect(await planAt(70, 0)).toBe(1)
})

test('a plan that is three periods old steers nobody any more', async () => {
  const { planning, tick, planned } = create(MONDAY_MS)
  planning.observe(tick())
  await planned()
  expect(planning.target('s1/1', MONDAY_MS + 14 * 60_000)!.targetA).toBeGreaterThan(5)
  expect(planning.target('s1/1', MONDAY_MS + 16 * 60_000)).toBeNull()
})
