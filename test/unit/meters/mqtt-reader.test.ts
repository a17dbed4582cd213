import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/meters/broker.ts'
import { createMqttReader, type MqttMeterOptions } from '../../../src/meters/mqtt-reader.ts'

const AT = Date.UTC(2026, 6, 1)

const message = (payload: unknown, more: Partial<Message> = {}): Message => ({
  topic: 'grid',
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retained: false,
  receivedAtMs: AT,
  ...more,
})

const readerOf = (options: Partial<MqttMeterOptions> & Pick<MqttMeterOptions, 'values'>) =>
  createMqttReader({ id: 'grid', topic: 'grid', ...options })

describe('one payload', () => {
  test.each<[string, MqttMeterOptions['values'], unknown, object]>([
    ['a bare number', { powerW: { unit: 'kW' } }, '12.5', { powerW: 12_500 }],
    ['a number as text', { powerW: { unit: 'W', pointer: '/p' } }, { p: '7' }, { powerW: 7 }],
    [
      'export counted positive',
      { powerW: { unit: 'kW', sign: -1, pointer: '/p' } },
      { p: 3 },
      { powerW: -3_000 },
    ],
    [
      'three pointers',
      { currentA: { unit: 'mA', pointer: ['/a', '/b/0', '/c'] } },
      { a: 1_000, b: [2_000], c: 3_000 },
      { currentA: [1, 2, 3] },
    ],
    [
      'an array',
      { currentA: { unit: 'A', pointer: '/i' }, voltageV: { unit: 'V', pointer: '/u' } },
      { i: [1, 2, 3], u: [230, 231, 232] },
      { currentA: [1, 2, 3], voltageV: [230, 231, 232] },
    ],
    [
      'one phase of three',
      { currentA: { unit: 'A', pointer: [null, '/i', null] } },
      { i: 4 },
      { currentA: [0, 4, 0] },
    ],
    [
      'everything else',
      {
        energyImportWh: { unit: 'kWh', pointer: '/e/in' },
        energyExportWh: { unit: 'MWh', pointer: '/e/out' },
        frequencyHz: { unit: 'Hz', pointer: '/f' },
        soc: { unit: 'percent', pointer: '/soc' },
      },
      { e: { in: 1.5, out: 2 }, f: 50.01, soc: 80 },
      { energyImportWh: 1_500, energyExportWh: 2_000_000, frequencyHz: 50.01, soc: 0.8 },
    ],
  ])('%s', (_name, values, payload, expected) => {
    const { reading, wrong } = readerOf({ values }).read(message(payload))
    expect(wrong).toBeNull()
    expect(reading).toEqual({
      meterId: 'grid',
      measuredAtMs: AT,
      receivedAtMs: AT,
      quality: 'good',
      ...expected,
    })
  })

  test.each<[string, unknown, RegExp]>([
    ['text', 'hello', /"hello" has none of the values; check the pointers/],
    ['broken JSON', '{"p": 12', /none of the values/],
    ['another shape', { power: 1 }, /none of the values/],
    ['no number', { p: 'high' }, /powerW: "high" is not a number/],
    ['a truth value', { p: true }, /powerW: true is not a number/],
    ['an object', { p: { value: 3 } }, /powerW: {"value":3} is not a number/],
    ['nothing at all', '', /none of the values/],
    ['too much', `{"p":1,"x":"${'y'.repeat(200)}"}`, /214 bytes are more than 128/],
  ])('%s is broken and gives no reading', (_name, payload, why) => {
    const reader = readerOf({
      values: { powerW: { unit: 'W', pointer: '/p' } },
      maxPayloadBytes: 128,
    })
    const outcome = reader.read(message(payload))
    expect(outcome.reading).toBeNull()
    expect(outcome.wrong).toMatch(why)
  })

  test('a broken payload leaves the former values and their time', () => {
    const reader = readerOf({
      values: { powerW: { unit: 'W', pointer: '/p' }, frequencyHz: { unit: 'Hz', pointer: '/f' } },
    })
    reader.read(message({ p: 5, f: 50 }))
    expect(reader.read(message({ p: 'x', f: 49 }, { receivedAtMs: AT + 1_000 })).reading).toBeNull()
    const { reading } = reader.read(message({ f: 51 }, { receivedAtMs: AT + 2_000 }))
    expect(reading).toMatchObject({ powerW: 5, frequencyHz: 51, measuredAtMs: AT })
  })

  test.each([null, 'NaN', 'unavailable'])(
    '%j is not measured this time: no reading, no fault',
    (p) => {
      const { reading, wrong } = readerOf({
        values: { powerW: { unit: 'W', pointer: '/p' } },
      }).read(message({ p }))
      expect(wrong).toBeNull()
      expect(reading).toBeNull()
    },
  )
})

describe('time, quality, age', () => {
  const values = { powerW: { unit: 'W', pointer: '/p' } } as const

  test('the meter says when it measured', () => {
    const reader = readerOf({ values, time: { pointer: '/t', format: 'epoch-s' } })
    const { reading } = reader.read(message({ p: 1, t: AT / 1000 - 3 }))
    expect(reading).toMatchObject({ measuredAtMs: AT - 3_000, receivedAtMs: AT })
  })

  test.each([
    [{ p: 1 }, 'it has no time; check time/pointer'],
    [{ p: 1, t: 'soon' }, 'time "soon" is not a number'],
  ])('%j has no usable time', (payload, why) => {
    const reader = readerOf({ values, time: { pointer: '/t', format: 'epoch-s' } })
    expect(reader.read(message(payload))).toEqual({ reading: null, wrong: why })
  })

  test.each([
    ['ok', 'good'],
    ['estimated', 'uncertain'],
    ['broken', 'bad'],
    [undefined, 'bad'],
  ])('status %s is %s', (status, quality) => {
    const reader = readerOf({
      values,
      quality: { pointer: '/status', good: ['ok'], uncertain: ['estimated'] },
    })
    expect(reader.read(message({ p: 1, status })).reading).toMatchObject({ powerW: 1, quality })
  })

  test('availability on a topic of its own', () => {
    const reader = readerOf({ values, quality: { topic: 'grid/online', good: [true, 'online'] } })
    const say = (payload: string, retained = false) =>
      reader.read(message(payload, { topic: 'grid/online', retained })).reading
    expect(reader.topics).toEqual(['grid', 'grid/online'])
    expect(reader.read(message({ p: 1 })).reading?.quality).toBe('uncertain')
    expect(say('true', true)).toBeNull()
    expect(reader.read(message({ p: 1 })).reading?.quality).toBe('good')
    expect(say('offline')?.quality).toBe('bad')
    expect(reader.read(message({ p: 1 })).reading?.quality).toBe('bad')
    expect(say('online')).toBeNull()
  })

  test('what the broker kept is of unknown age', () => {
    const kept = message({ p: 1 }, { retained: true })
    expect(readerOf({ values }).read(kept)).toEqual({ reading: null, wrong: null })
    expect(readerOf({ values, acceptRetained: true }).read(kept).reading?.powerW).toBe(1)
    const timed = readerOf({ values, time: { pointer: '/t', format: 'epoch-ms' } })
    const old = message({ p: 1, t: AT - 86_400_000 }, { retained: true })
    expect(timed.read(old).reading?.measuredAtMs).toBe(AT - 86_400_000)
  })
})

describe('several topics', () => {
  const perPhase: MqttMeterOptions['values'] = {
    currentA: { unit: 'A', topic: ['l1/current', 'l2/current', 'l3/current'] },
  }
  const say = (
    reader: ReturnType<typeof readerOf>,
    phase: 1 | 2 | 3,
    amps: number,
    afterMs: number,
  ) =>
    reader.read(message(String(amps), { topic: `l${phase}/current`, receivedAtMs: AT + afterMs }))

  test('join into one reading with the oldest time', () => {
    const reader = readerOf({ values: perPhase, joinWindowS: 2 })
    expect(say(reader, 1, 5, 0).reading).toBeNull()
    expect(say(reader, 2, 6, 300).reading).toBeNull()
    expect(reader.missing()).toEqual(['currentA L3'])
    expect(say(reader, 3, 7, 600).reading).toMatchObject({
      currentA: [5, 6, 7],
      measuredAtMs: AT,
      receivedAtMs: AT + 600,
    })
  })

  test('one topic falling silent ends the readings', () => {
    const reader = readerOf({ values: perPhase, joinWindowS: 2 })
    for (const phase of [1, 2, 3] as const) say(reader, phase, 5, 0)
    expect(say(reader, 1, 5, 1_900).reading).not.toBeNull()
    expect(say(reader, 2, 5, 2_100).reading).toBeNull()
    expect(reader.missing()).toEqual(['currentA L3'])
  })

  test('another topic means nothing', () => {
    const reader = readerOf({ values: perPhase })
    expect(reader.read(message('5', { topic: 'other' }))).toEqual({ reading: null, wrong: null })
  })
})

describe('configuration errors say where', () => {
  test.each<[string, Partial<MqttMeterOptions>, string]>([
    ['no topic', { topic: undefined }, 'meters/grid/values/powerW has no topic; set one here or'],
    ['a wildcard', { topic: 'site/+/power' }, 'topic "site/+/power" must name one topic'],
    [
      'a bad pointer',
      { values: { powerW: { unit: 'W', pointer: 'p' } } },
      'meters/grid/values/powerW/pointer: "p" is not a JSON pointer',
    ],
    [
      'a bad unit',
      { values: { powerW: { unit: 'A' } } },
      'meters/grid/values/powerW: A is not a unit of power',
    ],
    ['a bad time', { time: { pointer: 't' } }, 'meters/grid/time/pointer: "t" is not'],
    ['a bad quality', { quality: { pointer: 'q', good: [] } }, 'meters/grid/quality/pointer: "q"'],
    ['no values', { values: {} }, 'meters/grid/values names no value'],
  ])('%s', (_name, options, text) => {
    expect(() => readerOf({ values: { powerW: { unit: 'W' } }, ...options })).toThrow(text)
  })
})
