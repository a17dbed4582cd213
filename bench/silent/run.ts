import { createController, type Planning } from '../../src/control/controller.ts'
import { createDirectPlanner } from '../../src/control/planning/planners.ts'
import { createPlanning } from '../../src/control/planning/planning.ts'
import { createPrices } from '../../src/control/planning/prices.ts'
import { createSiteCalendar } from '../../src/control/planning/site-calendar.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import { evenly } from '../../src/domain/phases.ts'
import type { Reading } from '../../src/domain/reading.ts'
import type { Evse, Site } from '../../src/domain/site.ts'
import { buildTimeline, type Timeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import type { Fabric } from '../../src/ports/fabric.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { Place } from '../../src/sim/arrivals.ts'
import { runVirtual, type VirtualPorts } from '../../src/sim/virtual.ts'
import type { VirtualResult } from '../../src/sim/virtual/measures.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'

/** A site full of drivers, steered with or without a plan. */
export interface SilentCase {
  readonly place: Place
  /** Share of drivers (0..1) who give their energy and departure. */
  readonly tellNeed: number
  readonly hours: number
  readonly seed: number
  /** `flat`: every hour costs the same; `night`: 22:00 to 06:00 at a third of the day's price. */
  readonly prices: 'flat' | 'night'
  readonly planned: boolean
}

const EVSES = 20
const LIMIT_A = 50
const HOUR_MS = 3_600_000
const DAY_PRICE = 0.3
const NIGHT_PRICE = 0.1

const NO_FABRIC: Fabric = { publish: () => {}, subscribe: () => () => {} }

const evse = (_: unknown, k: number): Evse => ({
  key: `P${k}/1`,
  stationId: `P${k}`,
  evseId: 1,
  nodeId: 'connection',
  wiring: 'L1L2L3',
  current: 'AC',
  maxA: 16,
  minA: 6,
  failsafeA: 0,
  priority: 0,
  efficiency: 1,
})

/** Twenty EVSEs of 16 A behind a connection of 50 A that also feeds a building of 6 to 14 A. */
const SITE: Site = {
  id: 'silent',
  name: 'silent',
  timeZone: 'UTC',
  supply: { kind: 'three-phase', voltageV: 230 },
  nodes: [
    {
      id: 'connection',
      name: 'connection',
      parentId: null,
      limitA: evenly(LIMIT_A),
      limitW: null,
      meterId: null,
      margin: 0.06,
    },
  ],
  loads: [
    {
      id: 'building',
      name: 'building',
      nodeId: 'connection',
      kind: 'building',
      meterId: 'building',
      wiring: 'L1L2L3',
      designA: evenly(14),
    },
  ],
  evses: Array.from({ length: EVSES }, evse),
}

/** Nobody looks at the records of a run, and two weeks of them fill the memory. */
const forgetful = (log: Log): Storage => ({ ...createMemoryStorage({ log }), append: () => {} })

const isNight = (atMs: number): boolean => {
  const hour = new Date(atMs).getUTCHours()
  return hour >= 22 || hour < 6
}

const priceAt = (prices: SilentCase['prices'], atMs: number): number =>
  prices === 'night' && isNight(atMs) ? NIGHT_PRICE : DAY_PRICE

const pricesOf = ({ prices, hours }: SilentCase, startMs: number) => {
  const known = createPrices(['bench'])
  known.accept({
    sourceId: 'bench',
    kind: 'import',
    currency: 'EUR',
    segments: Array.from({ length: hours + 48 }, (_, hour) => ({
      startMs: startMs + hour * HOUR_MS,
      endMs: startMs + (hour + 1) * HOUR_MS,
      value: priceAt(prices, startMs + hour * HOUR_MS),
    })),
  })
  return known
}

const planningOf = (given: SilentCase, ports: VirtualPorts, log: Log): Planning => {
  const view = createGridView(SITE, [1, 0.7, 0.4, 0])
  return createPlanning({
    site: SITE,
    currency: 'EUR',
    view,
    planner: createDirectPlanner(),
    prices: pricesOf(given, ports.clock.now()),
    demand: () => [],
    clock: ports.clock,
    storage: forgetful(log),
    fabric: NO_FABRIC,
    log,
    everyMs: 300_000,
    rules: DEFAULT_RULES,
    settings: { stepS: 900, horizonS: 86_400, defaultEnergyWh: 30_000, defaultStayMs: 8 * HOUR_MS },
    calendar: createSiteCalendar('UTC', null),
  })
}

/** Runs one case in virtual time. The same case gives the same result. */
export const runSilent = async (given: SilentCase, log: Log): Promise<VirtualResult> => {
  const { place, tellNeed, hours, seed } = given
  const control = (ports: VirtualPorts) => {
    const latest = new Map<string, Reading>()
    const view = createGridView(SITE, [1, 0.7, 0.4, 0])
    let timeline: Timeline | null = null
    const controller = createController({
      ...ports,
      site: SITE,
      readings: {
        latest: (meterId) => {
          const reading = latest.get(meterId)
          return reading ? { reading, stale: false, ageS: 0 } : null
        },
      },
      storage: forgetful(log),
      fabric: NO_FABRIC,
      log,
      conditions: { set: () => {}, list: () => [] },
      rules: DEFAULT_RULES,
      gridView: view,
      timeline: (nowMs) => {
        if (timeline === null || nowMs >= timeline.fromMs + HOUR_MS) {
          timeline = buildTimeline([], view, nowMs, nowMs + 48 * HOUR_MS)
        }
        return timeline
      },
      planning: given.planned ? planningOf(given, ports, log) : null,
    })
    return {
      onReading: (reading: Reading) => void latest.set(reading.meterId, reading),
      tick: () => controller.tick(),
    }
  }
  return runVirtual({
    site: SITE,
    settings: {
      place,
      tellNeed,
      loads: { building: { baseW: 6 * 690, peakW: 14 * 690 } },
    },
    hours,
    seed,
    control,
    priceAt: (atMs) => priceAt(given.prices, atMs),
  })
}
