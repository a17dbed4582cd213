import type { Plan } from '../../domain/plan.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { Site } from '../../domain/site.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { Storage } from '../../ports/storage.ts'
import type { Planning, PlanTick } from '../controller.ts'
import { createBaseLoad } from './base-load.ts'
import { buildProblem, type PlanSettings } from './build-problem.ts'
import { createPlanLoop } from './plan-loop.ts'
import type { Prices } from './prices.ts'

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
}

/** The planning side of a site: learns the base load, plans when it should, answers with targets. */
export const createPlanning = (deps: PlanningDeps): Planning & { current(): Plan | null } => {
  const base = createBaseLoad(deps.site, deps.offsetMs)
  let tick: PlanTick | null = null
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

  return {
    observe: (next) => {
      tick = next
      base.observe(next.nowMs, next.loads)
      loop.step(next.nowMs)
    },
    target: loop.target,
    current: loop.current,
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
