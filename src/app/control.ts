import { createController, type Controller } from '../control/controller.ts'
import { createEventLifecycle, type EventLifecycle } from '../control/event-lifecycle.ts'
import { createPlanning } from '../control/planning/planning.ts'
import type { PlanSettings } from '../control/planning/plan-context.ts'
import { createSiteCalendar } from '../control/planning/site-calendar.ts'
import type { Prices } from '../control/planning/prices.ts'
import { DEFAULT_RULES, restrictiveLife, type ControlRules } from '../control/rules.ts'
import type { Config } from '../config/schema.ts'
import type { DemandCharge } from '../domain/price.ts'
import type { Plan } from '../domain/plan.ts'
import { createGridView } from '../engine/timeline/grid-view.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Planner } from '../ports/planner.ts'
import type { Readings } from '../ports/readings.ts'
import type { StationGateway } from '../ports/station-gateway.ts'
import type { AppBase } from './base.ts'
import { createFleetPower } from './fleet-power.ts'

export interface ControlDeps extends AppBase {
  readonly fleet: Fleet
  readonly gateway: StationGateway
  readonly readings: Readings
  readonly prices: Prices
  readonly demand: (nowMs: number) => readonly DemandCharge[]
  readonly planner: Planner
}

export interface ControlSide {
  readonly events: EventLifecycle
  readonly controller: Controller
  readonly plan: () => Plan | null
  /** Power of all EVSEs together, watts. */
  readonly ratedPowerW: number
  load(): Promise<void>
  /** One second of control: events, then the tick. */
  readonly step: () => void
}

const DEFAULT_LEVELS = [1, 0.7, 0.4, 0]

/** Events, plan and control loop of the site. The same in real and in virtual time. */
export const buildControl = (deps: ControlDeps): ControlSide => {
  const { loaded, clock, random, storage, fabric, log } = deps
  const { config, site } = loaded
  const view = createGridView(site, config.levels ?? DEFAULT_LEVELS, config.site.currency)
  const ratedPowerW = site.evses.reduce((sum, evse) => sum + view.evseRatingW(evse), 0)

  const events = createEventLifecycle({
    view,
    fleet: createFleetPower({
      view,
      states: () => deps.fleet.states(),
      current: () => controller.view(),
      nodeW: (nodeId) => controller.nodeW(nodeId),
    }),
    storage,
    fabric,
    clock,
    random,
    log,
  })
  const rules = rulesOf(config)
  const planning = createPlanning({
    site,
    currency: config.site.currency,
    view,
    planner: deps.planner,
    prices: deps.prices,
    demand: deps.demand,
    readings: deps.readings,
    clock,
    storage,
    fabric,
    log,
    everyMs: (config.control?.planEveryS ?? 300) * 1000,
    rules,
    settings: planSettings(config),
    calendar: createSiteCalendar(config.site.timeZone, config.site.holidays ?? null),
  })
  const controller: Controller = createController({
    site,
    clock,
    fleet: deps.fleet,
    gateway: deps.gateway,
    readings: deps.readings,
    storage,
    fabric,
    log,
    conditions: deps.conditions,
    rules,
    gridView: view,
    timeline: (nowMs) => events.timeline(nowMs),
    planning,
  })

  return {
    events,
    controller,
    plan: planning.current,
    ratedPowerW,
    load: async () => {
      await events.load()
      await controller.load()
      await planning.load()
    },
    step: () => {
      events.step(clock.now())
      controller.tick()
    },
  }
}

const planSettings = (config: Config): PlanSettings => ({
  stepS: config.control?.planStepS ?? 900,
  horizonS: (config.control?.planHorizonH ?? 24) * 3600,
  defaultEnergyWh: (config.sessionDefaults?.energyKwh ?? 30) * 1000,
  defaultStayMs: (config.sessionDefaults?.stayH ?? 8) * 3_600_000,
  ...config.planning,
})

const rulesOf = ({ control }: Config): ControlRules => {
  const ms = (seconds: number | undefined, fallback: number): number =>
    seconds === undefined ? fallback : seconds * 1000
  // A validity that is configured holds for every profile.
  const longMs = ms(control?.profileValidityS, DEFAULT_RULES.longValidityMs)
  return {
    ...DEFAULT_RULES,
    profileValidityMs: ms(control?.profileValidityS, DEFAULT_RULES.profileValidityMs),
    longValidityMs: longMs,
    restrictiveValidityMs: restrictiveLife(longMs),
    minOnMs: ms(control?.minOnS, DEFAULT_RULES.minOnMs),
    minOffMs: ms(control?.minOffS, DEFAULT_RULES.minOffMs),
    riseEveryMs: ms(control?.riseEveryS, DEFAULT_RULES.riseEveryMs),
    remoteStart: control?.remoteStart ?? DEFAULT_RULES.remoteStart,
    draw: { ...DEFAULT_RULES.draw, lookAheadMs: longMs },
    phases: { ...DEFAULT_RULES.phases, ...control?.phaseSwitching },
  }
}
