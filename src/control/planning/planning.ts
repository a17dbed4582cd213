import type { ForecastSeries } from '../../domain/forecast-series.ts'
import type { Plan } from '../../domain/plan.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { Site } from '../../domain/site.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { createWording } from '../../engine/plan/explain.ts'
import type { Timeline } from '../../engine/timeline.ts'
import type { GridView, TargetSet } from '../../engine/timeline/grid-view.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { Readings } from '../../ports/readings.ts'
import type { Storage } from '../../ports/storage.ts'
import type { Planning, PlanTick } from '../controller.ts'
import type { ControlRules } from '../rules.ts'
import { createBaseLoad } from './base-load.ts'
import { buildProblem } from './build-problem.ts'
import type { PlanSettings } from './plan-context.ts'
import { createImportMeans } from './import-means.ts'
import { createForecastJournal } from './forecast-journal.ts'
import { createPlanLoop } from './plan-loop.ts'
import type { Prices } from './prices.ts'
import { createTransformers } from './transformers.ts'
import { createSessionForecast } from './session-forecast.ts'

export interface PlanningDeps {
  readonly site: Site
  /** ISO 4217: what prices and costs are in. */
  readonly currency: string
  readonly view: GridView
  readonly planner: Planner
  readonly prices: Prices
  readonly demand: (nowMs: number) => readonly DemandCharge[]
  readonly clock: Clock
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly everyMs: number
  /** Least times on and off, which targets respect as the control loop does. */
  readonly rules: Pick<ControlRules, 'minOnMs' | 'minOffMs'>
  readonly settings: PlanSettings
  readonly calendar: SiteCalendar
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

/** On, off and on again twice: for dear hours, and for a turn of others. The last one is on. */
export const DEFAULT_MAX_CHANGES = 5

/** The planning side of a site: learns the base load, plans when it should, answers with targets. */
export const createPlanning = (deps: PlanningDeps): SitePlanning => {
  const { site, calendar, storage, settings } = deps
  const journal = createForecastJournal(storage, deps.log, 20_000 + 20 * site.evses.length)
  const base = createBaseLoad({ site, calendar, storage, readings: deps.readings ?? null, journal })
  const sessions = createSessionForecast({
    calendar,
    storage,
    journal,
    defaults: { stayMs: settings.defaultStayMs, energyWh: settings.defaultEnergyWh },
  })
  const names = new Map(site.nodes.map(({ id, name }) => [id, name]))
  const nodeName = (nodeId: string): string => names.get(nodeId) ?? nodeId
  const transformers = createTransformers(site, calendar)
  const imports = createImportMeans(settings.stepS * 1000, calendar.offsetMs)
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
    wording: (nowMs) => createWording(site.timeZone, nodeName, nowMs),
    rules: { ...deps.rules, maxChanges: settings.maxChanges ?? DEFAULT_MAX_CHANGES },
    importW: imports.at,
    knowsMore: site.nodes.some(({ transformer }) => transformer !== undefined),
    problem: ({ topology, states, controls, asks, timeline, nowMs }) =>
      buildProblem(
        {
          topology,
          view: deps.view,
          states,
          controls,
          asks,
          timeline,
          prices: deps.prices,
          base,
          transformers,
          sessions,
          demand: deps.demand(nowMs),
          settings,
          offsetMs: calendar.offsetMs,
        },
        nowMs,
      ),
    version: (tick) => {
      const prices = deps.prices.all()
      if (prices.some((series, k) => series !== knownPrices[k])) pricesVersion++
      knownPrices = prices
      return `${pricesVersion};${sessionsOf(tick)}`
    },
    eventsVersion: ({ timeline, nowMs }) => sayings(timeline, nowMs),
  })

  /** A forecast that fails costs a plan, not the control loop that feeds it. */
  const learn = (tick: PlanTick): void => {
    const { nowMs, loads, states } = tick
    try {
      imports.observe(nowMs, siteImportW(tick))
      transformers.observe(tick)
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
      learn(next)
      loop.step(next)
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

/** By the meter of the grid connection; without one, the loads there and what vehicles draw. */
const siteImportW = ({ loads, states }: PlanTick): number => {
  const [{ meteredW, uncontrolledW }] = loads
  if (meteredW !== null) return meteredW
  return states.reduce((sum, { measured }) => sum + (measured?.powerW ?? 0), uncontrolledW)
}

/** Who is there with what need, and can be steered. */
const sessionsOf = ({ states, asks }: PlanTick): string =>
  states
    .map(({ session }, e) => {
      if (!session?.transactionId) return ''
      const { id, need, priority } = session
      return `${id}:${need.energyWh}:${need.departureMs}:${priority}:${asks.reservedA[e] > 0}`
    })
    .join(',')

/** What events say from now on; the same for a timeline that only reaches further. */
const sayings = (timeline: Timeline, nowMs: number): string =>
  JSON.stringify(
    timeline
      .segments()
      .filter(({ endMs }) => endMs > nowMs)
      .map((segment, k) => ({ ...segment, startMs: k === 0 ? 0 : segment.startMs, endMs: 0 })),
    (key, value: unknown) => (key === 'set' ? (value as TargetSet).id : value),
  )
