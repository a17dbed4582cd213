import { describe, expect, test } from 'vitest'
import type { GridEvent } from '../../../src/domain/signal.ts'
import { AppError } from '../../../src/errors.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { eventBench } from '../../fixtures/event-bench.ts'
import { gridEvent, intervals, MINUTE, T0 } from '../../fixtures/grid-site.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

/** 20 kW for half an hour from `T0`. */
const event = (more: Partial<GridEvent> = {}): GridEvent =>
  gridEvent('e1', {}, intervals([20_000], 30), more)

const cancelOf = (issued: GridEvent, cancelMinute: number, modification = 1): GridEvent => ({
  ...issued,
  modification,
  status: 'cancelled',
  cancelAtMs: T0 + cancelMinute * MINUTE,
})

test('an event is received, accepted, started and completed, once each', async () => {
  const bench = await eventBench()
  await bench.deliver(event())
  expect(bench.told()).toEqual([
    [0, 'received', null],
    [0, 'accepted', null],
  ])
  expect(bench.source.told[1].committed).toEqual([{ intervalId: 0, powerW: 20_000 }])
  await bench.until(40)
  expect(bench.told().slice(2)).toEqual([
    [0, 'started', null],
    [0, 'completed', null],
  ])
  expect(bench.source.told.map(({ atMs }) => (atMs - T0) / MINUTE)).toEqual([-60, -60, 0, 30])
  expect(await bench.events.history('dso', 'e1')).toEqual(bench.source.told)
  expect(bench.changes.map(({ kind, id }) => [kind, id])).toEqual(
    Array.from({ length: 3 }, () => ['event', 'dso/e1']),
  )
})

test('the limit is on the timeline from the start to the end', async () => {
  const bench = await eventBench()
  await bench.deliver(event())
  expect([-1, 0, 29, 30].map(bench.limitW)).toEqual([null, 20_000, 20_000, null])
  const timeline = bench.events.timeline(bench.clock.now())
  expect(bench.events.timeline(bench.clock.now() + 1_000)).toBe(timeline)
  await bench.deliver(event({ eventId: 'e2' }))
  expect(bench.events.timeline(bench.clock.now())).not.toBe(timeline)
})

describe('versions', () => {
  test('a duplicate is acknowledged again and does nothing else', async () => {
    const bench = await eventBench()
    await bench.deliver(event())
    const history = await bench.events.history('dso', 'e1')
    await bench.deliver(event(), event())
    expect(bench.told().slice(2)).toEqual([
      [0, 'accepted', null],
      [0, 'accepted', null],
    ])
    expect(bench.source.told[3]).toEqual(bench.source.told[1])
    expect(await bench.events.history('dso', 'e1')).toEqual(history)
  })

  test('an older version is stale', async () => {
    const bench = await eventBench()
    await bench.deliver(
      event({ modification: 3 }),
      event({ modification: 2, intervals: intervals([1]) }),
    )
    expect(bench.told().at(-1)).toEqual([2, 'rejected', 'stale'])
    expect(bench.limitW(1)).toBe(20_000)
  })

  test('a newer version takes the place of a running one', async () => {
    const bench = await eventBench()
    await bench.deliver(event())
    await bench.until(5)
    await bench.deliver(event({ modification: 1, intervals: intervals([12_000], 20) }))
    expect(bench.told().slice(3)).toEqual([
      [0, 'superseded', null],
      [1, 'received', null],
      [1, 'accepted', null],
      [1, 'started', null],
    ])
    expect([6, 19, 20].map(bench.limitW)).toEqual([12_000, 12_000, null])
  })

  test('a newer version of a running event that has ended already completes it', async () => {
    const bench = await eventBench()
    await bench.deliver(event())
    await bench.until(20)
    await bench.deliver(event({ modification: 1, intervals: intervals([20_000], 10) }))
    expect(bench.told().slice(3)).toEqual([
      [0, 'superseded', null],
      [1, 'received', null],
      [1, 'accepted', null],
      [1, 'completed', null],
    ])
  })

  test('a newer version that cannot be followed leaves the earlier one in force', async () => {
    const bench = await eventBench()
    await bench.deliver(event(), event({ modification: 1, targets: ['nowhere'] }))
    expect(bench.told().slice(2)).toEqual([[1, 'rejected', 'unknownTarget']])
    expect(bench.limitW(1)).toBe(20_000)
  })
})

describe('cancel', () => {
  test('of a running event: it stops, then recovers', async () => {
    const bench = await eventBench()
    const issued = event({ recovery: { holdMs: 5 * MINUTE, maxW: 10_000, staggerMs: 0 } })
    await bench.deliver(issued)
    await bench.until(10)
    await bench.deliver(cancelOf(issued, 15))
    expect(bench.told().slice(3)).toEqual([[1, 'received', null]])
    await bench.until(15)
    expect(bench.told().slice(4)).toEqual([[1, 'cancelled', null]])
    expect([14, 15, 19, 20].map(bench.limitW)).toEqual([null, 10_000, 10_000, null])
    await bench.until(40)
    expect(bench.told()).toHaveLength(5)
  })

  test('that comes after its time stops now, and recovery counts from now', async () => {
    const bench = await eventBench()
    const issued = event({ recovery: { holdMs: 5 * MINUTE, maxW: 10_000, staggerMs: 0 } })
    await bench.deliver(issued)
    await bench.until(10)
    await bench.deliver(cancelOf(issued, 5))
    expect(bench.told().slice(3)).toEqual([
      [1, 'received', null],
      [1, 'cancelled', null],
    ])
    expect([10, 14, 15].map(bench.limitW)).toEqual([10_000, 10_000, null])
  })

  test('of a coming event: it never starts', async () => {
    const bench = await eventBench()
    await bench.deliver(event(), cancelOf(event(), -10))
    expect(bench.told().slice(2)).toEqual([
      [1, 'received', null],
      [1, 'cancelled', null],
    ])
    expect(bench.limitW(1)).toBeNull()
    await bench.until(40)
    expect(bench.told()).toHaveLength(4)
  })

  test('of an event that was never seen is a tombstone: a replay of the issue is stale', async () => {
    const bench = await eventBench()
    await bench.deliver(cancelOf(event(), -10), event())
    expect(bench.told()).toEqual([
      [1, 'received', null],
      [1, 'cancelled', null],
      [0, 'rejected', 'stale'],
    ])
    expect(bench.limitW(1)).toBeNull()
  })

  test('with a later time, of an event that was never seen: it runs until then', async () => {
    const bench = await eventBench()
    await bench.until(5)
    await bench.deliver(cancelOf(event(), 20))
    expect(bench.told().map(([, state]) => state)).toEqual(['received', 'accepted', 'started'])
    await bench.until(25)
    expect(bench.told().at(-1)).toEqual([1, 'cancelled', null])
    expect(bench.source.told.at(-1)!.atMs).toBe(T0 + 20 * MINUTE)
  })

  test('tombstones are kept until 48 h after the end', async () => {
    const bench = await eventBench()
    await bench.deliver(event(), cancelOf(event(), -10))
    const endMs = T0 + 30 * MINUTE
    bench.events.step(endMs + 48 * 60 * MINUTE - 1)
    expect(bench.events.find('dso', 'e1')?.state).toBe('cancelled')
    bench.events.step(endMs + 48 * 60 * MINUTE + MINUTE)
    expect(bench.events.find('dso', 'e1')).toBeNull()
  })
})

describe('expiry', () => {
  test.each([
    ['after notAfter', 0, { notAfterMs: T0 - 61 * MINUTE }, 'expired'],
    ['after its end', 31, {}, 'expired'],
    ['after its start', 10, {}, 'started'],
  ])('a first delivery %s', async (_name, minute, more, expected) => {
    const bench = await eventBench()
    await bench.until(minute)
    await bench.deliver(event(more))
    expect(bench.told().at(-1)?.[1]).toBe(expected)
    expect(bench.source.told.at(-1)?.code).toBe(expected === 'expired' ? 'expired' : null)
    expect(bench.limitW(minute)).toBe(expected === 'expired' ? null : 20_000)
  })

  test('accepted in time, it runs though notAfter passes before the start', async () => {
    const bench = await eventBench()
    await bench.deliver(event({ notAfterMs: T0 - 30 * MINUTE }))
    await bench.until(1)
    expect(bench.told().at(-1)).toEqual([0, 'started', null])
  })

  test('a change of a running event is taken after notAfter', async () => {
    const bench = await eventBench()
    await bench.deliver(event({ notAfterMs: T0 + 5 * MINUTE }))
    await bench.until(10)
    const changed = event({ modification: 1, notAfterMs: T0 + 5 * MINUTE })
    await bench.deliver({ ...changed, intervals: intervals([9_000], 30) })
    expect(bench.limitW(11)).toBe(9_000)
  })
})

/** What a kWh costs in a quarter of an hour. */
const priceEvent = (value: number, currency: string): GridEvent =>
  gridEvent('p', { kind: 'price', unit: 'currency/kWh', currency }, [value])

describe('refusals', () => {
  test.each([
    ['a price without measure', priceEvent(1e13, 'EUR'), 'schema', 'out of range'],
    ['a price in other money', priceEvent(0.2, 'USD'), 'unsupported', 'in EUR, not in USD'],
    ['unknown target', event({ targets: ['a', 'x', 'y'] }), 'unknownTarget', 'x, y'],
    [
      'a level that is not configured',
      gridEvent('e1', { kind: 'level', unit: 'level' }, [4]),
      'unsupported',
      '0 to 3',
    ],
    [
      'a connection limit for an EVSE',
      gridEvent('e1', { scope: 'connection' }, [1], { targets: ['s1'] }),
      'unsupported',
      's1',
    ],
    [
      'a percentage of nothing',
      gridEvent('e1', { scope: 'connection', unit: 'fraction' }, [0.5], { targets: ['b'] }),
      'unsupported',
      'node b',
    ],
    ['amperes of a fleet', gridEvent('e1', { unit: 'A' }, [5]), 'schema', 'W, fraction'],
    ['a negative limit', gridEvent('e1', {}, [-5]), 'schema', 'negative'],
    [
      'overlapping intervals',
      event({ intervals: [intervals([1])[0], { ...intervals([2])[0], id: 1 }] }),
      'schema',
      'overlap',
    ],
  ])('%s', async (_name, refused, code, hint) => {
    const bench = await eventBench()
    await bench.deliver(refused)
    const last = bench.source.told.at(-1)!
    expect(last).toMatchObject({ state: 'rejected', code })
    expect(last.reason).toContain(hint)
    expect(bench.limitW(1)).toBeNull()
  })

  test('a source that may send prices only', async () => {
    const authority = { kinds: ['price'] as const, fallback: { defaults: [], minimumMs: 0 } }
    const bench = await eventBench({ rules: { authorities: { dso: authority } } })
    await bench.deliver(event())
    expect(bench.told().at(-1)).toEqual([0, 'rejected', 'unauthorized'])
  })

  test('no room', async () => {
    const bench = await eventBench({ rules: { maxEvents: 1 } })
    await bench.deliver(event(), event({ eventId: 'e2' }))
    expect(bench.told().at(-1)).toEqual([0, 'rejected', 'noCapacity'])
    await bench.deliver(event({ modification: 1 }))
    expect(bench.told().at(-1)).toEqual([1, 'accepted', null])
  })
})

describe('feasibility', () => {
  test('what is out of reach is done as well as possible, and said', async () => {
    const bench = await eventBench()
    await bench.deliver(gridEvent('e1', {}, [20_000, 0, null]))
    expect(bench.source.told.at(-1)).toMatchObject({
      state: 'partial',
      code: 'infeasible',
      committed: [
        { intervalId: 0, powerW: 20_000 },
        { intervalId: 1, powerW: 5_000 },
      ],
    })
    expect(bench.limitW(16)).toBe(0)
    await bench.until(1)
    expect(bench.events.find('dso', 'e1')).toMatchObject({
      state: 'started',
      committed: [{ powerW: 20_000 }, { powerW: 5_000 }],
    })
  })

  test.each([
    ['a reduction within reach', { kind: 'reduce-by' } as const, 10_000, 'accepted', 10_000],
    ['a reduction out of reach', { kind: 'reduce-by' } as const, 39_000, 'partial', 35_000],
    ['a setpoint above the ratings', { kind: 'setpoint' } as const, 90_000, 'partial', 58_880],
    ['each EVSE', { scope: 'evse', unit: 'A' } as const, 6, 'accepted', 2 * 4_140 + 2 * 1_380],
    ['no charge', { kind: 'no-charge' } as const, 0, 'partial', 5_000],
  ])('%s', async (_name, signal, value, state, powerW) => {
    const bench = await eventBench()
    await bench.deliver(gridEvent('e1', signal, [value]))
    expect(bench.source.told.at(-1)).toMatchObject({
      state,
      committed: [{ intervalId: 0, powerW }],
    })
  })

  test('an unknown fleet and a price commit to nothing', async () => {
    const unknown = { capability: () => null, powerW: () => null }
    const bench = await eventBench({ fleet: unknown })
    await bench.deliver(event(), priceEvent(0.2, 'EUR'))
    expect(bench.source.told.map(({ state, committed }) => [state, committed])).toEqual([
      ['received', null],
      ['accepted', null],
      ['received', null],
      ['accepted', null],
    ])
  })
})

describe('what is delivered', () => {
  const following = (powerOf: (minute: number) => number | null) => {
    const now = { minute: 0 }
    const fleet = { capability: () => null, powerW: () => powerOf(now.minute) }
    const run = async (bench: Awaited<ReturnType<typeof eventBench>>, minutes: number) => {
      for (; now.minute < minutes; now.minute++) await bench.until(now.minute)
      await bench.until(minutes)
    }
    return { fleet, run }
  }

  test('is the mean power since the start, told each minute and at the end', async () => {
    const { fleet, run } = following((minute) => (minute < 16 ? 20_000 : 10_000))
    const bench = await eventBench({ fleet })
    await bench.deliver(event())
    await run(bench, 40)
    const { deliveries } = bench.source
    expect(deliveries[0]).toEqual(['e1', 20_000])
    expect(deliveries).toHaveLength(30)
    expect(deliveries.at(-1)![1]).toBeCloseTo(15_000, -3)
    expect(bench.source.told.at(-1)?.state).toBe('completed')
  })

  test('of a reduction, how much less than at its start', async () => {
    const { fleet, run } = following((minute) => (minute < 2 ? 40_000 : 32_000))
    const bench = await eventBench({ fleet })
    await bench.deliver(gridEvent('e1', { kind: 'reduce-by' }, intervals([10_000], 30)))
    await run(bench, 40)
    expect(bench.source.deliveries.at(-1)![1]).toBeCloseTo(8_000, -3)
  })

  test('is not told where nothing measures, nor of a price', async () => {
    const { fleet, run } = following(() => null)
    const bench = await eventBench({ fleet })
    await bench.deliver(event())
    await run(bench, 40)
    expect(bench.source.deliveries).toEqual([])
    const priced = await eventBench()
    await priced.deliver(priceEvent(0.2, 'EUR'))
    await priced.until(20)
    expect(priced.source.deliveries).toEqual([])
  })
})

describe('reductions', () => {
  test('count from the power at the start, which survives changes and restarts', async () => {
    let powerW = 40_000
    const fleet = { capability: () => null, powerW: () => powerW }
    const bench = await eventBench({ fleet })
    const reduction = gridEvent('e1', { kind: 'reduce-by' }, intervals([10_000], 30))
    await bench.deliver(reduction)
    powerW = 30_000
    await bench.until(1)
    powerW = 20_000
    await bench.deliver({ ...reduction, modification: 1, intervals: intervals([5_000], 30) })
    const again = await eventBench({ fleet, storage: bench.storage, startMs: T0 + 2 * MINUTE })
    for (const { events } of [bench, again]) {
      const [target] = events.timeline(T0 + 3 * MINUTE).at(T0 + 3 * MINUTE).targets
      expect(target.powerW).toBe(25_000)
    }
  })

  test('without a reference are given up, and said', async () => {
    const bench = await eventBench({ fleet: { capability: () => null, powerW: () => null } })
    await bench.deliver(gridEvent('e1', { kind: 'reduce-by' }, [10_000]))
    await bench.until(1)
    expect(bench.told().at(-1)).toEqual([0, 'aborted', 'noCapacity'])
  })
})

describe('random delays', () => {
  const randomize = { startMs: 10 * MINUTE, endMs: 5 * MINUTE, direction: 'late' as const }

  test('late: whole seconds within the bound, kept by a change and by a restart', async () => {
    const bench = await eventBench({ seed: 7 })
    await bench.deliver(event({ randomize }))
    const drawn = bench.events.find('dso', 'e1')!
    const startShiftMs = drawn.startMs - T0
    const endShiftMs = drawn.endMs - (T0 + 30 * MINUTE)
    expect(startShiftMs).toBeGreaterThan(0)
    expect(startShiftMs).toBeLessThanOrEqual(10 * MINUTE)
    expect(startShiftMs % 1000).toBe(0)
    expect(endShiftMs).toBeGreaterThanOrEqual(0)
    expect(drawn.delayedBy).toBe('event')
    expect(bench.limitW(0)).toBeNull()
    await bench.deliver(event({ randomize, modification: 1 }))
    expect(bench.events.find('dso', 'e1')!.startMs).toBe(drawn.startMs)
    const again = await eventBench({ seed: 8, storage: bench.storage })
    expect(again.events.find('dso', 'e1')!.startMs).toBe(drawn.startMs)
  })

  test('either: both directions; a tighter bound of a change holds', async () => {
    const shifts: number[] = []
    for (let seed = 1; seed <= 20; seed += 1) {
      const bench = await eventBench({ seed })
      await bench.deliver(event({ randomize: { ...randomize, direction: 'either' } }))
      shifts.push(bench.events.find('dso', 'e1')!.startMs - T0)
      const tighter = { startMs: 1000, endMs: 0, direction: 'late' as const }
      await bench.deliver(event({ modification: 1, randomize: tighter }))
      const shiftMs = bench.events.find('dso', 'e1')!.startMs - T0
      expect(shiftMs).toBe(Math.min(1000, Math.max(0, shifts.at(-1)!)))
    }
    expect(Math.min(...shifts)).toBeLessThan(0)
    expect(Math.max(...shifts)).toBeGreaterThan(0)
    expect(Math.max(...shifts.map(Math.abs))).toBeLessThanOrEqual(10 * MINUTE)
  })

  test.each([
    ['economic', null, 'policy'],
    ['economic', randomize, 'event'],
    ['contract', null, null],
    ['emergency', null, null],
  ] as const)('of the site: %s with own %o -> %s', async (eventClass, own, delayedBy) => {
    const bench = await eventBench({ rules: { randomDelayMs: 600_000 } })
    await bench.deliver(event({ eventClass, randomize: own }))
    expect(bench.events.find('dso', 'e1')!.delayedBy).toBe(delayedBy)
  })
})

describe('opting out', () => {
  const because = { code: 'userOverride' as const, reason: 'exam week', actor: 'anna' }
  const optOut = async (
    more: Partial<GridEvent>,
    code: 'userOverride' | 'safety',
    minute = -59,
  ) => {
    const bench = await eventBench()
    await bench.deliver(event(more))
    await bench.until(minute)
    const result = await bench.events.optOut('dso', 'e1', { ...because, code })
    return { bench, result }
  }

  test.each([
    ['offered', { optOut: true }, 'userOverride', true],
    ['not offered', { optOut: false }, 'userOverride', false],
    ['emergency', { optOut: true, eventClass: 'emergency' }, 'userOverride', false],
    ['mandatory', { optOut: true, eventClass: 'mandatory' }, 'userOverride', false],
    ['emergency, for safety', { eventClass: 'emergency' }, 'safety', true],
  ] as const)('%s', async (_name, more, code, ok) => {
    const { bench, result } = await optOut(more, code)
    expect(result.ok).toBe(ok)
    expect(bench.told().at(-1)).toEqual(ok ? [0, 'opted-out', code] : [0, 'accepted', null])
    expect(bench.limitW(1)).toBe(ok ? null : 20_000)
  })

  test('after the start it is an abort, and recorded with its actor', async () => {
    const { bench, result } = await optOut({ optOut: true }, 'userOverride', 5)
    expect(result).toMatchObject({ ok: true, event: { state: 'aborted', reason: 'exam week' } })
    expect(bench.limitW(6)).toBeNull()
    const [audit] = await bench.storage.query('audit')
    expect(audit).toMatchObject({ actor: 'anna', action: 'event.opt-out', target: 'dso/e1' })
    const again = await bench.events.optOut('dso', 'e1', because)
    expect(again).toMatchObject({ ok: false })
  })

  test('of nothing', async () => {
    const bench = await eventBench()
    await expect(bench.events.optOut('dso', 'e9', because)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('events made here', () => {
  const input = { signal: event().signal, intervals: intervals([15_000], 30) }

  test('create, replace and cancel', async () => {
    const bench = await eventBench()
    const made = await bench.events.create(input, 'anna')
    expect(made).toMatchObject({ state: 'accepted', event: { authority: 'api', modification: 0 } })
    expect(bench.limitW(1)).toBe(15_000)
    const { eventId } = made.event
    const changed = await bench.events.replace(
      eventId,
      { ...input, intervals: intervals([9_000], 30) },
      'anna',
    )
    expect(changed.event.modification).toBe(1)
    expect(bench.limitW(1)).toBe(9_000)
    const cancelled = await bench.events.cancel('api', eventId, 'ben')
    expect(cancelled.state).toBe('cancelled')
    expect(bench.limitW(1)).toBeNull()
    const audit = await bench.storage.query('audit')
    expect(audit.map(({ actor, action }) => [actor, action])).toEqual([
      ['anna', 'event.create'],
      ['anna', 'event.replace'],
      ['ben', 'event.cancel'],
    ])
    const history = await bench.events.history('api', eventId)
    expect(history.map(({ modification, state }) => [modification, state])).toEqual([
      [0, 'received'],
      [0, 'accepted'],
      [0, 'superseded'],
      [1, 'received'],
      [1, 'accepted'],
      [2, 'received'],
      [2, 'cancelled'],
    ])
  })

  test('faults are errors, and leave nothing behind', async () => {
    const bench = await eventBench({ rules: { maxEvents: 1 } })
    const { events } = bench
    const failing = (attempt: Promise<unknown>): Promise<string> =>
      attempt.then(
        () => 'none',
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      )
    expect(await failing(events.create({ ...input, intervals: [] }, 'a'))).toBe('payload-invalid')
    expect(await failing(events.create({ ...input, targets: ['x'] }, 'a'))).toBe('payload-invalid')
    const past = { ...input, intervals: intervals([1], 15, T0 - 120 * MINUTE) }
    expect(await failing(events.create(past, 'a'))).toBe('payload-invalid')
    expect(events.all()).toEqual([])
    await events.create({ ...input, eventId: 'mine' }, 'a')
    expect(await failing(events.create({ ...input, eventId: 'mine' }, 'a'))).toBe('conflict')
    expect(await failing(events.create(input, 'a'))).toBe('too-many-requests')
    expect(await failing(events.cancel('api', 'other', 'a'))).toBe('not-found')
    await events.cancel('api', 'mine', 'a')
    expect(await failing(events.cancel('api', 'mine', 'a'))).toBe('conflict')
    expect(await failing(events.replace('mine', input, 'a'))).toBe('conflict')
  })

  test("somebody else's event cannot be cancelled here", async () => {
    const bench = await eventBench()
    await bench.deliver(event())
    await expect(bench.events.cancel('dso', 'e1', 'a')).rejects.toMatchObject({ code: 'conflict' })
  })
})

test('a test event goes through its life and changes nothing', async () => {
  const bench = await eventBench()
  await bench.deliver(event({ eventClass: 'test', test: true }))
  expect(bench.limitW(1)).toBeNull()
  await bench.until(31)
  expect(bench.told().map(([, state]) => state)).toEqual([
    'received',
    'accepted',
    'started',
    'completed',
  ])
})

describe('restart', () => {
  test('in the middle of an event: the limit is there before anything is delivered', async () => {
    const before = await eventBench()
    await before.deliver(event())
    await before.until(5)
    const after = await eventBench({ storage: before.storage, startMs: T0 + 10 * MINUTE })
    expect(after.limitW(10)).toBe(20_000)
    await after.deliver(event())
    expect(after.told()).toEqual([[0, 'started', null]])
    await after.until(31)
    expect(after.told().at(-1)).toEqual([0, 'completed', null])
  })

  test('after the end: a started event is completed, one that never started has expired', async () => {
    const before = await eventBench()
    await before.deliver(event({ eventId: 'ran' }))
    await before.until(5)
    await before.deliver(gridEvent('missed', {}, intervals([1], 10, T0 + 10 * MINUTE)))
    const after = await eventBench({ storage: before.storage, startMs: T0 + 60 * MINUTE })
    await after.until(61)
    const states = after.source.told.map(({ eventId, state }) => [eventId, state])
    expect(Object.fromEntries(states)).toEqual({ missed: 'expired', ran: 'completed' })
    expect(states).toHaveLength(2)
  })

  test('a tombstone survives', async () => {
    const before = await eventBench()
    await before.deliver(event(), cancelOf(event(), -30))
    const after = await eventBench({ storage: before.storage })
    await after.deliver(event())
    expect(after.told()).toEqual([[0, 'rejected', 'stale']])
  })

  test('nothing may be handled before load', async () => {
    const bench = await eventBench()
    const { createEventLifecycle } = await import('../../../src/control/event-lifecycle.ts')
    const unloaded = createEventLifecycle({
      view: bench.view,
      fleet: { capability: () => null, powerW: () => null },
      storage: bench.storage,
      fabric: { publish: () => {}, subscribe: () => () => {} },
      clock: bench.clock,
      random: { next: () => 0 },
      log: recordingLog().log,
    })
    expect(() => unloaded.handle(bench.source, event())).toThrow(/load/)
  })
})

test('nothing is acknowledged before it is stored; what could not be stored is tried again', async () => {
  const memory = createMemoryStorage({ log: recordingLog().log })
  let broken = true
  const storage: Storage = {
    ...memory,
    commit: async (records) => {
      if (broken) throw new AppError('storage-failed', 'disk full')
      await memory.commit(records)
    },
  }
  const bench = await eventBench({ storage })
  await bench.deliver(event(), event())
  expect(bench.told()).toEqual([])
  expect(bench.limitW(1)).toBe(20_000)
  await expect(
    bench.events.create({ signal: event().signal, intervals: intervals([1]) }, 'a'),
  ).rejects.toMatchObject({ code: 'storage-failed' })
  broken = false
  bench.events.step(bench.clock.now())
  await bench.events.settle()
  expect(bench.told().slice(0, 3)).toEqual([
    [0, 'received', null],
    [0, 'accepted', null],
    [0, 'accepted', null],
  ])
  expect(await bench.events.history('dso', 'e1')).toHaveLength(2)
})
