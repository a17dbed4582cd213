import type { Reading } from '../domain/reading.ts'
import type { Site } from '../domain/site.ts'
import { createVirtualClock } from '../domain/virtual-clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Random } from '../ports/random.ts'
import type { StationGateway } from '../ports/station-gateway.ts'
import { createCalendar } from './calendar.ts'
import { seeded } from './random.ts'
import { resolveSettings, type ResolvedSettings, type SimulationSettings } from './settings.ts'
import { createVirtualFleet } from './virtual/fleet.ts'
import { createVirtualGateway } from './virtual/gateway.ts'
import { createMeasures, type VirtualResult } from './virtual/measures.ts'
import { createWorld, type World } from './world.ts'

/** What a control gets to work with in virtual time. */
export interface VirtualPorts {
  readonly site: Site
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Fleet
  readonly gateway: StationGateway
}

export interface VirtualControl {
  /** Every reading of every node and load meter, once per second, before the tick. */
  onReading(reading: Reading): void
  /** Once per second. What it awaits must not need real time. */
  tick(nowMs: number): void | Promise<void>
}

export interface VirtualOptions {
  readonly site: Site
  readonly settings: SimulationSettings
  readonly hours: number
  /** Instead of the seed of the settings. */
  readonly seed?: number
  readonly control: (ports: VirtualPorts) => VirtualControl
  /** Price of a kWh from the grid, for the cost. */
  readonly priceAt?: (atMs: number) => number
}

/** Without a date in the settings, runs begin on this Monday: a run must not depend on today. */
const DEFAULT_DATE = '2026-06-15'

/** A meter at a node or a load, with what it reads now. */
const metersOf = (site: Site, world: World, settings: ResolvedSettings, startMs: number) => {
  const all = [
    ...site.nodes.map((node, i) => ({ id: node.meterId, read: () => world.grid.node(i) })),
    ...site.loads.map((load, i) => ({ id: load.meterId, read: () => world.grid.load(i) })),
  ]
  const meters = all.flatMap(({ id, read }) => (id === null ? [] : [{ id, read }]))
  const silent = (id: string, nowMs: number): boolean =>
    settings.meterOutages.some(({ meterId, fromS, forS }) => {
      const sinceS = (nowMs - startMs) / 1000
      return meterId === id && sinceS >= fromS && sinceS < fromS + forS
    })
  return (nowMs: number, accept: (reading: Reading) => void): void => {
    for (const { id, read } of meters) {
      if (silent(id, nowMs)) continue
      accept({
        meterId: id,
        measuredAtMs: nowMs,
        receivedAtMs: nowMs,
        quality: 'good',
        ...read(),
      })
    }
  }
}

/**
 * Runs site, vehicles, stations and control for `hours` of virtual time, one second after the
 * other: timers and answers, physics, readings, tick. No real clock, no sockets: equal input gives
 * an equal result. Faults of the wire (message ids, units, enumerations) have no effect here.
 * Throws AppError `config-invalid` for settings that do not fit the site.
 */
export const runVirtual = async (options: VirtualOptions): Promise<VirtualResult> => {
  const { site, hours, priceAt } = options
  const seed = options.seed ?? options.settings.seed ?? 1
  const settings = resolveSettings(
    {
      timeOfDay: '00:00',
      date: DEFAULT_DATE,
      ...options.settings,
      seed,
    },
    site,
  )
  const startMs = createCalendar(site.timeZone, settings, 0, 1).simStartMs
  const clock = createVirtualClock(startMs)
  let transactions = 0
  const world = createWorld({
    site,
    settings,
    startMs,
    speed: 1,
    present: ({ station, port, visit }) => {
      station.start(port, visit.idToken, { transactionId: String(++transactions) })
    },
    moved: (_, record) => (record ? measures.left(record) : measures.arrived()),
  })
  const fleet = createVirtualFleet(site, world, settings.stations, seed, startMs)
  const gateway = createVirtualGateway(fleet, clock)
  const measures = createMeasures(site, world, { seed, hours }, priceAt ?? null)
  const readMeters = metersOf(site, world, settings, startMs)
  for (const station of world.stations) {
    station.startUp(startMs)
    station.listen(({ port }) => fleet.sync(port, clock.now()))
  }
  const control = options.control({ site, clock, random: seeded(seed, 'control'), fleet, gateway })

  const seconds = Math.round(hours * 3600)
  for (let second = 1; second <= seconds; second++) {
    const nowMs = startMs + second * 1000
    await clock.advanceTo(nowMs)
    world.step(nowMs, 1)
    fleet.step(nowMs)
    gateway.step(nowMs)
    measures.step(nowMs)
    readMeters(nowMs, (reading) => control.onReading(reading))
    await control.tick(nowMs)
  }
  return measures.result(gateway.counts)
}
