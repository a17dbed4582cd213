import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCoalescer } from '../../../src/api/stream/coalesce.ts'
import { frame, idFrame } from '../../../src/api/stream/frame.ts'
import { createPresenter, STREAM_KINDS } from '../../../src/api/stream/present.ts'
import { createRing } from '../../../src/api/stream/ring.ts'
import { createWords } from '../../../src/api/words.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import type { Change, ChangeKind } from '../../../src/ports/fabric.ts'
import { createContract } from './contract.ts'
import { createBench, SITE, START_MS } from './bench.ts'

describe('the memory of a stream', () => {
  test('gives what came after a number, as long as it has it', () => {
    const ring = createRing<string>(3)
    expect(ring.after(0)).toEqual([])
    for (const entry of ['a', 'b', 'c', 'd']) ring.push(entry)
    expect(ring.last()).toBe(4)
    expect(ring.after(4)).toEqual([])
    expect(ring.after(2)).toEqual([
      [3, 'c'],
      [4, 'd'],
    ])
    expect(ring.after(1)?.length).toBe(3)
    expect(ring.after(0)).toBeNull()
    expect(ring.after(5)).toBeNull()
  })

  test('is the end of an endless list', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 32 }),
        (capacity, pushed, number) => {
          const ring = createRing<number>(capacity)
          for (let k = 1; k <= pushed; k++) expect(ring.push(k * 10)).toBe(k)
          const all = Array.from({ length: pushed }, (_, k) => [k + 1, (k + 1) * 10])
          const kept = number <= pushed && pushed - number <= capacity
          expect(ring.after(number)).toEqual(kept ? all.slice(number) : null)
        },
      ),
    )
  })
})

describe('changes that come close together', () => {
  const change = (kind: ChangeKind, id: string, data: unknown): Change => ({
    kind,
    id,
    atMs: 0,
    data,
  })

  test('of a state only the latest goes on, once the moment is over', async () => {
    const clock = createVirtualClock(0)
    const passed: unknown[] = []
    const coalescer = createCoalescer(clock, 200, ({ id, data }) => passed.push([id, data]))
    coalescer.take(change('evse', 'a', 1))
    coalescer.take(change('evse', 'b', 2))
    coalescer.take(change('session', 'a', 3))
    coalescer.take(change('evse', 'a', 4))
    expect(passed).toEqual([])
    await clock.advanceTo(200)
    expect(passed).toEqual([
      ['a', 4],
      ['b', 2],
      ['a', 3],
    ])
    coalescer.take(change('evse', 'a', 5))
    await clock.advanceTo(400)
    expect(passed.at(-1)).toEqual(['a', 5])
  })

  test('steps go on at once, each of them', () => {
    const passed: unknown[] = []
    const coalescer = createCoalescer(createVirtualClock(0), 200, ({ data }) => passed.push(data))
    for (const data of [1, 2]) coalescer.take(change('event', 'e', data))
    for (const data of [3, 4]) coalescer.take(change('audit', 'x', data))
    expect(passed).toEqual([1, 2, 3, 4])
  })

  test('nothing goes on after the stop', async () => {
    const clock = createVirtualClock(0)
    const passed: unknown[] = []
    const coalescer = createCoalescer(clock, 200, ({ data }) => passed.push(data))
    coalescer.take(change('evse', 'a', 1))
    coalescer.stop()
    await clock.advanceTo(1_000)
    expect(passed).toEqual([])
  })
})

test('a message is one block, whatever its text holds', () => {
  expect(frame('event', 'b-1', { text: 'two\nlines\r\n' })).toBe(
    'id: b-1\nevent: event\ndata: {"text":"two\\nlines\\r\\n"}\n\n',
  )
  expect(frame('snapshot', null, 1)).toBe('event: snapshot\ndata: 1\n\n')
  expect(idFrame('b-2')).toBe(': alive\nid: b-2\n\n')
})

test('what is published comes out as the resource of its kind', async () => {
  const bench = await createBench()
  const changes: Change[] = []
  bench.fabric.subscribe((change) => void changes.push(change))
  const present = createPresenter(bench.deps, createWords(SITE))
  await bench.charge('CP1', 1)
  await bench.run(3)
  await bench.request('POST', '/v1/events', {
    eventId: 'e1',
    signal: { kind: 'import-limit', unit: 'W' },
    intervals: [{ durationS: 60, value: 9_000 }],
  })
  bench.fabric.publish({ kind: 'site', id: 'depot', atMs: START_MS, data: { failsafe: 'x' } })
  bench.conditions.set('disk-full:storage', {
    kind: 'disk-full',
    severity: 'alarm',
    what: 'The disk is full',
    where: 'site.db',
    remedy: 'Make room',
  })
  bench.fabric.publish({ kind: 'plan', id: 'p', atMs: START_MS, data: { id: 'p' } })
  bench.fabric.publish({
    kind: 'price',
    id: 'tariff',
    atMs: START_MS,
    data: { kind: 'import', segments: 48 },
  })
  bench.fabric.publish({
    kind: 'reading',
    id: 'house',
    atMs: START_MS,
    data: {
      meterId: 'house',
      measuredAtMs: START_MS,
      receivedAtMs: START_MS,
      quality: 'good',
      powerW: 1,
    },
  })
  await Promise.resolve()
  const document = await bench.api.document()
  const ofKind = (kind: string) => {
    const change = changes.findLast((candidate) => candidate.kind === kind)
    if (!change) throw new Error(`nothing of kind ${kind} was published`)
    return present(change)
  }
  const contract = createContract(document)
  const fault = (event: string): string | null =>
    contract({
      method: 'GET',
      url: '/v1/stream',
      status: 200,
      type: 'text/event-stream',
      body: JSON.stringify({ event, data: ofKind(event) }),
    })
  for (const kind of STREAM_KINDS) {
    if (kind !== 'snapshot') expect(fault(kind), kind).toBeNull()
  }
  expect(ofKind('evse')).toMatchObject({ id: 'CP1/1', data: { key: 'CP1/1', online: true } })
  expect(ofKind('grant').data).toMatchObject({ reasons: [{ text: expect.any(String) }] })
  expect(ofKind('reading')).toEqual({
    id: 'house',
    at: '2026-11-22T08:00:00.000Z',
    data: {
      meterId: 'house',
      measuredAt: '2026-11-22T08:00:00.000Z',
      receivedAt: '2026-11-22T08:00:00.000Z',
      quality: 'good',
      powerW: 1,
    },
  })
})

test('a station that is gone is null', async () => {
  const bench = await createBench()
  const present = createPresenter(bench.deps, createWords(SITE))
  const change: Change = { kind: 'station', id: 'gone', atMs: START_MS, data: {} }
  expect(present(change).data).toBeNull()
})
