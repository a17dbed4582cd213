import { beforeEach, describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/domain/plan.ts'
import { createBench, MINUTE_MS, START_MS, type Bench } from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})

const houseReading = (powerW: number) => ({
  stale: false,
  ageS: 1,
  reading: {
    meterId: 'house',
    measuredAtMs: START_MS,
    receivedAtMs: START_MS,
    quality: 'good' as const,
    currentA: [5, 6, 7] as const,
    powerW,
  },
})

describe('the site', () => {
  test('before the first tick nothing is known of its power', async () => {
    expect(await bench.get('/v1/site')).toMatchObject({
      id: 'depot',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      connectionNodeId: 'main',
      evseCount: 3,
      at: null,
      gridW: null,
      failsafe: null,
    })
  })

  test('its power per source comes from the meters and the last tick', async () => {
    bench.readings.set('house', houseReading(4_140))
    await bench.run(1)
    expect(await bench.get('/v1/site')).toMatchObject({
      at: '2026-11-22T08:00:01.000Z',
      gridW: 4_140,
      uncontrolledW: 4_140,
      evW: 0,
      loads: [{ id: 'building', reading: { powerW: 4_140, currentA: [5, 6, 7], stale: false } }],
    })
  })
})

describe('nodes', () => {
  test('the tree comes without state before the first tick', async () => {
    const { items } = await bench.get('/v1/nodes')
    expect(items.map(({ id, parentId, now }) => [id, parentId, now])).toEqual([
      ['main', null, null],
      ['garage', 'main', null],
    ])
  })

  test('loads, headroom and problems per phase', async () => {
    bench.readings.set('house', houseReading(4_140))
    bench.connect('CP1')
    await bench.run(1)
    // Two EVSEs that connected and never accepted anything count with their full rating.
    expect(await bench.get('/v1/nodes/main')).toMatchObject({
      limitA: [100, 100, 100],
      margin: 0.05,
      now: {
        uncontrolledA: [5, 6, 7],
        mayDrawA: [64, 64, 64],
        headroomA: [31, 30, 29],
        problems: [
          { code: 'meter-stale', meterId: 'grid', ageS: -1 },
          { code: 'reserved', cause: 'offline', amps: 64, keys: ['CP1/1', 'CP1/2'] },
        ],
      },
    })
  })

  test('an event shows at the node that it limits', async () => {
    await bench.run(1)
    await bench.request('POST', '/v1/events', {
      eventId: 'e1',
      signal: { kind: 'import-limit', unit: 'W', scope: 'connection' },
      intervals: [{ durationS: 600, value: 30_000 }],
    })
    await bench.run(1)
    expect(await bench.get('/v1/nodes/main')).toMatchObject({
      now: { eventLimitW: 30_000, eventIds: ['e1'] },
    })
  })
})

describe('EVSEs', () => {
  test('they can be picked by station, node and status', async () => {
    await bench.charge('CP1', 2)
    const keys = async (query: string) =>
      (await bench.get(`/v1/evses?${query}`)).items.map(({ key }) => key)
    expect(await keys('')).toEqual(['CP1/1', 'CP1/2', 'CP2/1'])
    expect(await keys('stationId=CP1')).toEqual(['CP1/1', 'CP1/2'])
    expect(await keys('status=occupied')).toEqual(['CP1/2'])
    expect(await keys('nodeId=main')).toEqual([])
    expect(await keys('nodeId=garage&limit=1&offset=2')).toEqual(['CP2/1'])
  })

  test('one EVSE with its session, measurement and grant', async () => {
    const transactionId = await bench.charge('CP1', 1)
    const evse = bench.csms.fleet.states()[0] as { measured: unknown }
    evse.measured = {
      measuredAtMs: START_MS,
      receivedAtMs: START_MS + 500,
      currentA: [10, 10, 10],
      powerW: 6_900,
      soc: 0.4,
    }
    await bench.run(1)
    expect(await bench.get('/v1/evses/CP1/1')).toMatchObject({
      key: 'CP1/1',
      online: true,
      status: 'occupied',
      transactionId,
      measured: { measuredAt: '2026-11-22T08:00:00.000Z', powerW: 6_900, soc: 0.4 },
      grant: { key: 'CP1/1', reasons: [{ text: expect.any(String) }] },
    })
  })

  test('grants have their reasons in words, and a history', async () => {
    await bench.charge('CP1', 1)
    await bench.run(20)
    const { items } = await bench.get('/v1/grants')
    expect(items[2]).toMatchObject({
      key: 'CP2/1',
      limitA: 0,
      mayDrawA: 0,
      validTo: null,
      reasons: [{ code: 'planned' }],
    })
    const past = (await bench.get('/v1/evses/CP1/1/grants')).items
    expect(past.length).toBeGreaterThan(1)
    expect(past[0]).toMatchObject({ limitA: items[0].limitA })
    const before = await bench.get(`/v1/evses/CP1/1/grants?to=${String(past[0].at)}`)
    expect(before.items).toEqual(past.slice(1))
  })
})

describe('why', () => {
  const plan: Plan = {
    id: 'depot-1',
    createdAtMs: START_MS,
    startMs: START_MS,
    stepS: 900,
    steps: 2,
    method: 'greedy',
    fallbackBecause: 'there was no time',
    sessions: [
      {
        sessionId: 'not there',
        key: 'CP1/1',
        powerW: [0, 4_140],
        energyWh: 1_035,
        unservedWh: 0,
        unservedBecause: null,
      },
    ],
    controlledW: [0, 4_140],
    baseW: [1_000, 1_000],
    cost: 1.2,
    costs: { energy: 0.9, demand: 0.1, baseDemand: 0, carbon: 0, shortfall: 0.2, other: 0 },
    lowerBound: null,
    bottlenecks: [
      {
        nodeId: 'garage',
        kind: 'event',
        phase: null,
        eventId: 'dr-7',
        startMs: START_MS,
        endMs: START_MS + MINUTE_MS,
        pricePerKwh: 0.11,
        text: 'Garage feeder limit of event dr-7 between 09:00 and 09:01 costs 0.11 EUR/kWh',
      },
    ],
  }

  test('an idle EVSE before the first tick', async () => {
    expect(await bench.get('/v1/evses/CP1/1/why')).toMatchObject({
      at: null,
      summary: 'Nothing has been decided yet',
      session: null,
      plan: null,
      profiles: [],
      events: [],
      nodes: [{ id: 'garage' }, { id: 'main' }],
    })
  })

  test('limit, reasons, path, profiles and session of a charging EVSE', async () => {
    await bench.charge('CP1', 1)
    await bench.run(20)
    const why = await bench.get('/v1/evses/CP1/1/why')
    expect(why).toMatchObject({
      at: '2026-11-22T08:00:20.000Z',
      session: { idToken: 'CARD1' },
      evse: { grant: { inForceA: expect.any(Number) } },
    })
    const grant = (why.evse as { grant: { limitA: number } }).grant
    expect(why.summary).toMatch(new RegExp(`^${grant.limitA} A: .*Garage feeder`))
    const profiles = why.profiles as { purpose: string }[]
    expect(profiles.map(({ purpose }) => purpose).sort()).toEqual(['tx', 'tx-default'])
    expect(profiles.find(({ purpose }) => purpose === 'tx-default')).toMatchObject({
      desired: { validTo: null, schedule: { unit: 'A', periods: [{ startS: 0, limit: 6 }] } },
      sent: { at: expect.any(String) },
      reported: { at: expect.any(String) },
      verified: null,
    })
  })

  test('only events that are about the EVSE', async () => {
    await bench.run(1)
    for (const [eventId, targets] of [
      ['whole-site', []],
      ['its-feeder', ['garage']],
      ['its-station', ['CP1']],
      ['itself', ['CP1/1']],
      ['another', ['CP2']],
    ] as const) {
      await bench.request('POST', '/v1/events', {
        eventId,
        signal: { kind: 'import-limit', unit: 'W' },
        intervals: [{ durationS: 600, value: 20_000 }],
        targets,
      })
    }
    const events = (await bench.get('/v1/evses/CP1/1/why')).events as { eventId: string }[]
    expect(events.map(({ eventId }) => eventId).sort()).toEqual([
      'its-feeder',
      'its-station',
      'itself',
      'whole-site',
    ])
  })

  test('the part of the plan that is about its session', async () => {
    const sessions = [...plan.sessions]
    const planned = await createBench({ plan: { ...plan, sessions } })
    await planned.charge('CP1', 1)
    const [session] = planned.csms.sessions.open()
    expect((await planned.get('/v1/evses/CP1/1/why')).plan).toBeNull()
    sessions.push({ ...sessions[0], sessionId: session.id })
    expect((await planned.get('/v1/evses/CP1/1/why')).plan).toEqual({
      planId: 'depot-1',
      start: '2026-11-22T08:00:00.000Z',
      stepS: 900,
      session: { ...sessions[0], sessionId: session.id },
    })
  })

  test('the plan itself, and one of before', async () => {
    const planned = await createBench({ plan })
    await planned.storage.commit([
      {
        table: 'plan',
        row: {
          id: 'depot-0',
          createdAtMs: START_MS - MINUTE_MS,
          document: { ...plan, id: 'depot-0', createdAtMs: START_MS - MINUTE_MS },
        },
      },
    ])
    expect(await planned.get('/v1/plan')).toMatchObject({
      id: 'depot-1',
      cost: 1.2,
      costs: plan.costs,
      gap: null,
      fallbackBecause: 'there was no time',
      bottlenecks: [{ kind: 'event', eventId: 'dr-7', text: plan.bottlenecks[0].text }],
    })
    expect(await planned.get('/v1/plans/depot-1')).toEqual(await planned.get('/v1/plan'))
    expect(await planned.get('/v1/plans/depot-0')).toMatchObject({
      id: 'depot-0',
      createdAt: '2026-11-22T07:59:00.000Z',
    })
  })
})
