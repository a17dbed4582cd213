import { describe, expect, test } from 'vitest'
import { readEvent } from '../../../../src/signals/mqtt/read-event.ts'
import type { WireContext } from '../../../../src/signals/mqtt/to-domain.ts'
import { MINUTE, T0 } from '../../../fixtures/grid-site.ts'
import { bytes, iso, wireEvent } from '../../../fixtures/wire-event.ts'

const context: WireContext = {
  authority: 'dso',
  aliases: new Map([
    ['depot', []],
    ['EAN871', ['s1/1', 's2/1']],
  ]),
  ratedPowerW: 50_000,
}
const TOPIC = { operator: 'dso', eventId: 'e1' }
const read = (document: unknown) => readEvent(bytes(document), TOPIC, context)
const withData = (data: Record<string, unknown>) => read(wireEvent('e1', { data }))

const good = (data: Record<string, unknown>) => {
  const reading = withData(data)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.event
}

test.each(['2026-12-31T17:00:00+01', '2026-12-31T23:59:60Z', '2026-02-30T17:00:00Z'])(
  'a time that cannot be read is refused: %s',
  (time) => {
    for (const data of [{ status: 'cancelled', cancelAt: time }, { ackBy: time }]) {
      expect(withData(data)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^data\/\w+ must match format "date-time"$/),
      })
    }
    expect(read(wireEvent('e1', { envelope: { time } }))).toMatchObject({ ok: false })
  },
)

test('a complete event becomes a domain event in watts and milliseconds', () => {
  const event = good({
    modification: 3,
    class: 'mandatory',
    priority: 1,
    optOut: true,
    programId: 'p1',
    targets: ['s3'],
    ackBy: iso(T0 - 5 * MINUTE),
    signal: { kind: 'importLimit', unit: 'kW', scope: 'connection', measure: 'avg15m' },
    intervals: [
      { id: 0, duration: 'PT15M', value: 20.5 },
      { id: 1, duration: 'PT15M', value: 0 },
      { id: 2, start: iso(T0 + 60 * MINUTE), duration: 'PT1H', value: null },
    ],
    randomize: { start: 'PT10M', end: 'PT5M', direction: 'either' },
    ramp: { down: 10, up: 5 },
    recovery: { hold: 'PT20M', maxKw: 30, stagger: 'PT15M' },
    reports: [{ type: 'USAGE', interval: 'PT15M' }],
    ext: { anything: [1, 2] },
  })
  expect(event).toEqual({
    authority: 'dso',
    eventId: 'e1',
    modification: 3,
    status: 'issued',
    cancelAtMs: null,
    eventClass: 'mandatory',
    priority: 1,
    optOut: true,
    programId: 'p1',
    targets: ['s3'],
    issuedAtMs: T0 - 60 * MINUTE,
    notAfterMs: T0 + 60 * MINUTE,
    ackByMs: T0 - 5 * MINUTE,
    signal: { kind: 'import-limit', unit: 'W', scope: 'connection', currency: null },
    intervals: [
      { id: 0, startMs: T0, endMs: T0 + 15 * MINUTE, value: 20_500 },
      { id: 1, startMs: T0 + 15 * MINUTE, endMs: T0 + 30 * MINUTE, value: 0 },
      { id: 2, startMs: T0 + 60 * MINUTE, endMs: T0 + 120 * MINUTE, value: null },
    ],
    randomize: { startMs: 10 * MINUTE, endMs: 5 * MINUTE, direction: 'either' },
    ramp: { downWPerMin: 10_000, upWPerMin: 5_000 },
    recovery: { holdMs: 20 * MINUTE, maxW: 30_000, staggerMs: 15 * MINUTE },
    test: false,
  })
})

test('what is left out has its default', () => {
  expect(good({})).toMatchObject({
    optOut: false,
    programId: null,
    targets: [],
    ackByMs: null,
    signal: { scope: 'controllable' },
    randomize: null,
    ramp: null,
    recovery: null,
  })
  expect(good({ randomize: { start: 'PT1M' }, recovery: {}, ramp: { down: 1 } })).toMatchObject({
    randomize: { startMs: MINUTE, endMs: 0, direction: 'late' },
    recovery: { holdMs: 0, maxW: null, staggerMs: 0 },
    ramp: { downWPerMin: 1_000, upWPerMin: null },
  })
})

test.each([
  [{ kind: 'exportLimit', unit: 'kW' }, 5, { kind: 'export-limit', unit: 'W' }, 5_000],
  [{ kind: 'setpoint', unit: 'kW' }, -5, { kind: 'setpoint', unit: 'W' }, -5_000],
  [{ kind: 'reduceBy', unit: 'percent' }, 25, { kind: 'reduce-by', unit: 'fraction' }, 0.25],
  [{ kind: 'level', unit: 'level' }, 2, { kind: 'level', unit: 'level' }, 2],
  [
    { kind: 'price', unit: 'currency/kWh', currency: 'EUR' },
    -0.02,
    { kind: 'price', unit: 'currency/kWh', currency: 'EUR' },
    -0.02,
  ],
  [{ kind: 'ghg', unit: 'g/kWh' }, 120, { kind: 'carbon', unit: 'g/kWh' }, 120],
  [{ kind: 'socTarget', unit: 'percent' }, 80, { kind: 'soc-target', unit: 'fraction' }, 0.8],
  [{ kind: 'noCharge', unit: 'level' }, 1, { kind: 'no-charge', unit: 'level' }, 1],
  [
    { kind: 'importLimit', unit: 'A', scope: 'phase' },
    16,
    { kind: 'import-limit', unit: 'A', scope: 'phase' },
    16,
  ],
])('signal %o of %d', (wire, value, signal, domainValue) => {
  const event = good({ signal: wire, intervals: [{ id: 0, duration: 'PT15M', value }] })
  expect(event.signal).toMatchObject(signal)
  expect(event.intervals[0].value).toBeCloseTo(domainValue)
})

test('a ramp in percent per second is of the rating', () => {
  expect(good({ ramp: { down: 1, unit: '%/s' } }).ramp?.downWPerMin).toBe(30_000)
})

test.each([
  [['depot'], []],
  [['EAN871'], ['s1/1', 's2/1']],
  [
    ['EAN871', 's3'],
    ['s1/1', 's2/1', 's3'],
  ],
  [['s3', 'depot'], []],
  [['s3'], ['s3']],
])('targets %j', (targets, expected) => {
  expect(good({ targets }).targets).toEqual(expected)
})

test('a cancel has its time; the class test marks a test', () => {
  expect(good({ status: 'cancelled', cancelAt: iso(T0) })).toMatchObject({
    status: 'cancelled',
    cancelAtMs: T0,
  })
  expect(good({ class: 'test' }).test).toBe(true)
})

describe('refused, with what can be said about it', () => {
  test.each([
    ['nothing', { signal: undefined }, /data must have required property 'signal'/],
    ['an unknown key', { colour: 'red' }, /additional properties: colour/],
    ['an unknown kind', { signal: { kind: 'magic', unit: 'kW' } }, /signal\/kind .*importLimit/],
    ['a cancel without its time', { status: 'cancelled' }, /cancelAt/],
    ['a price without currency', { signal: { kind: 'price', unit: 'currency/kWh' } }, /currency/],
    ['a price in kW', { signal: { kind: 'price', unit: 'kW', currency: 'EUR' } }, /cannot be in W/],
    ['amperes of a fleet', { signal: { kind: 'importLimit', unit: 'A' } }, /cannot be in A/],
    [
      'a setpoint per phase',
      { signal: { kind: 'setpoint', unit: 'kW', scope: 'phase' } },
      /no scope phase/,
    ],
    ['a day without a zone', { start: '2026-11-02T10:00:00' }, /data\/start .*date-time/],
    ['years', { intervals: [{ id: 0, duration: 'P1Y', value: 1 }] }, /intervals\/0\/duration/],
    [
      'no length, but in the last interval',
      { intervals: [0, 1].map((id) => ({ id, duration: 'PT0S', value: 1 })) },
      /longer than zero/,
    ],
    [
      'no end, but in the last interval',
      {
        intervals: [
          { id: 0, value: 1 },
          { id: 1, duration: 'PT1H', value: 2 },
        ],
      },
      /only the last interval/,
    ],
    ['nothing at all', { intervals: [] }, /intervals must NOT have fewer than 1/],
    [
      'overlapping intervals',
      {
        intervals: [
          { id: 0, duration: 'PT30M', value: 1 },
          { id: 1, start: iso(T0 + 15 * MINUTE), duration: 'PT30M', value: 1 },
        ],
      },
      /interval 1 begins before interval 0 ends/,
    ],
    [
      'two of the same id',
      {
        intervals: [
          { id: 0, duration: 'PT30M', value: 1 },
          { id: 0, duration: 'PT30M', value: 1 },
        ],
      },
      /used twice/,
    ],
    [
      'more than a year',
      { intervals: [{ id: 0, duration: 'P401D', value: 1 }] },
      /longer than 400 days/,
    ],
    ['a negative limit', { intervals: [{ id: 0, duration: 'PT1H', value: -1 }] }, /negative/],
    [
      'over a hundred percent',
      {
        signal: { kind: 'importLimit', unit: 'percent' },
        intervals: [{ id: 0, duration: 'PT1H', value: 120 }],
      },
      /100 %/,
    ],
    [
      'no charging, ambiguously',
      {
        signal: { kind: 'noCharge', unit: 'level' },
        intervals: [{ id: 0, duration: 'PT1H', value: 0 }],
      },
      /takes 1/,
    ],
    ['a day of random delay and more', { randomize: { start: 'PT25H' } }, /24 h/],
    ['a recovery of a week', { recovery: { hold: 'P1W' } }, /24 h/],
    ['an event id with a slash', { eventId: 'a/b' }, /eventId must match/],
  ])('%s', (_name, data, reason) => {
    const reading = withData({ modification: 2, ...data })
    expect(reading).toMatchObject({ ok: false, code: 'schema', eventId: 'e1', modification: 2 })
    if (!reading.ok) expect(reading.reason).toMatch(reason)
  })

  test('no JSON', () => {
    expect(readEvent(Buffer.from('{"a":'), TOPIC, context)).toMatchObject({
      ok: false,
      eventId: 'e1',
      modification: 0,
      reason: expect.stringContaining('not JSON') as unknown,
    })
  })

  test.each([
    [null],
    ['text'],
    [[1]],
    [{ data: { modification: -3 } }],
    [{ data: { modification: 'x' }, id: 7 }],
  ])('other JSON: %j', (document) => {
    expect(read(document)).toMatchObject({ ok: false, modification: 0, correlationId: 'e1' })
  })

  test('a subject or a topic of another event', () => {
    expect(read(wireEvent('e1', { envelope: { subject: 'e2' } }))).toMatchObject({
      reason: 'subject e2 is not eventId e1',
    })
    expect(read(wireEvent('e2'))).toMatchObject({ reason: 'event e2 came on the topic of e1' })
  })

  test('unknown keys of the envelope do no harm', () => {
    expect(read(wireEvent('e1', { envelope: { traceparent: 'x' } })).ok).toBe(true)
  })
})

test('an answer is correlated by the correlation id, or by the id of the envelope', () => {
  expect(read(wireEvent('e1'))).toMatchObject({ correlationId: 'e1-0' })
  expect(read(wireEvent('e1', { envelope: { correlationid: 'c7' } }))).toMatchObject({
    correlationId: 'c7',
  })
})

test('a correlation id that no answer could carry is refused, without it', () => {
  const correlationid = 'c'.repeat(1_025)
  expect(read(wireEvent('e1', { envelope: { correlationid } }))).toMatchObject({
    ok: false,
    correlationId: 'e1',
    reason: 'correlationid must NOT have more than 1024 characters',
  })
})

test('a document of another source is refused, whatever its topic', () => {
  expect(read(wireEvent('e1', { envelope: { source: 'evil' } }))).toMatchObject({
    ok: false,
    code: 'unauthorized',
    reason: 'source evil is not the operator of this topic, dso',
  })
})

test('a refusal always has a request that it answers', () => {
  for (const id of ['', undefined, 7, 'x'.repeat(2_000)]) {
    expect(read(wireEvent('e1', { envelope: { id } }))).toMatchObject({
      ok: false,
      correlationId: 'e1',
    })
  }
})

test.each([2 ** 53, 1e300, -1, 1.5])('modification or interval id %d', (number) => {
  expect(read(wireEvent('e1', { data: { modification: number } }))).toMatchObject({
    ok: false,
    code: 'schema',
    modification: 0,
  })
  const intervals = [{ id: number, duration: 'PT30M', value: 20 }]
  expect(read(wireEvent('e1', { data: { intervals } }))).toMatchObject({
    ok: false,
    code: 'schema',
  })
})
