import fc from 'fast-check'
import { IANAZone } from 'luxon'
import { expect, test } from 'vitest'
import { compileWhen, createCalendar, type When } from '../../src/tariffs/calendar.ts'
import { parseTariff } from '../../src/tariffs/load.ts'
import { priceAt, tariffPrices } from '../../src/tariffs/price-series.ts'
import type { WhenFile } from '../../src/tariffs/schema.ts'
import { localDays } from '../../src/tariffs/zone.ts'

const HOUR_MS = 3_600_000
const ZONES = [
  'Europe/Berlin',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'UTC',
]
const SEASONS = { winter: '11-15..02-29', spring: '03-01..05-31, 09-01..09-01' }

const clock = fc
  .integer({ min: 0, max: 95 })
  .map(
    (quarter) =>
      `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`,
  )
const hours = fc.tuple(clock, clock).map(([from, to]) => `${from}-${to}`)
const when: fc.Arbitrary<WhenFile> = fc.record(
  {
    season: fc.constantFrom('winter', 'spring', 'winter, spring'),
    days: fc.constantFrom('weekday', 'workday', 'weekend, holiday', 'holiday', 'mon, sun'),
    hours: fc.array(hours, { minLength: 1, maxLength: 3 }).map((list) => list.join(', ')),
  },
  { requiredKeys: [] },
)

/** The rule that holds, straight from the clock of the zone: no caching, no tiling. */
const ruleAt = (
  rules: readonly WhenFile[],
  zone: string,
  holidays: readonly string[],
  atMs: number,
): number => {
  const local = new Date(atMs + IANAZone.create(zone).offset(atMs) * 60_000)
  const date = local.toISOString().slice(5, 10)
  const time = local.toISOString().slice(11, 16)
  const weekday = local.getUTCDay() || 7
  const holiday = holidays.includes(date)
  const dayHolds: Record<string, boolean> = {
    weekday: weekday <= 5,
    workday: weekday <= 5 && !holiday,
    weekend: weekday > 5,
    holiday,
    mon: weekday === 1,
    sun: weekday === 7,
  }
  const parts = (text: string): string[] => text.split(', ')
  const inRange = (range: string, value: string, by: string): boolean => {
    const [from, to] = range.split(by)
    return from <= to ? value >= from && value <= to : value >= from || value <= to
  }
  const inHours = (range: string): boolean => {
    const [from, to] = range.split('-')
    return from < to ? time >= from && time < to : time >= from || time < to
  }
  return rules.findIndex(
    (rule) =>
      (!rule.season ||
        parts(rule.season).some((name) =>
          parts(SEASONS[name as keyof typeof SEASONS]).some((range) => inRange(range, date, '..')),
        )) &&
      (!rule.days || parts(rule.days).some((name) => dayHolds[name])) &&
      (!rule.hours || parts(rule.hours).some(inHours)),
  )
}

test('spans tile any range, differ from their neighbours, and say what the clock says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.array(when, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }),
      fc.integer({ min: 1, max: 400 * 24 * 60 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
      (zone, rules, start, minutes, picks) => {
        const fromMs = start - (start % 60_000)
        const toMs = fromMs + minutes * 60_000
        const calendar = createCalendar({ timeZone: zone }, [
          { name: 'a', rule: '12-25' },
          { name: 'b', rule: '05-01' },
        ])
        const compiled = rules.map((rule): When | null => compileWhen(rule, SEASONS))
        const spans = calendar.spans(compiled, fromMs, toMs)
        expect(spans[0].startMs).toBe(fromMs)
        expect(spans.at(-1)!.endMs).toBe(toMs)
        for (const [i, span] of spans.entries()) {
          expect(span.endMs).toBeGreaterThan(span.startMs)
          if (i === 0) continue
          expect(span.startMs).toBe(spans[i - 1].endMs)
          expect(span.index).not.toBe(spans[i - 1].index)
        }
        const instants = [
          ...picks.map((pick) => fromMs + Math.floor(pick * (toMs - fromMs - 1))),
          ...spans.slice(0, 30).flatMap(({ startMs, endMs }) => [startMs, endMs - 1]),
        ]
        for (const atMs of instants) {
          const span = spans.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
          expect(span?.index).toBe(ruleAt(rules, zone, ['12-25', '05-01'], atMs))
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('days have 23, 24 or 25 hours where clocks change by an hour, and a year adds up', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Europe/Berlin', 'America/Los_Angeles', 'America/Sao_Paulo', 'UTC'),
      fc.integer({ min: 2000, max: 2035 }),
      (zone, year) => {
        const days = localDays(zone, year)
        const lengths = days.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS)
        expect(lengths.every((length) => [23, 24, 25].includes(length))).toBe(true)
        const short = lengths.filter((length) => length === 23).length
        const long = lengths.filter((length) => length === 25).length
        const total = lengths.reduce((sum, length) => sum + length, 0)
        expect(total).toBe(days.length * 24 - short + long)
        if (zone === 'Europe/Berlin') expect([short, long]).toEqual([1, 1])
        if (zone === 'UTC') expect([short, long]).toEqual([0, 0])
      },
    ),
    { numRuns: 30 },
  )
})

const TARIFF = `
id: any
name: Any
country: DE
currency: EUR
timeZone: Europe/Berlin
validFrom: 2020-01-01
covers: [supply]
source: { name: made up for tests, kind: secondary, read: 2026-11-22 }
verified: true
spot: { market: test, assume: 0.07 }
energy:
  - name: Time of use
    rates:
      - { price: 0.3, when: { days: workday, hours: 07:30-21:15 } }
      - { price: 0.1 }
  - { name: Market, formula: 'hour >= 17 and hour < 20 ? spot * 2 : spot' }
taxes: [{ name: VAT, percent: 19 }]
`

test('a price series tiles the range; the price at an instant is that of its segment', async () => {
  const tariff = await parseTariff(TARIFF, 'any.yaml')
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) }),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.double({ min: -0.5, max: 1, noNaN: true }), { minLength: 1, maxLength: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (start, hoursLong, values, pick) => {
        const fromMs = start - (start % HOUR_MS)
        const toMs = fromMs + hoursLong * HOUR_MS
        const spot = {
          sourceId: 'x',
          kind: 'import' as const,
          currency: 'EUR',
          segments: values.map((value, i) => ({
            startMs: fromMs + i * HOUR_MS,
            endMs: fromMs + (i + 1) * HOUR_MS,
            value,
          })),
        }
        const [series] = tariffPrices(tariff, fromMs, toMs, { spot })
        const { segments } = series
        expect(segments[0].startMs).toBe(fromMs)
        expect(segments.at(-1)!.endMs).toBe(toMs)
        for (const [i, segment] of segments.entries()) {
          if (i > 0) expect(segment.startMs).toBe(segments[i - 1].endMs)
        }
        const atMs = Math.floor(fromMs + pick * (toMs - fromMs - 1))
        const inside = segments.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)!
        expect(priceAt(series, atMs)).toBe(inside.value)
        const berlin = new Date(atMs + IANAZone.create('Europe/Berlin').offset(atMs) * 60_000)
        const time = berlin.toISOString().slice(11, 16)
        const workday = (berlin.getUTCDay() || 7) <= 5
        const market = values[Math.floor((atMs - fromMs) / HOUR_MS)] ?? 0.07
        const expected =
          ((workday && time >= '07:30' && time < '21:15' ? 0.3 : 0.1) +
            (time >= '17:00' && time < '20:00' ? 2 * market : market)) *
          1.19
        expect(inside.value).toBeCloseTo(expected, 9)
      },
    ),
    { numRuns: 150 },
  )
})
