import type { Site } from '../domain/site.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import { createChargePoint16 } from './charge-point-16.ts'
import { createChargePoint201 } from './charge-point-201.ts'
import type { MeterValue } from './grid.ts'
import { resolveSettings, type SimulationSettings } from './settings.ts'
import type { ChargePoint } from './ocpp/uplink.ts'
import { createWorld, type Stay } from './world.ts'

export interface ScenarioOptions {
  readonly site: Site
  readonly settings: SimulationSettings
  /** Endpoint without the identity, `ws://127.0.0.1:9000/ocpp`. */
  readonly ocppUrl: string
  /** Password of a station; `null` = it sends no credentials. */
  readonly password: (stationId: string) => string | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface Scenario {
  /** True values at nodes and loads, by their ids, as of the last step (at most 1 s old). */
  readonly meters: {
    readonly nodes: ReadonlyMap<string, () => MeterValue>
    readonly loads: ReadonlyMap<string, () => MeterValue>
  }
  readonly chargePoints: ReadonlyMap<string, ChargePoint>
  /** Vehicles that are plugged in now. */
  stays(): readonly Stay[]
  stop(): Promise<void>
}

const STEP_MS = 1000
/** A process that slept longer than this does not make up for it. */
const MAX_CATCH_UP_S = 30

/**
 * Runs stations, vehicles and loads of a site in real time; stations are clients of `ocppUrl` that
 * keep themselves connected. Throws AppError `config-invalid` for settings that do not fit the site.
 */
export const startScenario = (options: ScenarioOptions): Scenario => {
  const { site, clock, log } = options
  const settings = resolveSettings(options.settings, site)
  const startMs = clock.now()
  const chargePoints = new Map<string, ChargePoint>()
  const world = createWorld({
    site,
    settings,
    startMs,
    speed: settings.speed,
    present: (stay) => {
      chargePoints.get(stay.station.spec.id)?.present(stay.port, stay.visit.idToken)
    },
    moved: (stay, record) => {
      const fields = { stationId: stay.station.spec.id, evseId: stay.port.evse.evseId }
      log.info(fields, record ? 'A simulated vehicle left' : 'A simulated vehicle arrived')
    },
  })
  for (const station of world.stations) {
    const { id, version } = station.spec
    const create = version === '1.6' ? createChargePoint16 : createChargePoint201
    const chargePoint = create({
      station,
      settings: settings.stations.get(id)!,
      url: options.ocppUrl,
      password: options.password(id),
      clock,
      random: options.random,
      log: log.child({ stationId: id }),
    })
    chargePoints.set(id, chargePoint)
    chargePoint.start()
  }

  let steppedMs = startMs
  const cancel = clock.every(STEP_MS, () => {
    const nowMs = clock.now()
    steppedMs = Math.max(steppedMs, nowMs - MAX_CATCH_UP_S * 1000)
    while (steppedMs < nowMs) {
      const untilMs = Math.min(nowMs, steppedMs + STEP_MS)
      world.step(untilMs, (untilMs - steppedMs) / 1000)
      steppedMs = untilMs
    }
  })

  return {
    meters: {
      nodes: new Map(site.nodes.map((node, i) => [node.id, () => world.grid.node(i)])),
      loads: new Map(site.loads.map((load, i) => [load.id, () => world.grid.load(i)])),
    },
    chargePoints,
    stays: () => world.stays(),
    stop: async () => {
      cancel()
      await Promise.all([...chargePoints.values()].map((chargePoint) => chargePoint.stop()))
    },
  }
}
