import type { ForecastSeries } from '../../domain/forecast-series.ts'
import type { Plan } from '../../domain/plan.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { Site } from '../../domain/site.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { Readings } from '../../ports/readings.ts'
import type { Storage } from '../../ports/storage.ts'
import type { Planning, PlanTick } from '../controller.ts'
import { createBaseLoad } from './base-load.ts'
import { buildProblem, type PlanSettings } from './build-problem.ts'
import { createForecastJournal } from './forecast-journal.ts'
import { createPlanLoop } from './plan-loop.ts'
import type { Prices } from './prices.ts'
import { createSessionForecast } from './session-forecast.ts'

export interface PlanningDeps {
  readonly site: Site
  readonly view: GridView
  readonly planner: Planner
  readonly prices: Prices
  readonly demand: (nowMs: number) => readonly DemandCharge[]
  readonly clock: Clock
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly everyMs: number
  readonly settings: PlanSettings
  /** Local time less UTC at an instant, in the site's zone. */
  readonly offsetMs: (atMs: number) => number
  /** Days (from 1970-01-01, local) on which the site rests like on a Sunday; absent = none. */
  readonly isHoliday?: (localDay: number) => boolean
  /** Meters of PV plants, which are then forecast by themselves; absent = within the base load. */
  readonly readings?: Readings
}

export interface SitePlanning extends Planning {
  readonly current: () => Plan | null
  /** Learns from what is stored; to be done before the first tick. Never rejects. */
  readonly load: () => Promise<void>
  /** What somebody else expects of a PV plant. */
  readonly accept: (series: ForecastSeries) => void
}

/** The planning side of a site: learns the base load, plans when it should, answers with targets. */
export const createPlanning = (deps: PlanningDeps): SitePlanning => {
  const { site, storage, settings } = deps
  const calendar = { offsetMs: deps.offsetMs, isHoliday: deps.isHoliday ?? (() => false) }
  const journal = createForecastJournal(storage, deps.log, 20_000 + 20 * site.evses.length)
  const base = createBaseLoad({ site, calendar, storage, readings: deps.readings ?? null, journal })
  const sessions = createSessionForecast({
    calendar,
    storage,
    journal,
    defaults: { stayMs: settings.defaultStayMs, energyWh: settings.defaultEnergyWh },
  })
  let tick: PlanTick | null = null
  let isLearning = true
  let pricesVersion = 0
  let knownPrices: readonly unknown[] = []

  const loop = createPlanLoop({
    siteId: deps.site.id,
    planner: deps.planner,
    clock: deps.clock,
    storage: deps.storage,
    fabric: deps.fabric,
    log: deps.log,
    everyMs: deps.everyMs,
    problem: (nowMs) =>
      tick &&
      buildProblem(
        {
          topology: tick.topology,
          view: deps.view,
          states: tick.states,
          controls: tick.controls,
          asks: tick.asks,
          timeline: tick.timeline,
          prices: deps.prices,
          base,
          sessions,
          demand: deps.demand(nowMs),
          settings: deps.settings,
          offsetMs: deps.offsetMs,
        },
        nowMs,
      ),
    version: () => {
      const prices = deps.prices.all()
      if (prices.some((series, k) => series !== knownPrices[k])) pricesVersion++
      knownPrices = prices
      return `${pricesVersion};${tick ? sessionsOf(tick) : ''}`
    },
  })

  /** A forecast that fails costs a plan, not the control loop that feeds it. */
  const learn = ({ nowMs, loads, states }: PlanTick): void => {
    try {
      base.observe(nowMs, loads)
      sessions.observe(nowMs, states)
      isLearning = true
    } catch (error) {
      if (isLearning) deps.log.error({ siteId: site.id, err: error }, 'forecasts cannot learn')
      isLearning = false
    }
  }

  return {
    observe: (next) => {
      tick = next
      learn(next)
      loop.step(next.nowMs)
    },
    target: loop.target,
    current: loop.current,
    accept: base.accept,
    load: async () => {
      const nowMs = deps.clock.now()
      try {
        await journal.load(nowMs)
        await sessions.load(nowMs)
        await base.load(nowMs)
      } catch (error) {
        // The site can be steered without a past; it would stand still without a start.
        deps.log.error({ siteId: site.id, err: error }, 'forecasts start without their history')
      }
    },
  }
}

/** What makes an earlier plan wrong: who is there with what need, and what events say. */
const sessionsOf = ({ states, timeline, nowMs }: PlanTick): string =>
  states
    .map(({ session }) =>
      session?.transactionId
        ? `${session.id}:${session.need.energyWh}:${session.need.departureMs}:${session.priority}`
        : '',
    )
    .join(',') + `;${timeline.at(nowMs).startMs}:${timeline.segments().length}`
