import { beforeEach, describe, expect, test } from 'vitest'
import { createBench, MINUTE_MS, START_MS, type Bench } from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})

const stop = async (stationId: string, transactionId: string): Promise<void> => {
  await bench.csms.transactions.stop(bench.csms.stations.mustFind(stationId), {
    transactionId,
    stoppedAtMs: bench.clock.now(),
    meterStopWh: 3_500,
    idToken: null,
    reason: 'Local',
    sets: [
      {
        statedMs: START_MS + MINUTE_MS,
        context: 'Sample.Periodic',
        values: [
          ['Energy.Active.Import.Register', '', 'Wh', 2_000],
          ['Current.Import', 'L1', 'A', 15.5],
        ],
      },
    ],
  })
}

describe('sessions', () => {
  test('active ones are those of the vehicles that are there', async () => {
    await bench.charge('CP1', 1, 'A')
    await bench.charge('CP2', 1, 'B')
    const { items, nextOffset } = await bench.get('/v1/sessions')
    expect(items.map(({ stationId, idToken }) => [stationId, idToken])).toEqual([
      ['CP1', 'A'],
      ['CP2', 'B'],
    ])
    expect(nextOffset).toBeNull()
    expect((await bench.get('/v1/sessions?stationId=CP2')).items).toHaveLength(1)
    expect((await bench.get('/v1/sessions?state=ended')).items).toEqual([])
  })

  test('ended ones come latest first, in pages, between two times', async () => {
    for (const idToken of ['A', 'B', 'C']) {
      const transactionId = await bench.charge('CP1', 1, idToken)
      await bench.clock.advanceTo(bench.clock.now() + 10 * MINUTE_MS)
      await stop('CP1', transactionId)
    }
    await bench.csms.journal.settled()
    const ended = async (query: string) =>
      (await bench.get(`/v1/sessions?state=ended&${query}`)).items.map(({ idToken }) => idToken)
    expect(await ended('')).toEqual(['C', 'B', 'A'])
    const page = await bench.get('/v1/sessions?state=ended&limit=2')
    expect([page.items.length, page.nextOffset]).toEqual([2, 2])
    expect(await ended('limit=2&offset=2')).toEqual(['A'])
    expect(await ended('from=2026-11-22T08:20:00Z')).toEqual(['C', 'B'])
    expect(await ended('to=2026-11-22T08:20:00Z')).toEqual(['A'])
    expect(await ended('from=2026-11-22T09:20:00%2B01:00&to=2026-11-22T08:30:00Z')).toEqual(['B'])
    expect(await ended('stationId=CP2')).toEqual([])
  })

  test('need and priority can be said, with who said it', async () => {
    await bench.charge('CP1', 1)
    const [{ id }] = bench.csms.sessions.open()
    const answer = await bench.request('PATCH', `/v1/sessions/${id}`, {
      need: { energyWh: 20_000, departure: '2026-11-22T18:00:00+01:00' },
      priority: 5,
    })
    expect(answer.json()).toMatchObject({
      need: { energyWh: 20_000, departure: '2026-11-22T17:00:00.000Z', source: 'api' },
      priority: 5,
    })
    expect(await bench.get(`/v1/sessions/${id}`)).toEqual(answer.json())
    const audit = (await bench.get('/v1/audit')).items
    expect(audit.map(({ action, target, actor }) => [action, target, actor])).toEqual(
      expect.arrayContaining([
        ['session.priority', id, expect.stringMatching(/^token:[0-9a-f]{12}\//)],
        ['session.need', id, expect.stringMatching(/^token:[0-9a-f]{12}\//)],
      ]),
    )
  })

  test('a departure that is past is refused, and nothing is changed', async () => {
    await bench.charge('CP1', 1)
    const [{ id, need, priority }] = bench.csms.sessions.open()
    const answer = await bench.request('PATCH', `/v1/sessions/${id}`, {
      need: { energyWh: 1, departure: new Date(START_MS - 1000).toISOString() },
      priority: 7,
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toMatchObject({
      code: 'payload-invalid',
      detail: 'departure must be in the future, or null',
    })
    expect(bench.csms.sessions.open()).toMatchObject([{ id, need, priority }])
  })

  test('what is left out of a change stays', async () => {
    await bench.charge('CP1', 1)
    const [{ id, need }] = bench.csms.sessions.open()
    const answer = await bench.request('PATCH', `/v1/sessions/${id}`, { priority: -3 })
    expect(answer.json()).toMatchObject({
      priority: -3,
      need: { energyWh: need.energyWh, departure: null, source: 'default' },
    })
  })
})

describe('transactions', () => {
  test('a transaction with its meter values', async () => {
    const transactionId = await bench.charge('CP1', 1)
    await bench.clock.advanceTo(START_MS + 30 * MINUTE_MS)
    await stop('CP1', transactionId)
    expect(await bench.get(`/v1/transactions/CP1/${transactionId}`)).toMatchObject({
      state: 'ended',
      startedAt: '2026-11-22T08:00:00.000Z',
      endedAt: '2026-11-22T08:30:00.000Z',
      meterStartWh: 1_000,
      meterStopWh: 3_500,
      stopReason: 'Local',
      gaps: [],
    })
    const samples = await bench.get(`/v1/transactions/CP1/${transactionId}/samples`)
    expect(samples.items).toMatchObject([
      {
        measuredAt: '2026-11-22T08:01:00.000Z',
        context: 'Sample.Periodic',
        values: [
          { measurand: 'Energy.Active.Import.Register', phase: '', unit: 'Wh', value: 2_000 },
          { measurand: 'Current.Import', phase: 'L1', unit: 'A', value: 15.5 },
        ],
      },
    ])
    const later = await bench.get(
      `/v1/transactions/CP1/${transactionId}/samples?from=2026-11-22T08:02:00Z`,
    )
    expect(later.items).toEqual([])
  })

  test('they can be picked by station and state', async () => {
    const first = await bench.charge('CP1', 1)
    await stop('CP1', first)
    await bench.charge('CP1', 2, 'B')
    await bench.charge('CP2', 1, 'C')
    const states = async (query: string) =>
      (await bench.get(`/v1/transactions?${query}`)).items.map(({ state }) => state)
    expect(await states('stationId=CP1')).toEqual(['open', 'ended'])
    expect(await states('state=open')).toEqual(['open', 'open'])
    expect(await states('state=orphan')).toEqual([])
  })

  test('a ghost can be closed once, on record', async () => {
    const transactionId = await bench.charge('CP1', 1)
    const close = () => bench.request('POST', `/v1/transactions/CP1/${transactionId}/close`)
    expect((await close()).json()).toMatchObject({ state: 'ended', stopReason: 'Operator' })
    expect((await close()).json()).toMatchObject({ code: 'conflict' })
    const { items } = await bench.get('/v1/audit?action=transaction.close')
    expect(items).toMatchObject([{ target: `CP1/${transactionId}` }])
  })

  test('an id with odd characters is one path segment', async () => {
    await bench.charge('CP1', 1)
    const station = bench.csms.stations.mustFind('CP1')
    await bench.csms.transactions.stop(station, {
      transactionId: '9/9?x',
      stoppedAtMs: START_MS,
      meterStopWh: 5,
      idToken: 'nobody',
      reason: null,
      sets: [],
    })
    const [{ transactionId }] = (await bench.get('/v1/transactions?state=orphan')).items
    const url = `/v1/transactions/CP1/${encodeURIComponent(String(transactionId))}`
    expect(await bench.get(url)).toMatchObject({ transactionId, state: 'orphan', evseId: 0 })
  })
})
