import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAsks } from '../../src/control/asks.ts'
import { newEvseControl } from '../../src/control/evse-control.ts'
import { createBaseLoad } from '../../src/control/planning/base-load.ts'
import { buildProblem } from '../../src/control/planning/build-problem.ts'
import { createPrices } from '../../src/control/planning/prices.ts'
import { createSessionForecast } from '../../src/control/planning/session-forecast.ts'
import { createTransformers } from '../../src/control/planning/transformers.ts'
import { DEFAULT_CAPABILITY } from '../../src/domain/evse-state.ts'
import type { Session } from '../../src/domain/session.ts'
import { solvePlan } from '../../src/engine/plan/plan.ts'
import { buildTimeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import { compileTopology } from '../../src/engine/topology.ts'
import { createSiteCalendar } from '../../src/control/planning/site-calendar.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { MINUTE, SITE, T0 } from '../fixtures/grid-site.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { END, events } from './arbitrary-events.ts'

const HOUR = 60 * MINUTE
const calendar = createSiteCalendar('UTC', null)
const storage = createMemoryStorage(recordingLog())
const deps = { calendar, storage, journal: null }
const view = createGridView(SITE, [1, 0.7, 0.4, 0])
const topology = compileTopology(SITE)
const settings = {
  stepS: 900,
  horizonS: 6 * 3_600,
  defaultEnergyWh: 20_000,
  defaultStayMs: 4 * HOUR,
}

const session = fc.option(
  fc.record({
    energyWh: fc.integer({ min: 0, max: 60_000 }),
    wantsWh: fc.option(fc.integer({ min: 0, max: 60_000 })),
    leavesMin: fc.option(fc.integer({ min: -30, max: 600 })),
    priority: fc.integer({ min: -5, max: 9 }),
  }),
  { freq: 4 },
)
type Draft = NonNullable<ReturnType<typeof session.generate>['value']> | null

const sessionOf = (draft: Draft, k: number): Session | null => {
  if (draft === null) return null
  const { stationId, evseId } = SITE.evses[k]
  const { energyWh, wantsWh, leavesMin, priority } = draft
  return {
    id: `s${k}`,
    stationId,
    evseId,
    transactionId: String(k),
    idToken: null,
    connectedAtMs: T0 - HOUR,
    startedAtMs: T0 - HOUR,
    endedAtMs: null,
    energyWh,
    need: {
      energyWh: wantsWh,
      departureMs: leavesMin === null ? null : T0 + leavesMin * MINUTE,
      source: wantsWh === null && leavesMin === null ? 'default' : 'driver',
    },
    priority,
  }
}

test('whatever events say and drivers want, the planner gets a problem that it can solve', () => {
  const sessions = fc.tuple(...SITE.evses.map(() => session))
  fc.assert(
    fc.property(events, sessions, fc.integer({ min: 0, max: 100 }), (list, drafts, minute) => {
      const nowMs = T0 + minute * MINUTE
      const problem = buildProblem(
        {
          topology,
          view,
          states: SITE.evses.map((evse, e) => ({
            evse,
            ready: true,
            generation: 1,
            status: drafts[e] ? 'charging' : 'available',
            session: sessionOf(drafts[e], e),
            measured: null,
            capability: DEFAULT_CAPABILITY,
          })),
          controls: SITE.evses.map((evse, e) => newEvseControl(e, evse, topology.watts[e])),
          asks: createAsks(topology),
          timeline: buildTimeline(list, view, T0 - HOUR, END),
          prices: createPrices([]),
          base: createBaseLoad({ ...deps, site: SITE, readings: null }),
          transformers: createTransformers(SITE, calendar),
          sessions: createSessionForecast({
            ...deps,
            defaults: { stayMs: settings.defaultStayMs, energyWh: settings.defaultEnergyWh },
          }),
          demand: [],
          settings,
          offsetMs: () => 0,
        },
        nowMs,
      )
      const solution = solvePlan(problem)
      expect(solution.method).toBe('optimal')
      problem.evs.forEach(({ capA, maxA, wattsPerAmp }, k) => {
        solution.evW[k].forEach((watts, t) => {
          expect(watts).toBeLessThanOrEqual(Math.min(maxA, capA?.[t] ?? maxA) * wattsPerAmp + 1e-6)
        })
      })
    }),
    { numRuns: 150 },
  )
})
