import { describe, expect, test } from 'vitest'
import { readPriceCsv } from '../../../../src/signals/prices/csv.ts'
import { unitFactor } from '../../../../src/signals/prices/intervals.ts'
import { durationMs, readPriceJson } from '../../../../src/signals/prices/json.ts'

const HOUR_MS = 3_600_000
const csv = (text: string, unit = 'currency/kWh') => readPriceCsv(text, 'Europe/Berlin', unit)
const json = (value: unknown, unit = 'currency/kWh') => readPriceJson(JSON.stringify(value), unit)
const at = (text: string): number => Date.parse(text)

describe('CSV', () => {
  test('prices with offsets, in any order, negative ones too', () => {
    const { segments } = csv(
      'start,price\n2026-01-01T02:00Z,-0.05\n2026-01-01T00:00Z,0.10\n2026-01-01T01:00Z,0.2\n',
    )
    expect(segments).toEqual([
      { startMs: at('2026-01-01T00:00Z'), endMs: at('2026-01-01T01:00Z'), value: 0.1 },
      { startMs: at('2026-01-01T01:00Z'), endMs: at('2026-01-01T02:00Z'), value: 0.2 },
      { startMs: at('2026-01-01T02:00Z'), endMs: at('2026-01-01T03:00Z'), value: -0.05 },
    ])
  })

  test.each([
    ['price', 'currency/MWh', 0.085],
    ['price_per_mwh', 'currency/kWh', 0.085],
    ['price_per_kwh', 'currency/MWh', 85],
    ['cent_per_kwh', 'currency/kWh', 0.85],
  ])('column %s, unit %s', (column, unit, expected) => {
    const { segments } = csv(`start;${column}\n2026-01-01T00:00Z;85,0\n`, unit)
    expect(segments[0].value).toBeCloseTo(expected, 12)
  })

  test('grams per kWh are carbon', () => {
    expect(csv('start,grams_per_kwh\n2026-01-01T00:00Z,310\n')).toMatchObject({
      kind: 'carbon',
      segments: [{ value: 310 }],
    })
  })

  test('quotes around cells do not matter', () => {
    expect(csv('"start";"price"\n"2026-01-01T00:00Z";"0,25"\n').segments).toMatchObject([
      { startMs: at('2026-01-01T00:00Z'), value: 0.25 },
    ])
  })

  test.each(['Infinity', '-1e9', '1e400'])('%s is no price', (value) => {
    expect(() => csv(`start,price\n2026-01-01T00:00Z,${value}\n`)).toThrow(
      /line 2: (-?\w+ is no price; check the unit|"\w+" is no number)/,
    )
  })

  test('an empty price leaves a hole, an end is kept', () => {
    const { segments } = csv(
      'start,end,price\n2026-01-01T00:00Z,2026-01-01T00:30Z,1\n2026-01-01T01:00Z,,\n2026-01-01T02:00Z,,3\n',
    )
    expect(segments.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS)).toEqual([0.5, 1])
  })

  test.each([
    ['2026-03-29', 23],
    ['2026-10-25', 25],
  ])('a local day of %s has %d hourly prices', (date, hours) => {
    const clock = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')).flatMap(
      (hour) => {
        if (date === '2026-03-29' && hour === '02') return []
        return date === '2026-10-25' && hour === '02' ? [hour, hour] : [hour]
      },
    )
    const rows = clock.map((hour, i) => `${date} ${hour}:00,${i}`)
    const { segments } = csv(['start,price', ...rows].join('\n'))
    expect(segments).toHaveLength(hours)
    for (const [i, { startMs, endMs, value }] of segments.entries()) {
      expect([endMs - startMs, value]).toEqual([HOUR_MS, i])
    }
  })

  test.each([
    ['no start', 'when,price\n', 'line 1: there is no column "start"'],
    ['no price', 'start,cost\n', 'line 1: there is no price column; name it price, value'],
    ['no number', 'start,price\n2026-01-01T00:00Z,cheap\n', 'line 2: "cheap" is no number'],
    ['no time', 'start,price\nsoon,1\n', 'line 2: "soon" is no time'],
    [
      'skipped time',
      'start,price\n2026-03-29T02:30,1\n',
      'line 2: 2026-03-29T02:30 does not exist',
    ],
    [
      'overlap',
      'start,end,price\n2026-01-01T00:00Z,2026-01-01T02:00Z,1\n2026-01-01T01:00Z,,1\n',
      'line 3 overlaps line 2',
    ],
    [
      'end before start',
      'start,end,price\n2026-01-01T02:00Z,2026-01-01T01:00Z,1\n',
      'line 2 must end after it begins',
    ],
  ])('%s is refused', (_, text, message) => {
    expect(() => csv(text)).toThrow(message)
  })
})

describe('JSON, simple form', () => {
  test('ends, durations and neither', () => {
    const message = json({
      currency: 'SEK',
      unit: 'currency/MWh',
      kind: 'export',
      note: 'ignored',
      intervals: [
        { start: '2026-01-01T00:00:00Z', duration: 'PT15M', value: 100 },
        { start: '2026-01-01T00:15:00+00:00', end: '2026-01-01T01:00:00Z', value: -20 },
        { value: null, duration: 'PT1H' },
        { start: '2026-01-01T02:00:00Z', value: 50 },
      ],
    })
    expect(message).toMatchObject({ kind: 'export', currency: 'SEK', event: null })
    expect(message.segments).toEqual([
      { startMs: at('2026-01-01T00:00Z'), endMs: at('2026-01-01T00:15Z'), value: 0.1 },
      { startMs: at('2026-01-01T00:15Z'), endMs: at('2026-01-01T01:00Z'), value: -0.02 },
      { startMs: at('2026-01-01T02:00Z'), endMs: at('2026-01-01T03:00Z'), value: 0.05 },
    ])
  })

  test.each([
    ['text', 'nonsense', /is no JSON/],
    ['nothing', '{}', /must have required property 'intervals'/],
    ['no intervals', '{"intervals":[]}', /intervals must NOT have fewer than 1 items/],
    ['no value', '{"intervals":[{"start":"2026-01-01T00:00:00Z"}]}', /intervals\/0 must have/],
    [
      'value as text',
      '{"intervals":[{"start":"2026-01-01T00:00:00Z","value":"1"}]}',
      /intervals\/0\/value must be number/,
    ],
    [
      'local time',
      '{"intervals":[{"start":"2026-01-01T00:00:00","value":1}]}',
      /intervals\/0\/start: "2026-01-01T00:00:00" must be a time with offset/,
    ],
    ['no start', '{"intervals":[{"value":1}]}', /intervals\/0: "start" is missing/],
    [
      'duration in months',
      '{"intervals":[{"start":"2026-01-01T00:00:00Z","duration":"P1M","value":1}]}',
      /"P1M" is no duration/,
    ],
    [
      'unit',
      '{"unit":"EUR/kWh","intervals":[{"start":"2026-01-01T00:00:00Z","value":1}]}',
      /unit "EUR\/kWh" is unknown; there are currency\/kWh/,
    ],
  ])('%s is refused', (_, text, message) => {
    expect(() => readPriceJson(text, 'currency/kWh')).toThrow(message)
  })
})

describe('JSON, grid event', () => {
  const event = (signal: object, status = 'issued') => ({
    specversion: '1.0',
    id: 'm-1',
    type: 'gs.event.v1',
    source: '/utility',
    subject: 'dayahead',
    time: '2026-01-01T00:00:00Z',
    data: {
      eventId: 'dayahead',
      modification: 3,
      status,
      class: 'economic',
      priority: 200,
      issuedAt: '2026-01-01T00:00:00Z',
      notAfter: '2026-01-03T00:00:00Z',
      start: '2026-01-02T00:00:00Z',
      signal,
      intervals: [
        { id: 0, duration: 'PT1H', value: 0.31 },
        { id: 1, duration: 'PT1H', value: null },
        { id: 2, duration: 'PT30M', value: -0.02 },
      ],
    },
  })

  test('a price curve, each interval after the one before', () => {
    const message = json(event({ kind: 'price', unit: 'currency/kWh', currency: 'EUR' }))
    expect(message).toMatchObject({
      kind: null,
      currency: 'EUR',
      event: { eventId: 'dayahead', modification: 3, cancelled: false },
    })
    expect(message.segments).toEqual([
      { startMs: at('2026-01-02T00:00Z'), endMs: at('2026-01-02T01:00Z'), value: 0.31 },
      { startMs: at('2026-01-02T02:00Z'), endMs: at('2026-01-02T02:30Z'), value: -0.02 },
    ])
  })

  test('a carbon curve, and a cancelled one', () => {
    expect(json(event({ kind: 'ghg', unit: 'g/kWh' })).kind).toBe('carbon')
    expect(json(event({ kind: 'ghg', unit: 'g/kWh' }, 'cancelled')).event?.cancelled).toBe(true)
  })

  test('a curtailment is no price', () => {
    expect(() => json(event({ kind: 'importLimit', unit: 'kW' }))).toThrow(
      /data\/signal\/kind must be equal to one of the allowed values/,
    )
  })
})

test.each([
  ['PT15M', 900_000],
  ['PT1H30M', 5_400_000],
  ['P1D', 86_400_000],
  ['P1W', 604_800_000],
  ['PT0.5S', 500],
  ['P1M', null],
  ['P', null],
  ['PT', null],
  ['15M', null],
])('duration %s', (text, expected) => {
  expect(durationMs(text)).toBe(expected)
})

test('units', () => {
  expect([unitFactor('currency/MWh'), unitFactor('CENT/KWH'), unitFactor('EUR')]).toEqual([
    0.001,
    0.01,
    null,
  ])
})
