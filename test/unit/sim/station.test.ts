import { beforeEach, describe, expect, test } from 'vitest'
import type { InstalledProfile } from '../../../src/engine/profile-stack.ts'
import type { StationFaults } from '../../../src/sim/faults.ts'
import type { OcppVersion } from '../../../src/sim/profile-rules.ts'
import { stationModel } from '../../../src/sim/station-models.ts'
import { SimStation, type StationEvent } from '../../../src/sim/station.ts'
import { createVehicle, PLAIN_TRAITS } from '../../../src/sim/vehicle.ts'
import { VEHICLE_MODELS } from '../../../src/sim/vehicle-models.ts'
import { EUROPE, evse } from './site.ts'

const T0 = Date.UTC(2026, 5, 15, 8)

interface Bench {
  readonly station: SimStation
  readonly events: string[]
  /** Advances second by second. */
  readonly run: (seconds: number) => number
  readonly plug: (evseId?: number) => void
  readonly start: (transactionId?: string | null, evseId?: number) => void
}

const bench = (
  faults: StationFaults = {},
  version: OcppVersion = '2.0.1',
  modelId = 'full',
  evses = 1,
): Bench => {
  const station = new SimStation(
    {
      id: 'S1',
      version,
      model: stationModel(modelId)!,
      faults,
      evses: Array.from({ length: evses }, (_, i) => evse('S1', i + 1)),
      supply: EUROPE,
    },
    Array.from({ length: evses }, () => 5000),
  )
  const events: string[] = []
  const describe = (event: StationEvent): string => {
    if (event.kind === 'status') return event.port.status
    return event.kind === 'stopped' ? `stopped:${event.reason}` : event.kind
  }
  station.listen((event) => events.push(describe(event)))
  let nowMs = T0
  station.startUp(nowMs)
  return {
    station,
    events,
    run: (seconds) => {
      for (let s = 0; s < seconds; s++) {
        nowMs += 1000
        station.step(nowMs, 1)
      }
      return station.ports[0].currentA
    },
    plug: (evseId = 1) =>
      station.plugIn(
        station.port(evseId)!,
        createVehicle(VEHICLE_MODELS[2], { ...PLAIN_TRAITS, soc: 0.1 }),
      ),
    start: (transactionId = 'T1', evseId = 1) => {
      station.start(station.port(evseId)!, 'TOKEN', { transactionId })
    },
  }
}

const profile = (over: Partial<InstalledProfile> & { limit?: number } = {}): InstalledProfile => {
  const { limit = 10, ...rest } = over
  return {
    id: 1,
    evseId: 1,
    purpose: 'tx-default',
    stackLevel: 0,
    transactionId: null,
    kind: 'absolute',
    validFromMs: null,
    validToMs: null,
    startMs: T0 - 60_000,
    durationS: null,
    unit: 'A',
    periods: [{ startS: 0, limit, numberPhases: null }],
    ...rest,
  }
}
const tx = (over: Parameters<typeof profile>[0] = {}) =>
  profile({ id: 2, purpose: 'tx', transactionId: 'T1', ...over })

describe('a stay', () => {
  test('tells what happens, in order', () => {
    const { station, events, run, plug, start } = bench()
    plug()
    start()
    run(10)
    station.install(tx({ limit: 0 }))
    run(10)
    station.install(tx({ limit: 10 }))
    run(30)
    station.stop(station.ports[0], 'remote')
    station.unplug(station.ports[0])
    expect(events.join(' ')).toBe(
      'plugged occupied started charging suspended-evse charging ' +
        'stopped:remote finishing unplugged available',
    )
  })

  test('without a transaction nothing flows', () => {
    const { run, plug } = bench()
    plug()
    expect(run(60)).toBe(0)
  })

  test('a full vehicle is suspended by itself', () => {
    const { station, run, start } = bench()
    const full = createVehicle(VEHICLE_MODELS[0], { ...PLAIN_TRAITS, soc: 0.9, targetSoc: 0.8 })
    station.plugIn(station.ports[0], full)
    start()
    run(60)
    expect(station.ports[0].status).toBe('suspended-ev')
  })

  test('an inoperative port is unavailable once it is free', () => {
    const { station, plug, start } = bench()
    const [port] = station.ports
    plug()
    start()
    station.setOperative(port, false)
    expect(port.status).not.toBe('unavailable')
    station.unplug(port)
    expect(port.status).toBe('unavailable')
    plug()
    expect(station.start(port, 'TOKEN')).toBe(false)
  })
})

describe('profiles', () => {
  let it: Bench
  beforeEach(() => {
    it = bench()
    it.plug()
    it.start()
  })

  test('without one the rating is offered', () => expect(it.run(30)).toBe(32))

  test('the transaction profile goes first and ends with its time', () => {
    it.station.install(profile({ limit: 8 }))
    it.station.install(tx({ limit: 20, validToMs: T0 + 60_000 }))
    expect(it.run(30)).toBe(20)
    it.run(29)
    expect(it.run(6)).toBe(8)
  })

  test('a new default holds for the running transaction', () => {
    it.station.install(profile({ limit: 8 }))
    expect(it.run(30)).toBe(8)
    it.station.install(profile({ limit: 12 }))
    expect(it.run(30)).toBe(12)
  })

  test('a transaction profile goes with its transaction', () => {
    it.station.install(tx())
    it.station.stop(it.station.ports[0], 'local')
    expect(it.station.profiles).toEqual([])
  })

  test('clear by id, by criteria, and when nothing matches', () => {
    it.station.install(profile())
    it.station.install(tx())
    expect(it.station.clear({ profileId: 9 })).toBe(0)
    expect(it.station.clear({ purpose: 'tx', evseId: 1 })).toBe(1)
    expect(it.station.clear({})).toBe(1)
    expect(it.run(30)).toBe(32)
  })

  test('watts', () => {
    it.station.install(tx({ unit: 'W', periods: [{ startS: 0, limit: 6900, numberPhases: 3 }] }))
    expect(it.run(30)).toBe(10)
  })

  test('the composite schedule says what the station will do', () => {
    it.station.install(profile({ limit: 8 }))
    it.station.install(tx({ limit: 20, validToMs: T0 + 600_000 }))
    const told = it.station.composite(1, 3600)
    expect(told.map(({ limitA, untilMs }) => [limitA, untilMs - T0])).toEqual([
      [20, 600_000],
      [8, 3_600_000],
    ])
  })

  test('two ports share the station maximum', () => {
    const it = bench({}, '2.0.1', 'full', 2)
    it.station.install(profile({ purpose: 'station-max', evseId: 0, limit: 24 }))
    it.plug(1)
    it.start('T1', 1)
    expect(it.run(30)).toBe(24)
    it.plug(2)
    it.start('T2', 2)
    it.run(30)
    expect(it.station.ports.map((port) => port.currentA)).toEqual([12, 12])
    expect(it.station.composite(0, 60)[0].limitA).toBe(24)
  })
})

describe('what is rejected', () => {
  const both: readonly OcppVersion[] = ['1.6', '2.0.1']
  const cases: readonly [string, InstalledProfile, readonly OcppVersion[], string?][] = [
    ['unknown EVSE', profile({ evseId: 7 }), both],
    ['a transaction profile for the station', tx({ evseId: 0 }), both],
    ['another transaction', tx({ transactionId: 'T9' }), both],
    ['no transaction id', tx({ transactionId: null }), ['2.0.1']],
    ['a station maximum on an EVSE', profile({ purpose: 'station-max' }), both],
    ['external constraints', profile({ purpose: 'external', evseId: 0 }), both],
    ['a level too high', profile({ stackLevel: 11 }), both],
    ['no periods', profile({ periods: [] }), both],
    ['a first period that is late', profile({ periods: [{ startS: 5, limit: 9, numberPhases: 3 }] }), both], // prettier-ignore
    ['periods out of order', profile({ periods: [0, 60, 60].map((startS) => ({ startS, limit: 9, numberPhases: 3 })) }), both], // prettier-ignore
    ['an absolute one without a start', profile({ startMs: null }), ['2.0.1']],
    ['a relative one with a start', profile({ kind: 'relative' }), ['2.0.1']],
    ['a relative station maximum', profile({ purpose: 'station-max', evseId: 0, kind: 'relative', startMs: null }), ['2.0.1']], // prettier-ignore
    ['watts where only amperes are known', profile({ unit: 'W' }), both, 'amperes-only'],
    ['amperes where only watts are known', profile(), both, 'watts-only'],
    ['level 1 where only 0 is known', profile({ stackLevel: 1 }), both, 'level-zero'],
  ]
  test.each(cases)('%s', (_, it, versions, model) => {
    for (const version of both) {
      const { station, plug, start } = bench({}, version, model)
      plug()
      start()
      expect([version, station.install(it) === null]).toEqual([
        version,
        !versions.includes(version),
      ])
    }
  })

  test('a transaction profile without a transaction, or before its id is known', () => {
    const { station, plug, start } = bench({}, '1.6')
    expect(station.install(tx())).toMatch(/no transaction/)
    plug()
    start(null)
    expect(station.install(tx())).toMatch(/another transaction/)
    station.nameTransaction(station.ports[0].transaction!, 'T1')
    expect(station.install(tx())).toBeNull()
  })

  test('more than the store holds, but never a replacement', () => {
    const { station } = bench({}, '2.0.1', 'level-zero', 3)
    const of = (id: number) => profile({ id, evseId: id })
    expect([1, 2, 3].map((id) => station.install(of(id)))).toEqual([null, null, null])
    expect(station.install({ ...of(1), id: 4 })).toMatch(/full/)
    expect(station.install(of(3))).toBeNull()
  })

  test('2.0.1: the same level for all and for one', () => {
    const { station } = bench()
    expect(station.install(profile({ id: 1, evseId: 0 }))).toBeNull()
    expect(station.install(profile({ id: 2, evseId: 1 }))).toMatch(/elsewhere/)
    expect(station.install(profile({ id: 2, evseId: 1, stackLevel: 1 }))).toBeNull()
  })
})

describe('restart', () => {
  test('ends transactions and keeps profiles, also without power no current', () => {
    const { station, events, run, plug, start } = bench()
    station.install(profile({ limit: 8 }))
    plug()
    start()
    run(20)
    station.shutDown()
    expect(events).toContain('stopped:reboot')
    expect(run(10)).toBe(0)
    expect(station.start(station.ports[0], 'TOKEN')).toBe(false)
    station.startUp(T0 + 60_000)
    expect(station.profiles).toHaveLength(1)
    start('T2')
    expect(run(30)).toBe(8)
  })
})

describe('faults', () => {
  const charging = (faults: StationFaults): Bench => {
    const it = bench(faults)
    it.plug()
    it.start()
    return it
  }

  test('losesProfilesOnReboot', () => {
    const it = bench({ losesProfilesOnReboot: true })
    it.station.install(profile())
    it.station.shutDown()
    it.station.startUp(T0)
    expect(it.station.profiles).toEqual([])
  })

  test('ignoresLimits', () => {
    const it = charging({ ignoresLimits: true })
    expect(it.station.install(tx({ limit: 8 }))).toBeNull()
    expect(it.run(30)).toBe(32)
  })

  test('refusesZero', () => {
    const it = charging({ refusesZero: true })
    expect(it.station.install(tx({ limit: 0 }))).toMatch(/0/)
    expect(it.station.install(tx({ limit: 6 }))).toBeNull()
  })

  test('rejectsStackLevelAbove', () => {
    const it = charging({ rejectsStackLevelAbove: 0 })
    expect(it.station.install(tx({ stackLevel: 1 }))).toMatch(/level/)
    expect(it.station.install(tx({ stackLevel: 0 }))).toBeNull()
  })

  test('refusesDecimals', () => {
    const it = charging({ refusesDecimals: true })
    expect(it.station.install(tx({ limit: 8.5 }))).toMatch(/whole/)
    expect(it.station.install(tx({ limit: 8 }))).toBeNull()
  })

  test('keepsDefaultWhileCharging', () => {
    const it = charging({ keepsDefaultWhileCharging: true })
    it.station.install(profile({ limit: 8 }))
    expect(it.run(30)).toBe(32)
    it.station.stop(it.station.ports[0], 'local')
    it.start('T2')
    expect(it.run(30)).toBe(8)
  })

  test('a wrong clock makes profiles begin and end at the wrong time', () => {
    const late = charging({ clock: { offsetMs: 3 * 3_600_000 } })
    late.station.install(tx({ limit: 8, validToMs: T0 + 600_000 }))
    expect(late.run(30)).toBe(32)
    const epoch = charging({ clock: 'epoch' })
    epoch.station.install(tx({ limit: 8 }))
    expect(epoch.run(30)).toBe(32)
    expect(new Date(epoch.station.ownTimeMs).getUTCFullYear()).toBe(1970)
  })
})

describe('one phase of three', () => {
  const onePhase = (phaseToUse?: 1 | 2 | 3) =>
    tx({
      startMs: T0,
      periods: [{ startS: 0, limit: 16, numberPhases: 1, ...(phaseToUse && { phaseToUse }) }],
    })
  /** Lines that carry current. */
  const lines = ({ station }: Bench) =>
    station.ports[0].line.re.map((amps) => amps * station.ports[0].currentA > 1)

  test('a station that can goes down and comes back', () => {
    const it = bench()
    it.plug()
    it.start()
    it.run(30)
    expect(lines(it)).toEqual([true, true, true])
    it.station.install(tx({ limit: 0 }))
    it.run(10)
    it.station.install(onePhase())
    it.run(30)
    expect(lines(it)).toEqual([true, false, false])
    expect(it.station.ports[0].powerW).toBeCloseTo(16 * 230)
    it.station.install(tx({ periods: [{ startS: 0, limit: 0, numberPhases: 1 }] }))
    it.run(10)
    it.station.install(tx({ limit: 16 }))
    it.run(30)
    expect(lines(it)).toEqual([true, true, true])
    expect(it.station.ports[0].liveSwitches).toBe(0)
  })

  test('a switch while current flows is counted', () => {
    const it = bench()
    it.plug()
    it.start()
    it.run(30)
    it.station.install(onePhase())
    it.run(1)
    expect(it.station.ports[0].liveSwitches).toBe(1)
  })

  test('it uses the phase that it is told, if it can choose', () => {
    const it = bench()
    it.plug()
    it.start()
    expect(it.station.install(onePhase(3))).toBeNull()
    it.run(30)
    expect(lines(it)).toEqual([false, false, true])
    const plain = bench({}, '2.0.1', 'amperes-only')
    plain.plug()
    plain.start()
    expect(plain.station.install(onePhase(3))).toBe('phaseToUse is unknown')
  })

  test.each<[string, StationFaults, string]>([
    ['that ignores it', { ignoresPhases: true }, 'full'],
    ['without the contactor', {}, 'amperes-only'],
  ])('a station %s takes the profile and stays on three', (_, faults, model) => {
    const it = bench(faults, '2.0.1', model)
    it.plug()
    it.start()
    expect(it.station.install(onePhase())).toBeNull()
    it.run(30)
    expect(lines(it)).toEqual([true, true, true])
  })

  test('a station that refuses it says so', () => {
    const it = bench({ refusesOnePhase: true })
    it.plug()
    it.start()
    expect(it.station.install(onePhase())).toBe('three phases only')
  })
})
