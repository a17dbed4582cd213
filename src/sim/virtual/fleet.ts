import { perPhase } from '../../domain/phases.ts'
import type { EvseMeasurement } from '../../domain/reading.ts'
import type { EvseState } from '../../domain/evse-state.ts'
import type { Session } from '../../domain/session.ts'
import type { Site } from '../../domain/site.ts'
import type { Fleet } from '../../ports/fleet.ts'
import type { Random } from '../../ports/random.ts'
import { between, seeded } from '../random.ts'
import type { ResolvedStation } from '../settings.ts'
import type { SimPort, SimStation } from '../station.ts'
import type { World } from '../world.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** One station as a central system sees it over a connection that may be gone. */
export interface VirtualLink {
  readonly station: SimStation
  readonly settings: ResolvedStation
  readonly random: Random
  online: boolean
  /** When the connection changes by itself next; `Infinity` = never. */
  nextChangeMs: number
  nextMeterMs: number
}

/**
 * What a central system knows of the simulated stations: it learns at once of what happens while a
 * station is connected, and of nothing while it is not.
 */
export interface VirtualFleet extends Fleet {
  readonly links: ReadonlyMap<string, VirtualLink>
  connect(link: VirtualLink, nowMs: number): void
  disconnect(link: VirtualLink): void
  /** Takes over what the station knows of a port, when it is connected. */
  sync(port: SimPort, nowMs: number): void
  /** Meter values and changes of connection that are due. */
  step(nowMs: number): void
  measure(link: VirtualLink, nowMs: number): void
}

const measurementOf = (port: SimPort, nowMs: number): EvseMeasurement => {
  const { re, im } = port.line
  const volts = port.supply.voltageV
  return {
    measuredAtMs: nowMs,
    receivedAtMs: nowMs,
    currentA: perPhase((phase) => Math.hypot(re[phase], im[phase]) * port.currentA),
    powerW: port.powerW,
    voltageV: [volts, volts, volts],
    energyWh: port.registerWh,
    offeredA: port.pilotA,
    ...(port.vehicle && port.evse.current === 'DC' ? { soc: port.vehicle.soc } : {}),
  }
}

const inOutage = (link: VirtualLink, sinceStartS: number): boolean =>
  link.settings.outages.some(
    ({ fromS, forS }) => sinceStartS >= fromS && sinceStartS < fromS + forS,
  )

export const createVirtualFleet = (
  site: Site,
  world: World,
  stations: ReadonlyMap<string, ResolvedStation>,
  seed: number,
  startMs: number,
): VirtualFleet => {
  const states: Mutable<EvseState>[] = site.evses.map((evse) => ({
    evse,
    ready: false,
    generation: 0,
    status: 'unknown',
    session: null,
    measured: null,
    capability: stations.get(evse.stationId)!.model.capability,
  }))
  const stateOf = new Map(world.ports.map((port, index) => [port, states[index]]))
  const ownerOf = new Map(
    world.stations.flatMap((station) => station.ports.map((port) => [port, station] as const)),
  )
  const links = new Map(
    world.stations.map((station): [string, VirtualLink] => {
      const settings = stations.get(station.spec.id)!
      const random = seeded(seed, 'link', station.spec.id)
      return [
        station.spec.id,
        {
          station,
          settings,
          random,
          online: false,
          // The fleet connects within the first two seconds.
          nextChangeMs: startMs + Math.round(between(random, 100, 2000)),
          nextMeterMs: startMs + Math.round(1000 * between(random, 1, settings.meterIntervalS)),
        },
      ]
    }),
  )
  let generation = 0
  let sessions = 0

  const sessionOf = (port: SimPort, old: Session | null, nowMs: number): Session | null => {
    const stay = world.stayAt(port)
    if (!stay) return null
    const same = old?.connectedAtMs === stay.arrivedAtMs ? old : null
    const { transaction } = port
    return {
      id: same?.id ?? `session-${++sessions}`,
      stationId: port.evse.stationId,
      evseId: port.evse.evseId,
      transactionId: transaction?.transactionId ?? null,
      idToken: transaction?.idToken ?? same?.idToken ?? null,
      connectedAtMs: stay.arrivedAtMs,
      startedAtMs: transaction?.startedAtMs ?? same?.startedAtMs ?? null,
      endedAtMs: port.ended === null ? null : (same?.endedAtMs ?? nowMs),
      energyWh: port.registerWh - stay.registerAtArrivalWh,
      need: stay.visit.tellsNeed
        ? { energyWh: stay.needWh, departureMs: stay.departureMs, source: 'driver' }
        : { energyWh: null, departureMs: null, source: 'default' },
      priority: same?.priority ?? port.evse.priority,
    }
  }

  const sync = (port: SimPort, nowMs: number): void => {
    const link = links.get(ownerOf.get(port)!.spec.id)!
    if (!link.online) return
    const state = stateOf.get(port)!
    state.status = port.status
    state.session = sessionOf(port, state.session, nowMs)
  }

  const measure = (link: VirtualLink, nowMs: number): void => {
    for (const port of link.station.ports) {
      const state = stateOf.get(port)!
      state.measured = measurementOf(port, nowMs)
      if (state.session) state.session = sessionOf(port, state.session, nowMs)
    }
  }

  const connect = (link: VirtualLink, nowMs: number): void => {
    link.online = true
    generation++
    for (const port of link.station.ports) {
      const state = stateOf.get(port)!
      state.ready = true
      state.generation = generation
      sync(port, nowMs)
    }
    measure(link, nowMs)
    const { disconnects } = link.settings.faults
    link.nextChangeMs = disconnects
      ? nowMs + Math.round(-Math.log(1 - link.random.next()) * disconnects.everyS * 1000)
      : Infinity
  }

  const disconnect = (link: VirtualLink): void => {
    link.online = false
    for (const port of link.station.ports) stateOf.get(port)!.ready = false
  }

  const step = (nowMs: number): void => {
    for (const link of links.values()) {
      const out = inOutage(link, (nowMs - startMs) / 1000)
      if (link.online && (out || nowMs >= link.nextChangeMs)) {
        disconnect(link)
        const forS = link.settings.faults.disconnects?.forS ?? 0
        const downS = -Math.log(1 - link.random.next()) * forS
        link.nextChangeMs = nowMs + Math.round(1000 * downS)
      } else if (!link.online && !out && nowMs >= link.nextChangeMs && link.station.powered) {
        connect(link, nowMs)
      }
      if (nowMs < link.nextMeterMs) continue
      link.nextMeterMs += 1000 * link.settings.meterIntervalS
      if (link.online) measure(link, nowMs)
    }
  }

  return { states: () => states, links, connect, disconnect, sync, step, measure }
}
