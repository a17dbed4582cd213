import { beforeEach, describe, expect, test } from 'vitest'
import { createBench, MINUTE_MS, START_MS, type Bench } from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})

describe('meters', () => {
  const reading = {
    meterId: 'house',
    measuredAtMs: START_MS,
    receivedAtMs: START_MS + 200,
    quality: 'good' as const,
    powerW: 5_000,
    currentA: [7, 8, 9] as const,
  }

  test('the newest reading of each', async () => {
    expect((await bench.get('/v1/readings')).items).toEqual([])
    bench.readings.set('house', { reading, stale: true, ageS: 90 })
    expect((await bench.get('/v1/readings')).items).toEqual([
      {
        meterId: 'house',
        measuredAt: '2026-11-22T08:00:00.000Z',
        receivedAt: '2026-11-22T08:00:00.200Z',
        quality: 'good',
        powerW: 5_000,
        currentA: [7, 8, 9],
        stale: true,
        ageS: 90,
      },
    ])
  })

  test('stored readings, latest first, between two times', async () => {
    const { meterId, quality, powerW, currentA } = reading
    await bench.storage.commit(
      [0, 1, 2].map((minute) => ({
        table: 'reading',
        row: {
          meterId,
          quality,
          measuredAtMs: START_MS + minute * MINUTE_MS,
          receivedAtMs: START_MS + minute * MINUTE_MS,
          values: { powerW: powerW + minute, currentA },
        },
      })),
    )
    const { items } = await bench.get('/v1/readings/house')
    expect(items.map((item) => item.powerW)).toEqual([5_002, 5_001, 5_000])
    expect(items[0]).toMatchObject({ meterId: 'house', quality: 'good', currentA: [7, 8, 9] })
    const some = await bench.get(
      '/v1/readings/house?from=2026-11-22T08:01:00Z&to=2026-11-22T08:02:00Z',
    )
    expect(some.items.map((item) => item.powerW)).toEqual([5_001])
    expect((await bench.request('GET', '/v1/readings/nothing')).statusCode).toBe(404)
  })

  test('how well meters and sources are heard', async () => {
    expect((await bench.get('/v1/meters')).items).toMatchObject([
      { meterId: 'house', ok: true, derived: ['powerW'], badReadings: 1, detail: 'connected' },
    ])
    expect((await bench.get('/v1/sources')).items).toMatchObject([
      { id: 'dso', delivers: 'events', comms: { state: 'fresh', complete: true } },
      { id: 'tariff', delivers: 'prices', since: null, comms: null },
    ])
  })
})

test('prices: now, and the curves between two times', async () => {
  const hourMs = 60 * MINUTE_MS
  bench.prices.accept({
    sourceId: 'tariff',
    kind: 'import',
    currency: 'EUR',
    segments: [0, 1, 2].map((hour) => ({
      startMs: START_MS + hour * hourMs,
      endMs: START_MS + (hour + 1) * hourMs,
      value: 0.2 + hour / 10,
    })),
  })
  bench.prices.accept({ sourceId: 'grid', kind: 'carbon', currency: '', segments: [] })
  expect(await bench.get('/v1/prices')).toMatchObject({
    currency: 'EUR',
    now: { import: 0.2, export: null, carbon: null },
    series: [
      { sourceId: 'tariff', segments: [{}, {}, {}] },
      { sourceId: 'grid', segments: [] },
    ],
  })
  const some = await bench.get(
    '/v1/prices?kind=import&from=2026-11-22T09:30:00Z&to=2026-11-22T10:00:00Z',
  )
  expect(some.series).toEqual([
    {
      sourceId: 'tariff',
      kind: 'import',
      currency: 'EUR',
      segments: [
        {
          start: '2026-11-22T09:00:00.000Z',
          end: '2026-11-22T10:00:00.000Z',
          value: expect.closeTo(0.3),
        },
      ],
    },
  ])
})

test('messages can be picked by what they are', async () => {
  const frame = (direction: string, kind: string, action: string, minute: number) => ({
    table: 'message' as const,
    row: {
      stationId: minute === 2 ? 'CP2' : 'CP1',
      atMs: START_MS + minute * MINUTE_MS,
      direction,
      kind,
      action,
      messageId: `m${minute}`,
      text: `[2,"m${minute}","${action}",{}]`,
    },
  })
  await bench.storage.commit([
    frame('in', 'call', 'Heartbeat', 0),
    frame('out', 'result', 'Heartbeat', 1),
    frame('in', 'call', 'BootNotification', 2),
  ])
  const ids = async (query: string) =>
    (await bench.get(`/v1/messages?${query}`)).items.map(({ messageId }) => messageId)
  expect(await ids('')).toEqual(['m2', 'm1', 'm0'])
  expect(await ids('stationId=CP1')).toEqual(['m1', 'm0'])
  expect(await ids('action=Heartbeat&direction=in')).toEqual(['m0'])
  expect(await ids('kind=result')).toEqual(['m1'])
  expect(await ids('messageId=m2')).toEqual(['m2'])
  expect(await ids('to=2026-11-22T08:01:00Z')).toEqual(['m0'])
  expect((await bench.get('/v1/messages?limit=1')).items).toEqual([
    {
      at: '2026-11-22T08:02:00.000Z',
      stationId: 'CP2',
      direction: 'in',
      kind: 'call',
      action: 'BootNotification',
      messageId: 'm2',
      text: '[2,"m2","BootNotification",{}]',
    },
  ])
})

describe('id tokens', () => {
  test('made, changed, found in any spelling, forgotten', async () => {
    const put = (idToken: string, body: object) =>
      bench.request('PUT', `/v1/id-tokens/${idToken}`, body)
    const made = await put('04AB', { state: 'accepted', expiresAt: '2027-01-01T00:00:00Z' })
    expect([made.statusCode, made.json()]).toEqual([
      201,
      {
        idToken: '04AB',
        type: null,
        state: 'accepted',
        groupId: null,
        expiresAt: '2027-01-01T00:00:00.000Z',
        note: null,
      },
    ])
    const changed = await put('04ab', { state: 'blocked', note: 'lost' })
    expect([changed.statusCode, changed.json().idToken]).toEqual([200, '04AB'])
    expect(await bench.get('/v1/id-tokens/04Ab')).toMatchObject({ state: 'blocked', note: 'lost' })
    expect((await bench.get('/v1/id-tokens?state=accepted')).items).toEqual([])
    expect((await bench.get('/v1/id-tokens?state=blocked')).items).toHaveLength(1)
    const gone = await bench.request('DELETE', '/v1/id-tokens/04AB')
    expect([gone.statusCode, gone.body]).toEqual([204, ''])
    expect((await bench.request('DELETE', '/v1/id-tokens/04AB')).statusCode).toBe(404)
    const { items } = await bench.get('/v1/audit?target=04AB')
    expect(items.map(({ action }) => action)).toEqual(['token.remove', 'token.put', 'token.put'])
  })
})

describe('API tokens', () => {
  test('the secret is shown once, and works', async () => {
    const made = await bench.request('POST', '/v1/tokens', {
      label: 'scada',
      scopes: ['operate', 'read', 'read'],
      expiresAt: '2027-01-01T00:00:00Z',
    })
    expect(made.statusCode).toBe(201)
    const { secret, ...token } = made.json()
    expect(token).toMatchObject({ label: 'scada', scopes: ['read', 'operate'] })
    const listed = await bench.get('/v1/tokens')
    expect(listed.items).toContainEqual(token)
    expect(JSON.stringify(listed)).not.toContain(secret.slice(4))
    const current = await bench.api.inject({
      url: '/v1/tokens/current',
      headers: { authorization: `Bearer ${secret}` },
    })
    expect(current.json()).toEqual(token)
    const revoked = await bench.request('DELETE', `/v1/tokens/${token.id}`)
    expect(revoked.statusCode).toBe(204)
    expect(bench.tokens.find(secret)).toBeNull()
  })

  test.each([
    [{ label: '', scopes: ['read'] }, '/label'],
    [{ label: 'x', scopes: [] }, '/scopes'],
    [{ label: 'x', scopes: ['root'] }, '/scopes/0'],
    [{ label: 'x', scopes: ['read'], expiresAt: 'never' }, '/expiresAt'],
  ])('%j is refused', async (body, pointer) => {
    const answer = await bench.request('POST', '/v1/tokens', body)
    expect(answer.json().errors).toMatchObject([{ pointer }])
  })
})

test('the audit trail names who did what, and can be picked', async () => {
  await bench.request('PUT', '/v1/id-tokens/A', { state: 'accepted' })
  await bench.clock.advanceTo(START_MS + MINUTE_MS)
  await bench.request('DELETE', '/v1/id-tokens/A')
  const { items } = await bench.get('/v1/audit?target=A')
  const { actor } = items[0]
  expect(items).toMatchObject([
    { at: '2026-11-22T08:01:00.000Z', action: 'token.remove', actor, target: 'A' },
    { at: '2026-11-22T08:00:00.000Z', action: 'token.put', actor, target: 'A' },
  ])
  expect(actor).toMatch(/^token:[0-9a-f]{12}\/read\+operate\+admin$/)
  const count = async (query: string) => (await bench.get(`/v1/audit?${query}`)).items.length
  expect(await count(`actor=${encodeURIComponent(String(actor))}`)).toBe(2)
  expect(await count('action=token.put')).toBe(1)
  expect(await count('from=2026-11-22T08:01:00Z')).toBe(1)
  expect(await count('to=2026-11-22T08:01:00Z&action=token.remove')).toBe(0)
})

describe('forecasts', () => {
  const DAY_MS = 1_440 * MINUTE_MS
  const forecast = (madeAtMs: number, actual: number | null) => ({
    table: 'forecast' as const,
    row: {
      kind: 'load',
      subject: 'grid',
      madeAtMs,
      leadS: 3_600,
      quantiles: [
        [0.5, 10_000],
        [0.9, 12_000],
      ],
      baseline: 16_000,
      actual,
    },
  })

  test('are scored over the last week, or a time that is named', async () => {
    await bench.storage.commit([
      forecast(START_MS - DAY_MS, 9_000),
      forecast(START_MS - 2 * DAY_MS, 11_000),
      forecast(START_MS - 3 * DAY_MS, null),
      forecast(START_MS - 8 * DAY_MS, 30_000),
    ])
    expect(await bench.get('/v1/forecasts/scores')).toEqual({
      items: [
        {
          kind: 'load',
          leadS: 3_600,
          count: 2,
          mae: 1_000,
          bias: 0,
          baselineMae: 6_000,
          skill: expect.closeTo(1 - 1 / 6) as number,
          levels: [
            { level: 0.5, loss: 500, baselineLoss: 3_000, coverage: 0.5 },
            {
              level: 0.9,
              loss: expect.closeTo(200),
              baselineLoss: expect.closeTo(600),
              coverage: 1,
            },
          ],
        },
      ],
    })
    const old = '/v1/forecasts/scores?from=2026-11-13T00:00:00Z&to=2026-11-15T00:00:00Z'
    expect((await bench.get(old)).items).toMatchObject([{ count: 1, mae: 20_000 }])
    const early = '/v1/forecasts/scores?to=2020-01-01T00:00:00Z'
    expect((await bench.get(early)).items).toEqual([])
  })

  test('not over more than a fortnight', async () => {
    const long = '/v1/forecasts/scores?from=2026-01-01T00:00:00Z'
    expect((await bench.request('GET', long)).json()).toMatchObject({
      code: 'query-invalid',
      detail: expect.stringContaining('14 days') as string,
    })
  })
})
