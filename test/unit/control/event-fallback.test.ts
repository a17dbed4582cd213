import { describe, expect, test } from 'vitest'
import type { Comms, DefaultSignal } from '../../../src/ports/signal-source.ts'
import type { AuthorityRules } from '../../../src/control/events/event-rules.ts'
import { eventBench, fakeSource } from '../../fixtures/event-bench.ts'
import { gridEvent, intervals, MINUTE, T0 } from '../../fixtures/grid-site.ts'

const standing = (value: number, programId: string | null = null): DefaultSignal => ({
  programId,
  signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
  value,
  targets: [],
})

const rules = (minimumMin = 0, ...defaults: DefaultSignal[]) => {
  const authority: AuthorityRules = {
    kinds: null,
    fallback: { defaults, minimumMs: minimumMin * MINUTE },
  }
  return { authorities: { dso: authority } }
}

/** A heartbeat that the test holds in its hand. */
const heartbeat = () => {
  const comms = {
    state: 'waiting' as Comms['state'],
    sinceMs: 0,
    complete: false,
    defaults: null as Comms['defaults'],
  }
  return {
    source: fakeSource('dso', () => comms),
    set: (state: Comms['state'], complete = true, defaults = comms.defaults) =>
      Object.assign(comms, { state, complete, defaults }),
  }
}

const start = async (...args: Parameters<typeof rules>) => {
  const heart = heartbeat()
  const bench = await eventBench({ source: heart.source, rules: rules(...args) })
  const say = (state: Comms['state'], complete?: boolean, defaults?: Comms['defaults']) => {
    heart.set(state, complete, defaults)
    bench.events.step(bench.clock.now())
  }
  return { ...bench, say }
}

test('from the start the default holds, until the authority is heard and its word is complete', async () => {
  const bench = await start(0, standing(8_000))
  expect(bench.limitW(-30)).toBe(8_000)
  bench.say('fresh', false)
  expect(bench.limitW(-30)).toBe(8_000)
  expect(bench.events.fallback('dso')).toMatchObject({ active: true, lost: false })
  bench.say('fresh', true)
  expect(bench.limitW(-30)).toBeNull()
  expect(bench.events.fallback('dso')).toMatchObject({ active: false })
})

test.each([
  ['zero', 0],
  ['a limit', 4_200],
])('a default of %s', async (_name, value) => {
  const bench = await start(0, standing(value))
  expect(bench.limitW(-30)).toBe(value)
})

test('silence: the known schedule is finished first, the default fills what it leaves', async () => {
  const bench = await start(0, standing(8_000))
  bench.say('fresh')
  await bench.deliver(gridEvent('e1', {}, intervals([30_000, null, 20_000])))
  bench.say('lost')
  expect([-1, 0, 14, 15, 29, 30, 44, 45, 600].map(bench.limitW)).toEqual([
    8_000, 30_000, 30_000, 8_000, 8_000, 20_000, 20_000, 8_000, 8_000,
  ])
  expect(bench.events.timeline(bench.clock.now()).at(T0 - MINUTE).controllable.importW).toEqual({
    authority: 'dso',
    eventId: 'default-0',
    value: 8_000,
  })
  expect(bench.told().filter(([, state]) => state === 'cancelled')).toEqual([])
})

test('a schedule of another kind, program or authority does not stand in for the default', async () => {
  const bench = await start(0, standing(8_000, 'p1'))
  bench.say('lost')
  await bench.deliver(
    gridEvent('e1', {}, [30_000], { programId: 'p2' }),
    gridEvent('e2', { kind: 'export-limit' }, [0], { programId: 'p1' }),
    gridEvent('e3', {}, [25_000], { programId: 'p1', authority: 'other' }),
  )
  expect(bench.limitW(1)).toBe(8_000)
  await bench.deliver(gridEvent('e4', {}, [40_000], { programId: 'p1' }))
  expect(bench.limitW(1)).toBe(25_000)
  expect(bench.limitW(16)).toBe(8_000)
})

test.each([
  ['heard, but not all of its events', 'fresh', false, 8_000],
  ['heard in full', 'fresh', true, null],
  ['silent', 'lost', true, 8_000],
] as const)('after silence: %s', async (_name, state, complete, limitW) => {
  const bench = await start(0, standing(8_000))
  bench.say('fresh')
  bench.say('lost')
  bench.say(state, complete)
  expect(bench.limitW(-30)).toBe(limitW)
})

test('once fallen back, it stays so for the minimum time', async () => {
  const bench = await start(120, standing(8_000))
  bench.say('fresh')
  expect(bench.limitW(-30)).toBeNull()
  bench.say('lost')
  bench.say('fresh')
  await bench.until(59)
  expect(bench.limitW(59)).toBe(8_000)
  await bench.until(60)
  expect(bench.limitW(61)).toBeNull()
})

test('silence right from the start counts as fallen back', async () => {
  const bench = await start(120, standing(8_000))
  bench.say('lost')
  bench.say('fresh')
  await bench.until(59)
  expect(bench.limitW(59)).toBe(8_000)
})

describe('defaults that the authority names', () => {
  test('replace the configured ones and survive a restart', async () => {
    const bench = await start(0, standing(8_000))
    bench.say('fresh', true, [standing(5_000)])
    bench.say('lost')
    expect(bench.limitW(-30)).toBe(5_000)
    await bench.events.settle()
    const again = await eventBench({
      source: heartbeat().source,
      storage: bench.storage,
      rules: rules(0, standing(8_000)),
    })
    expect(again.limitW(-30)).toBe(5_000)
    expect(again.events.all()).toEqual([])
  })

  test('none lifts the configured one', async () => {
    const bench = await start(0, standing(8_000))
    bench.say('fresh', true, [])
    bench.say('lost')
    expect(bench.limitW(-30)).toBeNull()
  })
})

test('a source without a heartbeat never falls back', async () => {
  const bench = await eventBench({ rules: rules(0, standing(8_000)) })
  bench.events.step(bench.clock.now())
  expect(bench.limitW(-30)).toBeNull()
  expect(bench.events.fallback('dso')).toBeNull()
})
