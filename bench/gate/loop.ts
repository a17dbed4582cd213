import { createController, type Planning } from '../../src/control/controller.ts'
import { DEFAULT_RULES, type ControlRules } from '../../src/control/rules.ts'
import type { SiteView } from '../../src/control/view.ts'
import type { Site } from '../../src/domain/site.ts'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { buildTimeline, type Timeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Readings } from '../../src/ports/readings.ts'
import type { StationGateway } from '../../src/ports/station-gateway.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import type { GateStation } from './station.ts'

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
const HOUR_MS = 3_600_000

export const newClock = () => createVirtualClock(Date.UTC(2026, 5, 1, 8))

/** The production control loop around stations and meters of this world. */
export const createLoop = (deps: {
  readonly site: Site
  readonly clock: ReturnType<typeof createVirtualClock>
  readonly stations: readonly GateStation[]
  readonly readings: Readings
  readonly rules?: Partial<ControlRules>
  readonly planning?: Planning
}): { tick(): void; view(): SiteView } => {
  const { site, clock, stations, readings } = deps
  const gateway: Pick<StationGateway, 'setChargingProfile'> = {
    setChargingProfile: (stationId, _evse, profile) =>
      stations.find(({ evse }) => evse.stationId === stationId)!.setChargingProfile(profile),
  }
  const gridView = createGridView(site, [1, 0.7, 0.4, 0])
  let timeline: Timeline | null = null
  return createController({
    site,
    clock,
    storage: createMemoryStorage({ log: silent }),
    log: silent,
    rules: { ...DEFAULT_RULES, ...deps.rules },
    fabric: { publish: () => {}, subscribe: () => () => {} },
    fleet: { states: () => stations },
    gateway: gateway as StationGateway,
    readings,
    conditions: { set: () => {}, list: () => [] },
    gridView,
    timeline: (nowMs) => {
      if (timeline === null || nowMs >= timeline.fromMs + HOUR_MS) {
        timeline = buildTimeline([], gridView, nowMs, nowMs + 24 * HOUR_MS)
      }
      return timeline
    },
    planning: deps.planning ?? null,
  })
}
