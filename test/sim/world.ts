import type { PlanTargets } from '../../src/control/wants.ts'
import { createConditions } from '../../src/control/conditions.ts'
import { createController, type Controller, type Planning } from '../../src/control/controller.ts'
import { createDirectPlanner } from '../../src/control/planning/planners.ts'
import { createPlanning } from '../../src/control/planning/planning.ts'
import { createPrices } from '../../src/control/planning/prices.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import type { ChargingProfile } from '../../src/domain/charging-profile.ts'
import type { PerPhase } from '../../src/domain/phases.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createVirtualClock, type VirtualClock } from '../../src/domain/virtual-clock.ts'
import { buildTimeline, type Timeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import type { Change } from '../../src/ports/fabric.ts'
import type { CommandResult, StationGateway } from '../../src/ports/station-gateway.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { gridEvent, intervals, MINUTE, played } from '../fixtures/grid-site.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { createCurrents } from './currents.ts'
import { FakeStation } from './fake-station.ts'
import { createSiteMeter } from './site-meter.ts'
import { createSite, type SiteOptions } from './site.ts'

const HOUR = 60 * MINUTE

export interface WorldOptions extends SiteOptions {
  seed: number
  /** Building load at an instant, per line; it must not rise faster than the margin absorbs. */
  buildingA?: (atMs: number) => PerPhase
  targets?: PlanTargets
  /** The real planner steers. */
  planned?: boolean
  /** What the stations' clocks show; that of Busbar without it. */
  stationNow?: (clock: VirtualClock) => number
}

/** Busbar, a site and its stations on a clock that moves second by second. */
export const createWorld = (options: WorldOptions) => {
  const random = seededRandom(options.seed)
  const clock = createVirtualClock(Date.UTC(2026, 5, 1, 8))
  const site = createSite(options, random)

  let transactions = 0
  const newTransactionId = () => String(++transactions)
  const stations = site.evses.map(
    (evse) =>
      new FakeStation(evse, {
        supply: site.supply,
        clock,
        stationNow: () => options.stationNow?.(clock) ?? clock.now(),
        random,
        newTransactionId,
      }),
  )

  const buildingA = (): PerPhase => options.buildingA?.(clock.now()) ?? [10, 12, 8]
  const currents = createCurrents(site, stations, buildingA)
  const meter = createSiteMeter(clock, options.meter === 'connection' ? currents.totalA : buildingA)

  const sent: { readonly key: string; readonly atMs: number; readonly profile: ChargingProfile }[] =
    []
  /** What stations do when they are asked to start a transaction, by station. */
  const onRemoteStart = new Map<string, (idToken: string) => CommandResult>()
  const gateway: Pick<StationGateway, 'setChargingProfile' | 'remoteStart'> = {
    remoteStart: (stationId, _evseId, idToken) =>
      Promise.resolve(
        onRemoteStart.get(stationId)?.(idToken) ?? {
          ok: false,
          reason: 'rejected',
          detail: 'Rejected',
        },
      ),
    setChargingProfile: (stationId, _evseId, profile) => {
      const station = stations.find(({ evse }) => evse.stationId === stationId)!
      sent.push({ key: station.evse.key, atMs: clock.now(), profile })
      return station.setChargingProfile(profile)
    },
  }

  const published: Change[] = []
  const { log, entries } = recordingLog()
  const storage = createMemoryStorage({ log })
  const fabric = { publish: (change: Change) => published.push(change), subscribe: () => () => {} }
  const conditions = createConditions({ clock, fabric, log })
  const gridView = createGridView(site, [1, 0.7, 0.4, 0])
  let events: readonly TimelineEvent[] = []
  let built: Timeline | null = null
  let broken = false

  const setEvents = (next: readonly TimelineEvent[]): void => {
    events = next
    built = null
  }

  const timeline = (nowMs: number): Timeline => {
    if (broken) throw new Error('a broken invariant')
    if (built === null || nowMs >= built.fromMs + HOUR) {
      built = buildTimeline(events, gridView, nowMs, nowMs + 24 * HOUR)
    }
    return built
  }

  const newPlanning = (): Planning =>
    createPlanning({
      site,
      currency: 'EUR',
      view: gridView,
      planner: createDirectPlanner(),
      prices: createPrices([]),
      demand: () => [],
      clock,
      storage,
      fabric,
      log,
      everyMs: 5 * MINUTE,
      rules: DEFAULT_RULES,
      settings: {
        stepS: 900,
        horizonS: (6 * HOUR) / 1000,
        defaultEnergyWh: 30_000,
        defaultStayMs: 4 * HOUR,
      },
      calendar: { offsetMs: () => 0, isHoliday: () => false },
      readings: meter.readings,
    })

  const planningOf = (): Planning | null => {
    if (options.planned) return newPlanning()
    return options.targets ? { observe: () => {}, target: options.targets } : null
  }

  const newController = (): Controller =>
    createController({
      site,
      clock,
      storage,
      log,
      rules: DEFAULT_RULES,
      fabric,
      conditions,
      fleet: { states: () => stations },
      gateway: gateway as StationGateway,
      readings: meter.readings,
      gridView,
      timeline,
      planning: planningOf(),
    })
  let controller: Controller | null = newController()

  /** One second: vehicles follow, stations send meter values every five, Busbar ticks. */
  const second = async (): Promise<void> => {
    await clock.advanceTo(clock.now() + 1000)
    stations.forEach((station, k) => {
      station.charge()
      if ((clock.now() / 1000) % 5 === k % 5) station.sendMeterValues()
    })
    controller?.tick()
    await Promise.resolve()
  }

  return {
    site,
    clock,
    random,
    stations,
    /** Every profile that was sent, in order. */
    sent,
    /** Every change that was told to others, in order. */
    published,
    second,
    run: async (seconds: number, check?: () => void): Promise<void> => {
      for (let k = 0; k < seconds; k++) {
        await second()
        check?.()
      }
    },
    ...currents,
    buildingA,
    silenceMeter: meter.silence,
    /** From now on every tick fails, until it does not. */
    setBroken: (now: boolean) => {
      broken = now
    },
    /** One event from `startMs` for an hour: all EVSEs together below `limitW`; `null` = none. */
    setLimit: (limitW: number | null, startMs = clock.now()) => {
      setEvents(
        limitW === null ? [] : [played(gridEvent('e1', {}, intervals([limitW], 60, startMs)))],
      )
    },
    setEvents,
    onRemoteStart,
    /** What needs attention. */
    conditions,
    /** What Busbar logged, in order. */
    log: entries,
    /** Busbar dies without a word. */
    kill: () => {
      controller = null
    },
    start: async () => {
      const next = newController()
      await next.load()
      controller = next
    },
    view: () => controller!.view(),
  }
}

export type World = ReturnType<typeof createWorld>
