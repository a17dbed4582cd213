import type { PlanTargets } from '../../src/control/asks.ts'
import { createController, type Controller } from '../../src/control/controller.ts'
import { DEFAULT_RULES } from '../../src/control/rules.ts'
import type { ChargingProfile } from '../../src/domain/charging-profile.ts'
import { DEFAULT_CAPABILITY, type EvseState } from '../../src/domain/evse-state.ts'
import { perPhase, type PerPhase } from '../../src/domain/phases.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import type { Evse, Site } from '../../src/domain/site.ts'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { lineCurrent, terminalPhases, WIRINGS } from '../../src/domain/wiring.ts'
import { buildTimeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import type { TimelineEvent } from '../../src/engine/timeline/played.ts'
import type { Change } from '../../src/ports/fabric.ts'
import type { Log } from '../../src/ports/log.ts'
import type { CommandResult, StationGateway } from '../../src/ports/station-gateway.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'

export const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
}

const limitEvent = (limitW: number, startMs: number): TimelineEvent => ({
  event: {
    authority: 'test',
    eventId: 'e1',
    modification: 0,
    status: 'issued',
    cancelAtMs: null,
    eventClass: 'contract',
    priority: 1,
    optOut: false,
    programId: null,
    targets: [],
    issuedAtMs: startMs,
    notAfterMs: startMs + 3_600_000,
    ackByMs: null,
    signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
    intervals: [{ id: 0, startMs, endMs: startMs + 3_600_000, value: limitW }],
    randomize: null,
    ramp: null,
    recovery: null,
    test: false,
  },
  startShiftMs: 0,
  endShiftMs: 0,
  stopMs: null,
  referenceW: null,
})

/** A station as harsh as the field: it keeps what it accepted, and what it says may get lost. */
interface FakeStation {
  evse: Evse
  online: boolean
  generation: number
  failsafeA: number | null
  tx: {
    limitA: (atMs: number) => number
    validToMs: number
    transactionId: string
    phases: 1 | 3
  } | null
  /** What it does with profiles for one phase. */
  phases: 'obeys' | 'ignores' | 'refuses'
  /** Its contactor is on one line, and for how long nothing had flowed each time it moved. */
  onOneLine: boolean
  pausesS: number[]
  drewAtMs: number
  transactionId: string | null
  carMaxA: number
  carLines: readonly boolean[]
  drawA: number
  answer: 'accept' | 'reject' | 'lost-answer' | 'lost-request'
  commands: number
  state: { -readonly [K in keyof EvseState]: EvseState[K] }
}

export interface WorldOptions {
  seed: number
  evses?: number
  limitA?: number
  panelLimitA?: number
  failsafeA?: number
  wirings?: readonly Evse['wiring'][]
  /** Building load at an instant, per line; it must not rise faster than the margin absorbs. */
  buildingA?: (atMs: number) => PerPhase
  meter?: 'load' | 'connection'
  /** Every EVSE is on three phases and may switch to the first of them. */
  phaseSwitching?: boolean
  targets?: PlanTargets
}

export const createWorld = (options: WorldOptions) => {
  const random = seededRandom(options.seed)
  const clock = createVirtualClock(Date.UTC(2026, 5, 1, 8))
  const count = options.evses ?? 8
  const limitA = options.limitA ?? 80
  const failsafeA = options.failsafeA ?? 6
  const wirings =
    options.wirings ??
    WIRINGS.filter(({ length }) => (options.phaseSwitching ? length === 6 : length !== 4))
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]
  const buildingA = options.buildingA ?? (() => [10, 12, 8] as const)

  const site: Site = {
    id: 'test',
    name: 'test',
    timeZone: 'UTC',
    supply: { kind: 'three-phase', voltageV: 230 },
    nodes: [
      {
        id: 'connection',
        name: 'connection',
        parentId: null,
        limitA: [limitA, limitA, limitA],
        limitW: null,
        meterId: options.meter === 'connection' ? 'total' : null,
        margin: 0.06,
      },
      ...[0, 1].map((panel) => ({
        id: `panel${panel}`,
        name: `panel${panel}`,
        parentId: 'connection',
        limitA: perPhase(() => options.panelLimitA ?? limitA * 0.6),
        limitW: null,
        meterId: null,
        margin: 0.06,
      })),
    ],
    loads: [
      {
        id: 'building',
        name: 'building',
        nodeId: 'connection',
        kind: 'building',
        meterId: options.meter === 'connection' ? null : 'building',
        wiring: 'L1L2L3',
        designA: [25, 25, 25],
      },
    ],
    evses: Array.from({ length: count }, (_, k) => {
      const wiring = pick(wirings)
      const line = terminalPhases(wiring)[0] as 0 | 1 | 2
      return {
        key: `cp${k}/1`,
        stationId: `cp${k}`,
        evseId: 1,
        nodeId: `panel${k % 2}`,
        wiring,
        current: 'AC' as const,
        maxA: 32,
        minA: 6,
        failsafeA,
        priority: 0,
        efficiency: 1,
        ...(options.phaseSwitching && { phaseSwitch: { line } }),
      }
    }),
  }

  let generation = 0
  /** Every profile that was sent, in order. */
  const sent: { readonly key: string; readonly atMs: number; readonly profile: ChargingProfile }[] =
    []
  const stations: FakeStation[] = site.evses.map((evse) => ({
    evse,
    online: true,
    generation: ++generation,
    failsafeA,
    tx: null,
    phases: 'obeys',
    onOneLine: false,
    pausesS: [],
    drewAtMs: -Infinity,
    transactionId: null,
    carMaxA: 32,
    carLines: [true, true, true],
    drawA: 0,
    answer: 'accept',
    commands: 0,
    state: {
      evse,
      ready: true,
      generation,
      status: 'available',
      session: null,
      measured: null,
      capability: DEFAULT_CAPABILITY,
    },
  }))

  /** What the station's profiles let it draw at an instant, per conductor. */
  const potentialA = (station: FakeStation, atMs: number): number => {
    if (station.transactionId === null) return 0
    const { tx } = station
    if (tx && tx.validToMs > atMs && tx.transactionId === station.transactionId) {
      return tx.limitA(atMs)
    }
    return station.failsafeA ?? station.evse.maxA
  }

  /** Whether its profiles leave it one line at an instant. */
  const isOnOneLine = ({ tx, transactionId, phases }: FakeStation, atMs: number): boolean =>
    phases === 'obeys' &&
    tx !== null &&
    tx.phases === 1 &&
    tx.validToMs > atMs &&
    tx.transactionId === transactionId

  /** Amperes of each line per ampere of the vehicle. */
  const loads = ({ evse, carLines }: FakeStation, onOneLine: boolean): PerPhase => {
    const { re } = lineCurrent(evse.wiring, site.supply)
    return perPhase((line) => {
      const isOpen = onOneLine && evse.phaseSwitch !== undefined && evse.phaseSwitch.line !== line
      return carLines[line] && !isOpen ? re[line] : 0
    })
  }

  const install = (station: FakeStation, profile: ChargingProfile): void => {
    const { schedule } = profile
    const toA = (limit: number): number => limit / (schedule.unit === 'A' ? 1 : 230)
    if (profile.purpose === 'tx-default') {
      station.failsafeA = toA(schedule.periods[0].limit)
      return
    }
    station.tx = {
      phases: schedule.numberPhases,
      transactionId: profile.transactionId!,
      validToMs: Math.min(
        profile.validToMs ?? Infinity,
        schedule.startMs + (schedule.durationS ?? Infinity) * 1000,
      ),
      limitA: (atMs) => {
        const s = (atMs - schedule.startMs) / 1000
        return toA(schedule.periods.findLast((period) => period.startS <= s)!.limit)
      },
    }
  }

  const setChargingProfile = (
    stationId: string,
    _evseId: number,
    profile: ChargingProfile,
  ): Promise<CommandResult> => {
    const station = stations.find((candidate) => candidate.evse.stationId === stationId)!
    station.commands++
    sent.push({ key: station.evse.key, atMs: clock.now(), profile })
    if (!station.online) {
      return Promise.resolve({ ok: false, reason: 'offline', detail: 'offline' })
    }
    const { answer } = station
    return new Promise((resolve) => {
      clock.after(100 + random.next() * 1400, () => {
        const refuses = station.phases === 'refuses' && profile.schedule.numberPhases === 1
        if (answer === 'reject' || refuses) {
          return resolve({ ok: false, reason: 'rejected', detail: 'Rejected' })
        }
        if (answer !== 'lost-request') install(station, profile)
        if (answer === 'accept') return resolve({ ok: true, response: {} })
        clock.after(10_000, () => resolve({ ok: false, reason: 'timeout', detail: 'no answer' }))
      })
    })
  }

  /** Vehicles follow what they are offered: down within five seconds, up slowly. */
  const physics = (atMs: number): void => {
    for (const station of stations) {
      const onOneLine = isOnOneLine(station, atMs)
      if (onOneLine !== station.onOneLine) {
        const pausedS = (atMs - station.drewAtMs) / 1000
        if (station.online) station.pausesS.push(pausedS)
        station.onOneLine = onOneLine
        station.drawA = 0
      }
      const wanted = Math.min(potentialA(station, atMs), station.carMaxA)
      const target = wanted < 6 ? 0 : wanted
      station.drawA =
        target < station.drawA
          ? Math.max(target, station.drawA - Math.max(8, station.drawA / 4))
          : Math.min(target, station.drawA + 4)
      if (station.drawA > 0) station.drewAtMs = atMs
    }
  }

  const evseCurrent = (station: FakeStation): PerPhase => {
    const own = loads(station, station.onOneLine)
    return perPhase((line) => station.drawA * own[line])
  }

  const totalA = (atMs: number): PerPhase => {
    const base = buildingA(atMs)
    return perPhase(
      (line) => base[line] + stations.reduce((sum, s) => sum + evseCurrent(s)[line], 0),
    )
  }

  /** Worst excess over any limit, in amperes: drawn now, and potentially drawn. */
  const excess = (atMs: number): { drawnA: number; potentialA: number } => {
    let drawnA = -Infinity
    let mayA = -Infinity
    for (const node of site.nodes) {
      const below = stations.filter((s) => node.parentId === null || s.evse.nodeId === node.id)
      const base = node.parentId === null ? buildingA(atMs) : ([0, 0, 0] as const)
      for (let line = 0; line < 3; line++) {
        let drawn = base[line]
        let may = base[line]
        for (const station of below) {
          drawn += evseCurrent(station)[line]
          const part = loads(station, isOnOneLine(station, atMs))[line]
          may += Math.min(potentialA(station, atMs), station.carMaxA) * part
        }
        drawnA = Math.max(drawnA, drawn - node.limitA![line])
        mayA = Math.max(mayA, may - node.limitA![line])
      }
    }
    return { drawnA, potentialA: mayA }
  }

  const gridView = createGridView(site, [1, 0.7, 0.4, 0])
  let events: TimelineEvent[] = []
  let broken = false
  const storage = createMemoryStorage({ log: silent })
  const published: Change[] = []
  let meterSilentSinceMs: number | null = null

  const newController = (): Controller =>
    createController({
      site,
      clock,
      storage,
      log: silent,
      rules: DEFAULT_RULES,
      fabric: { publish: (change) => published.push(change), subscribe: () => () => {} },
      fleet: { states: () => stations.map((station) => station.state) },
      gateway: { setChargingProfile } as unknown as StationGateway,
      readings: {
        latest: (meterId) => {
          const atMs = meterSilentSinceMs ?? clock.now()
          const stale = clock.now() - atMs > 15_000
          const currentA = meterId === 'total' ? totalA(atMs) : buildingA(atMs)
          return {
            stale,
            ageS: (clock.now() - atMs) / 1000,
            reading: {
              meterId,
              measuredAtMs: atMs,
              receivedAtMs: atMs,
              quality: 'good',
              currentA,
            },
          }
        },
      },
      gridView,
      timeline: (nowMs) => {
        if (broken) throw new Error('a broken invariant')
        return buildTimeline(events, gridView, nowMs - 3_600_000, nowMs + 86_400_000)
      },
      planning: options.targets ? { observe: () => {}, target: options.targets } : null,
    })
  let controller: Controller | null = newController()
  let transactions = 0

  const plugIn = (station: FakeStation, carMaxA = 32): void => {
    station.transactionId = String(++transactions)
    station.carMaxA = carMaxA
    station.state.status = 'charging'
    station.state.session = {
      id: `s${transactions}`,
      stationId: station.evse.stationId,
      evseId: 1,
      transactionId: station.transactionId,
      idToken: null,
      connectedAtMs: clock.now(),
      startedAtMs: clock.now(),
      endedAtMs: null,
      energyWh: 0,
      need: { energyWh: null, departureMs: null, source: 'default' },
      priority: 0,
    }
  }

  const unplug = (station: FakeStation): void => {
    station.transactionId = null
    station.tx = null
    station.drawA = 0
    station.onOneLine = false
    station.state.session = null
    station.state.status = 'available'
  }

  const disconnect = (station: FakeStation): void => {
    station.online = false
    station.state.ready = false
  }

  const reconnect = (station: FakeStation): void => {
    station.online = true
    station.generation = ++generation
    station.state.generation = station.generation
    station.state.ready = true
  }

  /** One second: meters of the chargers every five, physics, a tick. */
  const second = async (): Promise<void> => {
    await clock.advanceTo(clock.now() + 1000)
    physics(clock.now())
    for (const station of stations) {
      if (!station.online || (clock.now() / 1000) % 5 !== stations.indexOf(station) % 5) continue
      const currentA = evseCurrent(station)
      station.state.measured = {
        measuredAtMs: clock.now(),
        receivedAtMs: clock.now(),
        currentA,
        powerW: 230 * (currentA[0] + currentA[1] + currentA[2]),
      }
    }
    controller?.tick()
    await Promise.resolve()
  }

  return {
    site,
    clock,
    stations,
    storage,
    random,
    published,
    sent,
    second,
    run: async (seconds: number, check?: () => void): Promise<void> => {
      for (let k = 0; k < seconds; k++) {
        await second()
        check?.()
      }
    },
    excess: () => excess(clock.now()),
    totalA: () => totalA(clock.now()),
    buildingA: () => buildingA(clock.now()),
    potentialA: (station: FakeStation) => potentialA(station, clock.now()),
    plugIn,
    unplug,
    disconnect,
    reconnect,
    silenceMeter: () => {
      meterSilentSinceMs = clock.now()
    },
    /** From now on every tick fails, until it does not. */
    setBroken: (now: boolean) => {
      broken = now
    },
    /** One event from `startMs` for an hour: all EVSEs together below `limitW`; `null` = none. */
    setLimit: (limitW: number | null, startMs = clock.now()) => {
      events = limitW === null ? [] : [limitEvent(limitW, startMs)]
    },
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
