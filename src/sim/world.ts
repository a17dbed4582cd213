import type { Site } from '../domain/site.ts'
import { drawVisit, visitsOfDay, type Visit } from './arrivals.ts'
import { createCalendar, type Calendar } from './calendar.ts'
import { createGrid, type Grid } from './grid.ts'
import { fitGuest, type Guest } from './guest.ts'
import { createLoad, type SimLoad } from './load.ts'
import { between, seeded, seedOf } from './random.ts'
import type { ResolvedSettings } from './settings.ts'
import { SimStation, type SimPort } from './station.ts'

/** A vehicle at a port, from arrival to departure. */
export interface Stay extends Guest {
  readonly visit: Visit
  readonly station: SimStation
  readonly port: SimPort
  readonly registerAtArrivalWh: number
  /** Next time that the driver shows the card, and how often that happened. */
  presentAtMs: number
  presentations: number
}

/** What became of a stay. */
export interface StayRecord {
  readonly key: string
  readonly arrivedAtMs: number
  readonly leftAtMs: number
  readonly needWh: number
  readonly deliveredWh: number
}

export interface World {
  /** One per station of the site, in the order of first mention. */
  readonly stations: readonly SimStation[]
  /** In the order of `site.evses`. */
  readonly ports: readonly SimPort[]
  readonly loads: readonly SimLoad[]
  readonly grid: Grid
  /** Vehicles that are here now. */
  stays(): readonly Stay[]
  stayAt(port: SimPort): Stay | undefined
  /** Vehicles that found every EVSE taken. */
  turnedAway(): number
  /** Advances everything to `nowMs`, `dtS` seconds after the last step. */
  step(nowMs: number, dtS: number): void
}

export interface WorldOptions {
  readonly site: Site
  readonly settings: ResolvedSettings
  readonly startMs: number
  /** How much faster visits and daily curves pass than physics. */
  readonly speed: number
  /** A driver shows the card at a port. */
  readonly present: (stay: Stay) => void
  /** A vehicle came or left (`record` = it left). */
  readonly moved: (stay: Stay, record: StayRecord | null) => void
}

const PRESENT_AGAIN_MS = 60_000
const MAX_PRESENTATIONS = 5
const DAY_MS = 86_400_000

/** Hands out visits in the order of their arrival, one local day after the other. */
const createVisits = ({ settings }: WorldOptions, calendar: Calendar) => {
  let nextDay = calendar.startOfDay
  const queue: Visit[] = []
  const first = seeded(settings.seed, 'initial')
  for (let i = 0; i < settings.initialVehicles; i++) {
    const realDelayMs = 2000 + (36_000 * i) / settings.initialVehicles
    const arrivalMs = calendar.toSimMs(calendar.toRealMs(calendar.simStartMs) + realDelayMs)
    const visit = drawVisit(first, settings, arrivalMs)
    // Whoever is there from the start stays and needs long enough to be worth watching.
    const stayMs = Math.max(visit.departureMs - arrivalMs, between(first, 3, 8) * 3_600_000)
    const wantedWh = Math.max(visit.wantedWh, between(first, 0.3, 0.6) * visit.model.batteryKwh * 1000) // prettier-ignore
    queue.push({ ...visit, wantedWh, departureMs: arrivalMs + stayMs })
  }
  return (simMs: number): Visit | undefined => {
    while (simMs >= nextDay.toMillis()) {
      const random = seeded(settings.seed, 'visits', nextDay.toISODate() ?? '')
      const visits = visitsOfDay(
        random,
        settings,
        nextDay.toMillis(),
        nextDay.weekday > 5,
        Math.round(settings.vehiclesPerDay),
      )
      queue.push(...visits.filter((visit) => visit.arrivalMs >= calendar.simStartMs))
      queue.sort((a, b) => a.arrivalMs - b.arrivalMs)
      nextDay = nextDay.plus({ days: 1 })
    }
    return queue.length > 0 && queue[0].arrivalMs <= simMs ? queue.shift() : undefined
  }
}

const createStations = ({ site, settings }: WorldOptions): readonly SimStation[] =>
  [...settings.stations].map(([id, station]) => {
    const evses = site.evses.filter((evse) => evse.stationId === id)
    const random = seeded(settings.seed, 'register', id)
    return new SimStation(
      {
        id,
        version: station.protocol === 'ocpp1.6' ? '1.6' : '2.0.1',
        model: station.model,
        faults: station.faults,
        evses,
        supply: site.supply,
      },
      evses.map(() => Math.round(between(random, 1e5, 9e6))),
    )
  })

const createLoads = ({ site, settings }: WorldOptions): readonly SimLoad[] => {
  const root = site.nodes[0]
  const rootW =
    root.limitW ?? (root.limitA ? root.limitA.reduce((a, b) => a + b) * site.supply.voltageV : 0)
  return site.loads.map((load) =>
    createLoad(
      load,
      site.supply,
      settings.loads[load.id] ?? {},
      seedOf(settings.seed, 'load', load.id),
      0.3 * rootW,
    ),
  )
}

/** Builds stations, loads and drivers from a site. The same seed gives the same world. */
export const createWorld = (options: WorldOptions): World => {
  const { site, settings, speed, present, moved } = options
  const calendar = createCalendar(site.timeZone, settings, options.startMs, speed)
  const nextVisit = createVisits(options, calendar)
  const stations = createStations(options)
  const owner = new Map(stations.map((station) => [station.spec.id, station]))
  const ports = site.evses.map((evse) =>
    owner.get(evse.stationId)!.ports.find((port) => port.evse === evse)!,
  )
  const loads = createLoads(options)
  const grid = createGrid(site, ports, loads)
  const stays = new Map<SimPort, Stay>()
  let turnedAway = 0

  const arrive = (visit: Visit, nowMs: number): void => {
    const free = ports.filter(
      (port) =>
        !port.vehicle && port.operative && (port.evse.current === 'AC' || visit.model.maxDcW > 0),
    )
    if (free.length === 0) {
      turnedAway++
      return
    }
    const port = free[Math.floor(visit.choice * free.length)]
    const stay: Stay = {
      ...fitGuest(visit, port, nowMs, speed),
      visit,
      station: owner.get(port.evse.stationId)!,
      port,
      registerAtArrivalWh: port.registerWh,
      presentAtMs: nowMs + visit.authorizeAfterS * 1000,
      presentations: 0,
    }
    stays.set(port, stay)
    stay.station.plugIn(port, stay.vehicle)
    moved(stay, null)
  }

  const leave = (stay: Stay, nowMs: number): void => {
    stays.delete(stay.port)
    if (stay.visit.endsWithCard) stay.station.stop(stay.port, 'local')
    stay.station.unplug(stay.port)
    moved(stay, {
      key: stay.port.evse.key,
      arrivedAtMs: stay.arrivedAtMs,
      leftAtMs: nowMs,
      needWh: stay.needWh,
      deliveredWh: stay.port.registerWh - stay.registerAtArrivalWh,
    })
  }

  const attend = (stay: Stay, nowMs: number): void => {
    if (nowMs >= stay.departureMs) {
      leave(stay, nowMs)
      return
    }
    const { port } = stay
    const wants = !port.transaction && (port.ended === null || port.ended === 'reboot')
    if (!wants || nowMs < stay.presentAtMs || stay.presentations >= MAX_PRESENTATIONS) return
    stay.presentations++
    stay.presentAtMs = nowMs + PRESENT_AGAIN_MS
    present(stay)
  }

  return {
    stations,
    ports,
    loads,
    grid,
    stays: () => [...stays.values()],
    stayAt: (port) => stays.get(port),
    turnedAway: () => turnedAway,
    step: (nowMs, dtS) => {
      const simMs = calendar.toSimMs(nowMs)
      for (const stay of stays.values()) attend(stay, nowMs)
      for (let visit = nextVisit(simMs); visit; visit = nextVisit(simMs)) arrive(visit, nowMs)
      const wallMs = calendar.wallMs(simMs)
      const day = Math.floor(wallMs / DAY_MS)
      const hour = (wallMs - day * DAY_MS) / 3_600_000
      for (const load of loads) load.step(day, hour, dtS)
      for (const station of stations) station.step(nowMs, dtS)
      grid.update(dtS)
    },
  }
}
