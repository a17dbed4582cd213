import { beforeEach, describe, expect, test } from 'vitest'
import { gridEvent, intervals } from '../../fixtures/grid-site.ts'
import { fakeSource } from '../../fixtures/event-bench.ts'
import { createBench, MINUTE_MS, START_MS, type Bench } from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})

const LIMIT = {
  signal: { kind: 'import-limit', unit: 'W' },
  intervals: [{ durationS: 1_800, value: 20_000 }],
}

/** An event of the network operator, two hours from the start on. */
const fromUtility = async (eventId: string, more: object = {}): Promise<void> => {
  bench.events.handle(
    fakeSource(),
    gridEvent(eventId, {}, intervals([30_000], 120, START_MS + 5 * MINUTE_MS), {
      issuedAtMs: START_MS,
      notAfterMs: START_MS + 600 * MINUTE_MS,
      ...more,
    }),
  )
  await bench.events.settle()
}

describe('making an event', () => {
  test('a limit without an end holds until it is cancelled', async () => {
    const answer = await bench.request('POST', '/v1/events', {
      eventId: 'open',
      signal: { kind: 'import-limit', unit: 'W' },
      intervals: [
        { durationS: 60, value: 9_000 },
        { end: null, value: 6_000 },
      ],
    })
    expect(answer.json()).toMatchObject({ state: 'started', openEnded: true })
    await bench.clock.advanceTo(bench.clock.now() + 500 * 86_400_000)
    expect(bench.events.timeline(bench.clock.now()).at(bench.clock.now())).toMatchObject({
      controllable: { importW: { value: 6_000 } },
    })
    await bench.request('POST', '/v1/events/api/open/cancel', {})
    expect(bench.events.find('api', 'open')).toMatchObject({ state: 'cancelled' })
  })

  test('a limit for the next half hour takes two lines', async () => {
    const answer = await bench.request('POST', '/v1/events', LIMIT)
    expect(answer.statusCode).toBe(201)
    const event = answer.json()
    expect(event).toMatchObject({
      authority: 'api',
      state: 'started',
      eventClass: 'contract',
      signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
      intervals: [
        {
          id: 0,
          start: '2026-11-22T08:00:00.000Z',
          end: '2026-11-22T08:30:00.000Z',
          value: 20_000,
        },
      ],
      targets: [],
    })
    expect(answer.headers.location).toBe(`/v1/events/${event.id}`)
    expect(await bench.get(`/v1/events/${event.id}`)).toMatchObject({
      id: event.id,
      history: [{ state: 'received' }, { state: 'accepted' }, { state: 'started' }],
    })
  })

  test('everything that can be said', async () => {
    const answer = await bench.request('POST', '/v1/events', {
      eventId: 'full',
      signal: { kind: 'setpoint', unit: 'W', scope: 'controllable' },
      intervals: [
        { id: 4, start: '2026-11-22T10:00:00+01:00', end: '2026-11-22T09:15:00Z', value: 10_000 },
        { id: 7, durationS: 900, value: null },
      ],
      targets: ['garage'],
      eventClass: 'mandatory',
      priority: 3,
      optOut: true,
      programId: 'p1',
      randomize: { startS: 60 },
      ramp: { downWPerMin: 5_000 },
      recovery: { holdS: 300, maxW: 9_000, staggerS: 60 },
    })
    expect(answer.json()).toMatchObject({
      id: 'api/full',
      eventClass: 'mandatory',
      priority: 3,
      optOut: true,
      programId: 'p1',
      intervals: [
        { id: 4, start: '2026-11-22T09:00:00.000Z', end: '2026-11-22T09:15:00.000Z' },
        { id: 7, start: '2026-11-22T09:15:00.000Z', end: '2026-11-22T09:30:00.000Z', value: null },
      ],
      randomize: { startS: 60, endS: 0, direction: 'late' },
      ramp: { downWPerMin: 5_000, upWPerMin: null },
      recovery: { holdS: 300, maxW: 9_000, staggerS: 60 },
    })
  })

  test.each([
    [{ ...LIMIT, intervals: [{ value: 1 }] }, '/intervals/0/end'],
    [
      { ...LIMIT, intervals: [{ durationS: 60, end: '2026-11-22T09:00:00Z', value: 1 }] },
      '/intervals/0/durationS',
    ],
    [{ ...LIMIT, intervals: [] }, '/intervals'],
    [{ ...LIMIT, signal: { kind: 'limit', unit: 'W' } }, '/signal/kind'],
    [{ ...LIMIT, signal: { kind: 'import-limit' } }, '/signal/unit'],
    [{ ...LIMIT, eventId: 'a b' }, '/eventId'],
    [{ ...LIMIT, class: 'contract' }, '/class'],
    [{ ...LIMIT, intervals: [{ start: 'noon', durationS: 60, value: 1 }] }, '/intervals/0/start'],
  ])('%j names the place that is wrong', async (body, pointer) => {
    const answer = await bench.request('POST', '/v1/events', body)
    expect(answer.statusCode).toBe(422)
    expect(answer.json().errors.map((error: { pointer: string }) => error.pointer)).toContain(
      pointer,
    )
  })

  test.each([
    [{ ...LIMIT, intervals: [{ end: '2026-11-22T07:00:00Z', value: 1 }] }, 'longer than zero'],
    [{ ...LIMIT, targets: ['nowhere'] }, 'nowhere'],
    [{ ...LIMIT, signal: { kind: 'price', unit: 'currency/kWh' } }, 'currency'],
    [{ ...LIMIT, intervals: [{ durationS: 60, value: -1 }] }, 'must not be negative'],
  ])('%j cannot be followed, and it is said why', async (body, word) => {
    const answer = await bench.request('POST', '/v1/events', body)
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'payload-invalid',
      detail: expect.stringContaining(word),
    })
  })

  test('an id is used once', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    const again = await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    expect(again.json()).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('it is on record before it is answered', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    const { items } = await bench.get('/v1/audit?target=api/e1')
    expect(items).toMatchObject([
      { action: 'event.create', actor: expect.stringMatching(/^token:/) },
    ])
  })
})

describe('changing an event', () => {
  test('a new version replaces it', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    const answer = await bench.request('PUT', '/v1/events/api/e1', {
      ...LIMIT,
      intervals: [{ durationS: 600, value: 10_000 }],
    })
    expect(answer.json()).toMatchObject({ modification: 1, intervals: [{ value: 10_000 }] })
  })

  test('the body may repeat the id, but not name another', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    const put = (eventId: string) =>
      bench.request('PUT', '/v1/events/api/e1', { ...LIMIT, eventId })
    expect((await put('e1')).statusCode).toBe(200)
    expect((await put('e2')).statusCode).toBe(409)
  })

  test('it ends now, or later', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'now' })
    const now = await bench.request('POST', '/v1/events/api/now/cancel')
    expect(now.json()).toMatchObject({ state: 'cancelled', end: '2026-11-22T08:00:00.000Z' })
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'later' })
    const later = await bench.request('POST', '/v1/events/api/later/cancel', {
      at: '2026-11-22T08:10:00Z',
    })
    expect(later.json()).toMatchObject({ cancelAt: '2026-11-22T08:10:00.000Z' })
    const again = await bench.request('POST', '/v1/events/api/now/cancel', {})
    expect(again.json()).toMatchObject({ code: 'conflict' })
  })

  test('the events of others can be left, but not changed', async () => {
    await fromUtility('u1', { optOut: true })
    expect((await bench.request('PUT', '/v1/events/dso/u1', LIMIT)).statusCode).toBe(409)
    expect((await bench.request('POST', '/v1/events/dso/u1/cancel', {})).statusCode).toBe(409)
    const answer = await bench.request('POST', '/v1/events/dso/u1/opt-out', {
      code: 'userOverride',
      reason: 'a guest must leave',
    })
    expect(answer.json()).toMatchObject({
      state: 'opted-out',
      code: 'userOverride',
      reason: 'a guest must leave',
    })
  })

  test('a mandatory event can be left for safety only', async () => {
    await fromUtility('u2', { eventClass: 'mandatory', optOut: true })
    const leave = (code: string) =>
      bench.request('POST', '/v1/events/dso/u2/opt-out', { code, reason: 'smoke in the garage' })
    expect((await leave('userOverride')).json()).toMatchObject({
      status: 409,
      detail: expect.stringContaining('for safety only'),
    })
    expect((await leave('safety')).statusCode).toBe(200)
  })
})

describe('looking at events', () => {
  test('active ones come earliest first and can be picked', async () => {
    await fromUtility('u1')
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    const ids = async (query: string) =>
      (await bench.get(`/v1/events?${query}`)).items.map(({ id }) => id)
    expect(await ids('')).toEqual(['api/e1', 'dso/u1'])
    expect(await ids('authority=dso')).toEqual(['dso/u1'])
    expect(await ids('from=2026-11-22T08:01:00Z')).toEqual(['dso/u1'])
    expect(await ids('to=2026-11-22T08:01:00Z')).toEqual(['api/e1'])
  })

  test('what is over comes from the storage', async () => {
    await bench.request('POST', '/v1/events', { ...LIMIT, eventId: 'e1' })
    await bench.clock.advanceTo(START_MS + 31 * MINUTE_MS)
    bench.events.step(bench.clock.now())
    await bench.events.settle()
    expect((await bench.get('/v1/events')).items).toEqual([])
    const { items } = await bench.get('/v1/events?state=all&from=2026-11-22T00:00:00Z')
    expect(items).toMatchObject([{ id: 'api/e1', state: 'completed' }])
    // Three days later it is forgotten in memory, not on disk.
    await bench.clock.advanceTo(START_MS + 72 * 60 * MINUTE_MS)
    bench.events.step(bench.clock.now())
    expect(bench.events.find('api', 'e1')).toBeNull()
    const event = await bench.get('/v1/events/api/e1')
    expect(event).toMatchObject({ state: 'completed' })
    expect((event.history as { state: string }[]).at(-1)).toMatchObject({ state: 'completed' })
  })

  test('what is kept beside the events is no event', async () => {
    await bench.storage.commit([
      {
        table: 'event',
        row: {
          authority: 'dso',
          eventId: '.defaults',
          modification: 0,
          state: null,
          document: [],
          memory: null,
          startMs: null,
          endMs: null,
          updatedAtMs: START_MS,
        },
      },
    ])
    expect((await bench.get('/v1/events?state=all')).items).toEqual([])
    expect((await bench.request('GET', '/v1/events/dso/.defaults')).statusCode).toBe(404)
  })
})
