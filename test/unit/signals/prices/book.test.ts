import { describe, expect, test } from 'vitest'
import { createPriceBook, type PriceBook } from '../../../../src/signals/prices/book.ts'
import { expectHealth, expectUsable, show } from './contract.ts'

const HOUR_MS = 3_600_000
const START = Date.parse('2026-03-29T10:20:00Z')
const hour = (text: string): number => Date.parse(`2026-03-${text}:00Z`)

const book = (horizonH = 6, keepH = 72): PriceBook =>
  createPriceBook(
    {
      sourceId: 'test',
      kind: 'import',
      horizonMs: horizonH * HOUR_MS,
      keepMs: keepH * HOUR_MS,
    },
    START,
  )
const segment = (from: string, to: string, value: number) => ({
  startMs: hour(from),
  endMs: hour(to),
  value,
})

test('nothing is known', () => {
  const empty = book()
  expect(empty.series(START)).toBeNull()
  expectHealth(empty.health(START), false, /no price is known yet/)
})

test('new prices replace old ones for the time that they cover', () => {
  const known = book()
  known.learn([segment('29T00:00', '30T00:00', 0.1)], 'EUR', START)
  known.learn(
    [segment('29T12:00', '29T13:00', 0.5), segment('29T13:00', '29T14:00', -0.2)],
    'EUR',
    START,
  )
  expect(show(known.series(START)!)).toEqual([
    '29T10:00 29T12:00 0.1',
    '29T12:00 29T13:00 0.5',
    '29T13:00 29T14:00 -0.2',
    '29T14:00 30T00:00 0.1',
  ])
  expectHealth(known.health(START), true, /known until 2026-03-30T00:00:00.000Z/)
})

describe('beyond the last known price', () => {
  test('its day is repeated', () => {
    const known = book(30)
    known.learn(
      [
        segment('28T12:00', '28T18:00', 0.3),
        segment('28T18:00', '29T06:00', 0.1),
        segment('29T06:00', '29T12:00', 0.2),
      ],
      'EUR',
      START,
    )
    expect(show(known.series(START)!)).toEqual([
      '29T10:00 29T12:00 0.2',
      '29T12:00 29T18:00 0.3',
      '29T18:00 30T06:00 0.1',
      '30T06:00 30T12:00 0.2',
      '30T12:00 30T16:20 0.3',
    ])
  })

  test('a short one is stretched', () => {
    const known = book(30)
    known.learn([segment('29T10:00', '29T11:00', 0.3)], 'EUR', START)
    const series = known.series(START)!
    expectUsable(series, START, 30 * HOUR_MS)
    expect(series.segments).toHaveLength(1)
  })

  test('until it is too old', () => {
    const known = book(6, 12)
    known.learn([segment('29T00:00', '29T12:00', 0.3)], 'EUR', START)
    const later = hour('29T13:00')
    expectUsable(known.series(later)!, later, 6 * HOUR_MS)
    expectHealth(known.health(later), false, /ended at .*those of the day before are repeated/)
    expect(known.series(hour('30T00:00'))).toBeNull()
    expectHealth(known.health(hour('30T00:00')), false, /too old to go on with/)
  })
})

test('a hole has the price before it, the beginning the one after', () => {
  const known = book()
  known.learn(
    [segment('29T11:00', '29T12:00', 0.3), segment('29T14:00', '29T18:00', 0.2)],
    'EUR',
    START,
  )
  expect(show(known.series(START)!)).toEqual(['29T10:00 29T14:00 0.3', '29T14:00 29T18:00 0.2'])
})

test('money of another currency is not mixed in', () => {
  const known = book()
  known.learn([segment('29T00:00', '30T00:00', 0.1)], 'EUR', START)
  known.learn([segment('29T12:00', '29T18:00', 3)], 'SEK', START)
  expect(known.series(START)).toMatchObject({ currency: 'SEK' })
  expect(known.series(START)!.segments.every(({ value }) => value === 3)).toBe(true)
})

test('the past is forgotten', () => {
  const known = book()
  for (let day = 0; day < 1000; day++) {
    const startMs = START + day * 24 * HOUR_MS
    const segments = Array.from({ length: 24 }, (_, i) => ({
      startMs: startMs + i * HOUR_MS,
      endMs: startMs + (i + 1) * HOUR_MS,
      value: i + day / 1000,
    }))
    known.learn(segments, 'EUR', startMs)
  }
  const now = START + 999 * 24 * HOUR_MS
  expect(known.series(now)!.segments.length).toBeLessThan(100)
})

test('a date that is a slip does not make the last price hold for a century', () => {
  const known = book()
  const slip = Date.parse('2126-03-29T00:00:00Z')
  known.learn(
    [segment('29T00:00', '29T11:00', 0.1), segment('29T11:00', '29T12:00', 0.3)],
    'EUR',
    START,
  )
  known.learn([{ startMs: slip, endMs: slip + HOUR_MS, value: 0.2 }], 'EUR', START)
  expectHealth(known.health(START), true, /known until 2026-03-29T12:00/)
})
