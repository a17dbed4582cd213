import { afterEach, describe, expect, test } from 'vitest'
import type { ApiSettings } from '../../src/api/deps.ts'
import type { ChangeKind } from '../../src/ports/fabric.ts'
import { createBench, type Bench } from '../unit/api/bench.ts'
import { createContract } from '../unit/api/contract.ts'
import { openStream, type StreamEvent, type StreamReader } from './api-support.ts'

/** Real sockets, virtual time: only what the test says passes. */
interface Server {
  readonly bench: Bench
  readonly port: number
  open(options?: { query?: string; lastEventId?: string }): Promise<StreamReader>
  publish(kind: ChangeKind, id: string, data?: unknown): void
  pass(ms: number): Promise<void>
}

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const start = async (settings: ApiSettings = {}): Promise<Server> => {
  const bench = await createBench({ settings })
  // Before the API listens: making a token is a change, too.
  const secret = await bench.secret('read')
  const { port } = await bench.api.listen({ host: '127.0.0.1', port: 0 })
  cleanUps.push(() => bench.api.close())
  return {
    bench,
    port,
    open: async (options) => {
      const reader = await openStream(port, secret, options)
      cleanUps.push(() => reader.close())
      return reader
    },
    publish: (kind, id, data = {}) =>
      bench.fabric.publish({ kind, id, atMs: bench.clock.now(), data }),
    pass: (ms) => bench.clock.advanceTo(bench.clock.now() + ms),
  }
}

const isPlan = (id: string) => (event: StreamEvent) =>
  event.event === 'plan' && (event.data as { id: string }).id === id

const planIds = ({ events }: StreamReader): unknown[] =>
  events.filter(({ event }) => event === 'plan').map(({ data }) => (data as { id: string }).id)

describe('a stream', () => {
  test('begins with a picture of the site and brings what changes', async () => {
    const server = await start()
    await server.bench.run(1)
    const stream = await server.open()
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const { data } = await stream.next(({ event }) => event === 'snapshot')
    const wrong = createContract(await server.bench.api.document())({
      method: 'GET',
      url: '/v1/stream',
      status: stream.status,
      type: String(stream.headers['content-type']),
      body: JSON.stringify({ event: 'snapshot', data }),
    })
    expect(wrong).toBeNull()
    expect(data).toMatchObject({
      site: { at: '2026-11-22T08:00:01.000Z', gridW: 13_800 },
      nodes: [{ id: 'main', now: { loadW: 13_800 } }, { id: 'garage' }],
      grants: [{ key: 'CP1/1', reasons: [{ code: 'planned' }], online: false }, {}, {}],
    })
    server.publish('plan', 'p1', { id: 'p1' })
    expect(await stream.next(isPlan('p1'))).toMatchObject({
      id: expect.stringMatching(/^\w+-\d+$/),
      data: { id: 'p1', at: '2026-11-22T08:00:01.000Z', data: { id: 'p1' } },
    })
  })

  test('is only asked about with HEAD: nothing stays open', async () => {
    const { bench, port } = await start({ maxStreams: 1 })
    const headers = { authorization: `Bearer ${await bench.secret('read')}` }
    const head = () => fetch(`http://127.0.0.1:${port}/v1/stream`, { method: 'HEAD', headers })
    for (const answer of [await head(), await head()]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
      expect(answer.headers.get('content-length')).toBeNull()
      expect(await answer.text()).toBe('')
    }
    const stream = await openStream(port, await bench.secret('read'))
    expect([stream.status, (await head()).status]).toEqual([200, 429])
    stream.close()
  })

  test('brings the states of sessions and stations a moment later, once', async () => {
    const server = await start()
    const stream = await server.open({ query: '?kinds=session,station' })
    const transactionId = await server.bench.charge('CP1', 1)
    await server.pass(200)
    const session = await stream.next(({ event }) => event === 'session')
    expect(session.data).toMatchObject({ data: { stationId: 'CP1', transactionId } })
    await stream.next(({ event }) => event === 'station')
    const kinds = stream.events.map(({ event }) => event)
    expect(kinds.filter((kind) => kind === 'session')).toHaveLength(1)
    expect(new Set(kinds)).toEqual(new Set(['session', 'station']))
  })

  test('shows the site again every two seconds, and only to those who want it', async () => {
    const server = await start()
    const all = await server.open()
    const plans = await server.open({ query: '?kinds=plan' })
    await all.next(({ event }) => event === 'snapshot')
    await server.pass(6_000)
    server.publish('plan', 'end')
    await all.next(isPlan('end'))
    await plans.next(isPlan('end'))
    expect(all.events.filter(({ event }) => event === 'snapshot').length).toBeGreaterThan(2)
    expect(plans.events.map(({ event }) => event)).toEqual(['plan'])
  })

  test('goes on after a change that is not what its kind promises', async () => {
    const server = await start()
    const stream = await server.open({ query: '?kinds=event,plan' })
    server.publish('event', 'broken', null)
    server.publish('plan', 'p1', { id: 'p1' })
    await stream.next(isPlan('p1'))
    expect(stream.events.map(({ event }) => event)).toEqual(['plan'])
    expect(server.bench.entries).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ kind: 'event', id: 'broken' }),
      }),
    )
  })

  test('keeps the line and the place of a client alive while nothing happens', async () => {
    const server = await start()
    const stream = await server.open({ query: '?kinds=event' })
    server.publish('plan', 'unwanted')
    await server.pass(15_000)
    await expect.poll(() => stream.lastId()).toMatch(/-1$/)
    expect(stream.events).toEqual([])
  })
})

describe('coming back', () => {
  test('after a break the stream goes on where it was, without gap or repeat', async () => {
    const server = await start()
    const first = await server.open({ query: '?kinds=plan' })
    for (const id of ['p1', 'p2']) server.publish('plan', id)
    const { id: lastEventId } = await first.next(isPlan('p2'))
    first.close()
    await first.ended
    for (const id of ['p3', 'p4']) server.publish('plan', id)
    const second = await server.open({ query: '?kinds=plan', lastEventId: lastEventId ?? '' })
    server.publish('plan', 'p5')
    await second.next(isPlan('p5'))
    expect(planIds(second)).toEqual(['p3', 'p4', 'p5'])
  })

  test('a client that has heard nothing yet has a place, too', async () => {
    const server = await start()
    server.publish('plan', 'before')
    await Promise.resolve()
    const first = await server.open({ query: '?kinds=plan' })
    await expect.poll(() => first.lastId()).not.toBeNull()
    first.close()
    server.publish('plan', 'after')
    const second = await server.open({
      query: '?kinds=plan',
      lastEventId: first.lastId() ?? '',
    })
    await second.next(isPlan('after'))
    expect(planIds(second)).toEqual(['after'])
  })

  test.each([
    ['too long ago', 'too-old', (id: string) => id.replace(/\d+$/, '1')],
    ['in another run', 'restart', () => 'another-7'],
    ['in the future', 'unknown-id', (id: string) => id.replace(/\d+$/, '999')],
    ['who knows where', 'unknown-id', () => 'x'],
  ])('having left %s it is told to read everything anew', async (_when, reason, change) => {
    const server = await start({ streamMemory: 3 })
    const first = await server.open({ query: '?kinds=plan' })
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) server.publish('plan', id)
    const { id } = await first.next(isPlan('f'))
    const second = await server.open({ query: '?kinds=plan', lastEventId: change(id ?? '') })
    expect(await second.next(({ event }) => event === 'reset')).toEqual({
      // From here it can go on.
      id,
      event: 'reset',
      data: { reason },
    })
    server.publish('plan', 'g')
    await second.next(isPlan('g'))
    expect(planIds(second)).toEqual(['g'])
  })

  test('an id with a line end is refused, it would be repeated', async () => {
    const { bench } = await start()
    const answer = await bench.api.inject({
      url: '/v1/stream',
      headers: {
        authorization: `Bearer ${await bench.secret('read')}`,
        'last-event-id': 'a-1 b',
      },
    })
    expect(answer.statusCode).toBe(400)
  })
})

describe('bounds', () => {
  test('a client that does not read misses some, is told so, and goes on', async () => {
    const server = await start()
    const slow = await server.open({ query: '?kinds=plan' })
    const quick = await server.open({ query: '?kinds=plan' })
    slow.pause()
    const text = 'x'.repeat(100_000)
    for (let k = 0; k < 200; k++) {
      server.publish('plan', `p${k}`, { text })
      if (k % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await quick.next(isPlan('p199'))
    slow.resume()
    const reset = await slow.next(({ event }) => event === 'reset')
    expect(reset).toMatchObject({ data: { reason: 'slow' }, id: quick.lastId() })
    expect(planIds(slow).length).toBeLessThan(200)
    server.publish('plan', 'then')
    await slow.next(isPlan('then'))
    await quick.next(isPlan('then'))
    expect(planIds(quick)).toHaveLength(201)
    const { body } = await server.bench.api.inject({
      url: '/metrics',
      headers: { authorization: `Bearer ${await server.bench.secret('read')}` },
    })
    const missed = Number(/busbar_api_stream_missed_total (\d+)/.exec(body)?.[1])
    expect(missed).toBe(200 - planIds(slow).length + 1)
  })

  test('one that still does not read after a minute is cut off', async () => {
    const server = await start()
    const slow = await server.open({ query: '?kinds=plan' })
    slow.pause()
    const text = 'x'.repeat(100_000)
    for (let k = 0; k < 200; k++) {
      server.publish('plan', `p${k}`, { text })
      if (k % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await server.pass(59_999)
    expect(await openStreams(server.bench)).toBe(1)
    await server.pass(1)
    await expect.poll(() => openStreams(server.bench)).toBe(0)
  })

  test('their number is bounded', async () => {
    const server = await start({ maxStreams: 2 })
    const first = await server.open()
    await server.open()
    const third = await server.open()
    expect(third.status).toBe(429)
    expect(third.headers['retry-after']).toBe('10')
    first.close()
    await expect.poll(async () => (await server.open()).status).toBe(200)
  })

  test('a stream ends when its token does', async () => {
    const server = await start()
    const { token, secret } = await server.bench.tokens.create(
      { label: 'guest', scopes: ['read'] },
      'test',
    )
    const guest = await openStream(server.port, secret)
    const other = await server.open()
    await server.bench.tokens.revoke(token.id, 'test')
    server.publish('plan', 'p1')
    await other.next(isPlan('p1'))
    await guest.ended
    expect(planIds(guest)).toEqual([])
  })

  test('streams end when the server closes', async () => {
    const server = await start()
    const stream = await server.open()
    await server.bench.api.close()
    await stream.ended
  })
})

const openStreams = async (bench: Bench): Promise<number> => {
  const { body } = await bench.api.inject({
    url: '/metrics',
    headers: { authorization: `Bearer ${await bench.secret('read')}` },
  })
  return Number(/busbar_api_streams (\d+)/.exec(body)?.[1])
}
