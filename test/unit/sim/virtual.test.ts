import { describe, expect, test } from 'vitest'
import type { Site } from '../../../src/domain/site.ts'
import type { EvseState } from '../../../src/domain/evse-state.ts'
import type { Reading } from '../../../src/domain/reading.ts'
import type { CommandResult } from '../../../src/ports/station-gateway.ts'
import type { SimulationSettings } from '../../../src/sim/settings.ts'
import { runVirtual, type VirtualPorts } from '../../../src/sim/virtual.ts'
import { formatResult } from '../../../src/sim/virtual/report.ts'
import { shareControl } from './share-control.ts'
import { evse, load, node, site } from './site.ts'

const SITE = site({
  nodes: [node('main', { limitA: [80, 80, 80] })],
  loads: [load('hall', { designA: [40, 40, 40] })],
  evses: Array.from({ length: 10 }, (_, i) => evse(`S${i + 1}`, 1, {})),
})
const WORK: SimulationSettings = { place: 'workplace', vehiclesPerDay: 25, initialVehicles: 4 }

/** A run with a control that does nothing but what `tick` says. */
const observe = (
  tick: (ports: VirtualPorts, second: number) => void,
  settings: SimulationSettings = WORK,
  minutes = 5,
  where: Site = SITE,
  onReading: (reading: Reading) => void = () => {},
) => {
  let second = 0
  return runVirtual({
    site: where,
    settings,
    hours: minutes / 60,
    control: (ports) => ({ onReading, tick: () => tick(ports, ++second) }),
  })
}
const stateOf = ({ fleet }: VirtualPorts, key: string): EvseState =>
  fleet.states().find((state) => state.evse.key === key)!
const limit = (limitA: number, transactionId: string | null = null) => ({
  id: transactionId === null ? 1 : 2,
  purpose: transactionId === null ? ('tx-default' as const) : ('tx' as const),
  stackLevel: 0,
  transactionId,
  validToMs: null,
  schedule: {
    startMs: 0,
    durationS: null,
    unit: 'A' as const,
    numberPhases: 3 as const,
    periods: [{ startS: 0, limit: limitA }],
  },
})

describe('a day', () => {
  const run = (seed: number, hours: number) =>
    runVirtual({
      site: SITE,
      settings: { ...WORK, timeOfDay: '06:00' },
      hours,
      seed,
      control: shareControl,
      priceAt: () => 0.3,
    })

  test('under a control: within the limit, energy delivered, everything counted', async () => {
    const result = await run(1, 18)
    expect(result.secondsAboveLimit).toBe(0)
    expect(result.nodes[0].worstLoading).toBeGreaterThan(0.5)
    expect(result.nodes[0].worstLoading).toBeLessThanOrEqual(1)
    expect(result.energyKwh).toBeGreaterThan(100)
    expect(result.sessions.served).toBeGreaterThan(8)
    expect(result.sessions.fullyServed).toBeLessThanOrEqual(result.sessions.served)
    expect(result.sessions.arrived + result.sessions.turnedAway).toBe(29)
    expect(result.peakKw.siteQuarterHour).toBeLessThanOrEqual(result.peakKw.site)
    expect(result.cost!.ev).toBeCloseTo(0.3 * result.energyKwh)
    expect(result.cost!.site).toBeGreaterThan(result.cost!.ev)
    const { perStation, total } = result.commands
    expect(Object.values(perStation).reduce((a, b) => a + b)).toBe(total)
    const text = formatResult(result, SITE.timeZone, 'EUR')
    expect(text).toMatch(/Above a limit +0 s/)
    expect(text).toMatch(/\nmain +\d+\.\d %/)
  })

  test('is the same for the same seed and another for another', async () => {
    const [first, again, other] = [await run(3, 4), await run(3, 4), await run(4, 4)]
    expect(again).toEqual(first)
    expect(other.energyKwh).not.toBe(first.energyKwh)
  })

  test('without a control the limit does not hold, and the measures say so', async () => {
    const result = await runVirtual({
      site: site({ ...SITE, nodes: [node('main', { limitA: [50, 50, 50] })] }),
      settings: { ...WORK, initialVehicles: 10 },
      hours: 1,
      control: () => ({ onReading: () => {}, tick: () => {} }),
    })
    expect(result.nodes[0].worstLoading).toBeGreaterThan(1.2)
    expect(result.secondsAboveLimit).toBeGreaterThan(60)
    expect(result.secondsAboveLimit).toBe(result.nodes[0].secondsAbove)
    expect(result.cost).toBeNull()
  })

  test('forty EVSEs take seconds', async () => {
    const where = site({
      evses: Array.from({ length: 40 }, (_, i) => evse(`S${i + 1}`, 1)),
      nodes: [node('main', { limitA: [400, 400, 400] })],
    })
    const before = performance.now()
    await runVirtual({
      site: where,
      settings: { place: 'workplace', vehiclesPerDay: 100 },
      hours: 24,
      control: () => ({ onReading: () => {}, tick: () => {} }),
    })
    expect(performance.now() - before).toBeLessThan(10_000)
  })
})

describe('the fleet', () => {
  test('connects, shows sessions and measures, and says the need of those who told it', async () => {
    const seen = new Set<string>()
    const settings = { ...WORK, initialVehicles: 10, tellNeed: 0.5 }
    await observe((ports, second) => {
      for (const state of ports.fleet.states()) {
        if (second < 2 || !state.session) continue
        seen.add(state.session.need.source)
        expect(state.ready).toBe(true)
        expect(state.session.stationId).toBe(state.evse.stationId)
        if (state.session.need.source === 'default') expect(state.session.need.energyWh).toBeNull()
        else expect(state.session.need.departureMs).toBeGreaterThan(ports.clock.now())
      }
      if (second !== 300) return
      const charging = ports.fleet.states().filter((state) => state.status === 'charging')
      expect(charging.length).toBeGreaterThan(5)
      for (const { measured, session } of charging) {
        expect(measured!.powerW).toBeGreaterThan(1000)
        expect(session!.transactionId).not.toBeNull()
        expect(session!.energyWh).toBeGreaterThan(0)
        expect(ports.clock.now() - measured!.measuredAtMs).toBeLessThanOrEqual(10_000)
      }
      expect(new Set(charging.map(({ session }) => session!.id)).size).toBe(charging.length)
    }, settings)
    expect(seen).toEqual(new Set(['driver', 'default']))
  })

  test('knows nothing new of a station that is away, and sees its return as a new connection', async () => {
    const settings = {
      ...WORK,
      initialVehicles: 10,
      stations: { S1: { outages: [{ fromS: 60, forS: 60 }] } },
    }
    const generations: number[] = []
    const measuredAt: number[] = []
    await observe((ports, second) => {
      const state = stateOf(ports, 'S1/1')
      expect(ports.gateway.online('S1')).toBe(state.ready)
      if ([50, 90, 150].includes(second)) {
        generations.push(state.generation)
        measuredAt.push(state.measured!.measuredAtMs)
        expect(state.ready).toBe(second !== 90)
      }
      // Charging goes on without us.
      if (second === 150) expect(state.session!.energyWh).toBeGreaterThan(100)
    }, settings)
    expect(generations[1]).toBe(generations[0])
    expect(generations[2]).toBeGreaterThan(generations[0])
    expect(measuredAt[1] - measuredAt[0]).toBeLessThanOrEqual(10_000)
  })

  test('who comes while a station is away is seen when it returns', async () => {
    const settings = {
      ...WORK,
      initialVehicles: 10,
      stations: { '*': { outages: [{ fromS: 3, forS: 100 }] } },
    }
    const seen: number[] = []
    await observe((ports, second) => {
      if (![90, 150].includes(second)) return
      const here = ports.fleet.states().filter(({ session, status }) => session && status)
      seen.push(here.length)
      for (const { session } of here) expect(session!.connectedAtMs).toBeLessThan(ports.clock.now() - 50_000) // prettier-ignore
    }, settings)
    // One may have come in the first three seconds.
    expect(seen[0]).toBeLessThanOrEqual(1)
    expect(seen[1]).toBe(10)
  })
})

describe('the meters', () => {
  test('are read each second, but not while they are out', async () => {
    const settings = { ...WORK, meterOutages: [{ meterId: 'hall-meter', fromS: 10, forS: 20 }] }
    const count = new Map<string, number>()
    await observe(
      () => {},
      settings,
      1,
      SITE,
      (reading) => {
        expect(reading).toMatchObject({ quality: 'good', voltageV: [230, 230, 230] })
        count.set(reading.meterId, (count.get(reading.meterId) ?? 0) + 1)
      },
    )
    expect(Object.fromEntries(count)).toEqual({ 'main-meter': 60, 'hall-meter': 40 })
  })
})

describe('the gateway', () => {
  /** Sends one command at a second and returns its result with the time that it took. */
  const command = async (
    send: (ports: VirtualPorts) => Promise<CommandResult>,
    atSecond = 120,
    settings: SimulationSettings = { ...WORK, initialVehicles: 10 },
  ) => {
    let result: CommandResult | undefined
    let tookMs = 0
    await observe((ports, second) => {
      if (second !== atSecond) return
      const sentMs = ports.clock.now()
      void send(ports).then((answer) => {
        result = answer
        tookMs = ports.clock.now() - sentMs
      })
    }, settings)
    return { result: result!, tookMs }
  }
  const own = (over: object): SimulationSettings => ({
    ...WORK,
    initialVehicles: 10,
    stations: { S1: over },
  })

  test('a profile is accepted after 0.2 to 1.5 s and then holds', async () => {
    let after = 0
    const { result, tookMs } = await command(async (ports) => {
      const transactionId = stateOf(ports, 'S1/1').session!.transactionId
      const answer = await ports.gateway.setChargingProfile('S1', 1, limit(7, transactionId))
      ports.clock.after(25_000, () => {
        after = stateOf(ports, 'S1/1').measured!.currentA![0]
      })
      return answer
    })
    expect(result).toEqual({ ok: true, response: { status: 'Accepted' } })
    expect(tookMs).toBeGreaterThanOrEqual(200)
    expect(tookMs).toBeLessThanOrEqual(1500)
    expect(after).toBeGreaterThan(6)
    expect(after).toBeLessThanOrEqual(7)
  })

  test.each<[string, SimulationSettings, string]>([
    ['that refuses zero', own({ faults: { refusesZero: true } }), 'rejected'],
    ['that is silent', own({ faults: { silentOn: ['SetChargingProfile'] } }), 'timeout'],
    ['that is away', own({ outages: [{ fromS: 60, forS: 200 }] }), 'offline'],
    ['that goes away meanwhile', own({ faults: { answerDelayMs: 20_000 }, outages: [{ fromS: 121, forS: 90 }] }), 'timeout'], // prettier-ignore
  ])('a station %s', async (_, settings, reason) => {
    const { result } = await command(
      ({ gateway }) => gateway.setChargingProfile('S1', 1, limit(0)),
      120,
      settings,
    )
    expect(result).toMatchObject({ ok: false, reason })
  })

  test('one command at a time, the rest wait, too many are refused', async () => {
    const results: CommandResult[] = []
    await observe((ports, second) => {
      if (second !== 10) return
      for (let i = 0; i < 60; i++) {
        void ports.gateway.setChargingProfile('S1', 1, limit(6)).then((r) => results.push(r))
      }
    })
    expect(results.filter((result) => !result.ok && result.reason === 'busy')).toHaveLength(10)
    expect(results.filter((result) => result.ok)).toHaveLength(50)
  })

  test('composite schedule, in amperes and watts', async () => {
    const { result } = await command(async ({ gateway }) => {
      await gateway.setChargingProfile('S1', 1, limit(10))
      return gateway.getCompositeSchedule('S1', 1, 600, 'W')
    })
    expect(result).toMatchObject({
      ok: true,
      response: { unit: 'W', periods: [{ startS: 0, limit: 6900 }] },
    })
  })

  test('clear, stop, start again, unlock, availability, trigger', async () => {
    const log: string[] = []
    await command(async ({ gateway, fleet, clock }) => {
      const state = () => fleet.states()[0]
      const note = (name: string, { ok }: CommandResult) =>
        log.push(`${name} ${ok} ${state().status}`)
      const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
      note('clear', await gateway.clearChargingProfile('S1', {}))
      note('stop', await gateway.remoteStop('S1', state().session!.transactionId!))
      note('stop', await gateway.remoteStop('S1', 'nothing'))
      note('start', await gateway.remoteStart('S1', 1, 'CARD', limit(8, 'ours')))
      await wait(20_000)
      log.push(`offered ${state().measured!.offeredA}`)
      note('unlock', await gateway.unlock('S1', 1, 1))
      note('off', await gateway.changeAvailability('S1', null, false))
      note('trigger', await gateway.trigger('S1', 'MeterValues', 1))
      note('call', await gateway.call('S1', 'Heartbeat', {}))
      return { ok: true, response: null }
    })
    expect(log).toEqual([
      'clear true charging',
      'stop true finishing',
      'stop false finishing',
      'start true charging',
      'offered 8',
      'unlock true finishing',
      'off true finishing',
      'trigger true finishing',
      'call false finishing',
    ])
  })

  test('a reset takes the station away for a while and keeps its profiles', async () => {
    const ready: boolean[] = []
    await observe(
      (ports, second) => {
        if (second === 60) void ports.gateway.setChargingProfile('S1', 1, limit(9))
        if (second === 100) void ports.gateway.reset('S1', 'immediate')
        if ([99, 110, 130].includes(second)) ready.push(stateOf(ports, 'S1/1').ready)
        if (second !== 250) return
        // The driver has shown the card again.
        expect(stateOf(ports, 'S1/1').measured!.offeredA).toBe(9)
      },
      { ...WORK, initialVehicles: 10 },
    )
    expect(ready).toEqual([true, false, true])
  })
})
