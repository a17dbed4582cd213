import { createConditions } from '../../src/control/conditions.ts'
import { createController, type Controller, type Planning } from '../../src/control/controller.ts'
import { DEFAULT_RULES, type ControlRules } from '../../src/control/rules.ts'
import type { ChargingProfile } from '../../src/domain/charging-profile.ts'
import { DEFAULT_CAPABILITY, type EvseState } from '../../src/domain/evse-state.ts'
import type { Site } from '../../src/domain/site.ts'
import { createVirtualClock, type VirtualClock } from '../../src/domain/virtual-clock.ts'
import { buildTimeline } from '../../src/engine/timeline.ts'
import { createGridView, type GridView } from '../../src/engine/timeline/grid-view.ts'
import type { Fabric } from '../../src/ports/fabric.ts'
import type { Log } from '../../src/ports/log.ts'
import type { StationGateway } from '../../src/ports/station-gateway.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { tickEvents } from './events.ts'
import { createMeters } from './meters.ts'
import { tickSite } from './site.ts'

export interface TickWorld {
  readonly controller: Controller
  readonly clock: VirtualClock
  /** So far: commands sent to stations, and grants that changed. */
  counts(): { readonly commands: number; readonly grants: number }
  /** A second passes: meters move, a tenth of the EVSEs measure. */
  pass(): Promise<void>
  /** What fails from now on is of no interest. */
  end(): void
}

/** What a planning of the bench is made from. */
export interface WorldParts {
  readonly site: Site
  readonly view: GridView
  readonly clock: VirtualClock
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
}

/** Without the hold a falling load is felt at once: half of the grants change in every tick. */
const RULES: ControlRules = { ...DEFAULT_RULES, holdMs: 0 }
/** EVSEs measure so often, a part of them each second. */
const MEASURE_EVERY_S = 10
/** The limit that is to come begins this long after the last tick; profiles look 180 s ahead. */
const COMING_MS = 100_000
const KEPT_MS = 10_000

/** Every EVSE charges; stations accept whatever they are sent, at once. */
export const createTickWorld = (
  evseCount: number,
  seconds: number,
  planningOf: (parts: WorldParts) => Planning | null,
): TickWorld => {
  const site = tickSite(evseCount)
  const startMs = Date.UTC(2026, 5, 1, 8)
  const clock = createVirtualClock(startMs)
  const view = createGridView(site, [1, 0.7, 0.4, 0])
  // A fault of the loop would make it fast: it ends the bench.
  let ended = false
  const complain = (fields: object, message: string): void => {
    if (!ended) throw new Error(message, { cause: fields })
  }
  const ignore = (): void => {}
  const log: Log = {
    debug: ignore,
    info: ignore,
    warn: complain,
    error: complain,
    child: () => log,
  }
  const storage = createMemoryStorage({ log })
  const meters = createMeters(site)
  const states = site.evses.map((evse, k) => stateOf(evse, k, startMs))
  const indexOf = new Map(site.evses.map(({ stationId }, k) => [stationId, k]))
  const limitA = Float64Array.from(site.evses, ({ failsafeA }) => failsafeA)
  const events = tickEvents(site, startMs, seconds * 1000 + COMING_MS)
  const timeline = buildTimeline(events, view, startMs - 3_600_000, startMs + 86_400_000)
  const counts = { commands: 0, grants: 0 }
  let second = 0

  const fabric: Fabric = {
    publish: ({ kind }) => {
      if (kind === 'grant') counts.grants++
    },
    subscribe: () => () => {},
  }
  const gateway = {
    setChargingProfile: (stationId: string, _evseId: number, profile: ChargingProfile) => {
      counts.commands++
      limitA[indexOf.get(stationId)!] = profile.schedule.periods[0].limit
      return Promise.resolve({ ok: true, response: {} })
    },
  } as unknown as StationGateway

  const controller = createController({
    site,
    clock,
    storage,
    fabric,
    log,
    conditions: createConditions({ clock, fabric, log }),
    gateway,
    rules: RULES,
    gridView: view,
    fleet: { states: () => states },
    readings: meters.readings,
    timeline: () => timeline,
    planning: planningOf({ site, view, clock, storage, fabric, log }),
  })

  return {
    controller,
    clock,
    counts: () => ({ ...counts }),
    end: () => {
      ended = true
    },
    pass: async () => {
      second++
      // Answers of stations arrive meanwhile.
      await clock.advanceTo(clock.now() + 1000)
      const nowMs = clock.now()
      meters.read(nowMs, second, limitA)
      for (let k = second % MEASURE_EVERY_S; k < states.length; k += MEASURE_EVERY_S) {
        states[k].measured = meters.measure(k, nowMs, limitA[k])
      }
      await storage.prune('grant', nowMs - KEPT_MS)
    },
  }
}

type MutableState = { -readonly [K in keyof EvseState]: EvseState[K] }

const stateOf = (evse: EvseState['evse'], k: number, nowMs: number): MutableState => ({
  evse,
  ready: true,
  generation: 1,
  status: 'charging',
  session: {
    id: `session-${k}`,
    stationId: evse.stationId,
    evseId: 1,
    transactionId: String(k + 1),
    idToken: null,
    connectedAtMs: nowMs,
    startedAtMs: nowMs,
    endedAtMs: null,
    energyWh: 0,
    need: {
      energyWh: 10_000 + (k % 7) * 3_000,
      departureMs: nowMs + (2 + (k % 9)) * 3_600_000,
      source: 'driver',
    },
    priority: k % 3 === 0 ? 1 : 0,
  },
  measured: null,
  capability: DEFAULT_CAPABILITY,
})
