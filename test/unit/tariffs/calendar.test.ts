import { DateTime } from 'luxon'
import { describe, expect, test } from 'vitest'
import {
  compileWhen,
  createCalendar,
  type Calendar,
  type When,
} from '../../../src/tariffs/calendar.ts'
import { localDays } from '../../../src/tariffs/zone.ts'

const HOUR_MS = 3_600_000
const ms = (text: string, zone = 'UTC'): number => DateTime.fromISO(text, { zone }).toMillis()

const calendarIn = (timeZone: string): Calendar =>
  createCalendar({ timeZone }, [{ name: 'Christmas', rule: '12-25' }])

/** Spans as `MM-dd HH:mm=index`, by their beginning and the local clock. */
const show = (
  calendar: Calendar,
  rules: (When | null)[],
  from: string,
  to: string,
  everyMin = 0,
): string[] =>
  calendar
    .spans(rules, ms(from, calendar.timeZone), ms(to, calendar.timeZone), everyMin)
    .map(
      ({ startMs, index }) =>
        `${DateTime.fromMillis(startMs, { zone: calendar.timeZone }).toFormat('MM-dd HH:mm')}=${index}`,
    )

describe('local days', () => {
  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['America/Los_Angeles', '2019-03-10', 23],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['America/Sao_Paulo', '2018-11-04', 23],
    ['America/Havana', '2026-11-01', 25],
    ['Asia/Kathmandu', '2026-06-01', 24],
  ])('%s %s has %d hours', (zone, date, hours) => {
    const day = localDays(zone, Number(date.slice(0, 4))).find(
      (each) =>
        `${each.year}-${String(each.month).padStart(2, '0')}-${String(each.day).padStart(2, '0')}` ===
        date,
    )!
    expect((day.endMs - day.startMs) / HOUR_MS).toBe(hours)
    expect(day.pieces.at(0)?.startMs).toBe(day.startMs)
    expect(day.pieces.at(-1)?.endMs).toBe(day.endMs)
  })

  test('a year is without gaps', () => {
    const days = localDays('America/Sao_Paulo', 2018)
    expect(days).toHaveLength(365)
    for (const [i, day] of days.entries()) {
      if (i > 0) expect(day.startMs).toBe(days[i - 1].endMs)
    }
  })
})

describe('spans', () => {
  const berlin = calendarIn('Europe/Berlin')
  const seasons = { winter: '11-01..03-31', summer: '04-01..10-31' }
  const when = (text: Parameters<typeof compileWhen>[0]) => compileWhen(text, seasons)

  test('the first rule that holds decides; neighbours are joined', () => {
    const rules = [when({ days: 'workday', hours: '08:00-12:00' }), when({ hours: '06:00-22:00' })]
    // 2026-12-24 Thursday, 25 holiday, 26 Saturday
    expect(show(berlin, rules, '2026-12-24T00:00', '2026-12-26T07:00')).toEqual([
      '12-24 00:00=-1',
      '12-24 06:00=1',
      '12-24 08:00=0',
      '12-24 12:00=1',
      '12-24 22:00=-1',
      '12-25 06:00=1',
      '12-25 22:00=-1',
      '12-26 06:00=1',
    ])
  })

  test.each([
    ['weekday', '2026-12-25', 0],
    ['workday', '2026-12-25', -1],
    ['holiday', '2026-12-25', 0],
    ['weekend, holiday', '2026-12-25', 0],
    ['weekend', '2026-12-26', 0],
    ['sat', '2026-12-26', 0],
    ['mon, tue', '2026-12-26', -1],
  ])('days: %s on %s', (days, date, expected) => {
    expect(show(berlin, [when({ days })], `${date}T10:00`, `${date}T11:00`)).toEqual([
      `${date.slice(5)} 10:00=${expected}`,
    ])
  })

  test('hours over midnight belong to each day for itself', () => {
    const rules = [when({ days: 'sat', hours: '22:00-06:00' })]
    // 2026-06-06 is a Saturday.
    expect(show(berlin, rules, '2026-06-05T00:00', '2026-06-08T00:00')).toEqual([
      '06-05 00:00=-1',
      '06-06 00:00=0',
      '06-06 06:00=-1',
      '06-06 22:00=0',
      '06-07 00:00=-1',
    ])
  })

  test('a season begins and ends at local midnight, over the new year too', () => {
    const rules = [when({ season: 'winter' })]
    expect(show(berlin, rules, '2026-10-01T00:00', '2027-05-01T00:00')).toEqual([
      '10-01 00:00=-1',
      '11-01 00:00=0',
      '04-01 00:00=-1',
    ])
  })

  test('the hour that is skipped does not exist', () => {
    const rules = [when({ hours: '02:00-03:00' }), when({ hours: '03:00-04:00' })]
    expect(show(berlin, rules, '2026-03-29T00:00', '2026-03-30T00:00')).toEqual([
      '03-29 00:00=-1',
      '03-29 03:00=1',
      '03-29 04:00=-1',
    ])
  })

  test('the hour that is repeated counts twice', () => {
    const rules = [when({ hours: '02:00-03:00' })]
    const spans = berlin.spans(rules, ms('2026-10-24T22:00Z'), ms('2026-10-25T23:00Z'))
    expect(spans).toEqual([
      { startMs: ms('2026-10-24T22:00Z'), endMs: ms('2026-10-25T00:00Z'), index: -1 },
      { startMs: ms('2026-10-25T00:00Z'), endMs: ms('2026-10-25T02:00Z'), index: 0 },
      { startMs: ms('2026-10-25T02:00Z'), endMs: ms('2026-10-25T23:00Z'), index: -1 },
    ])
  })

  test('a boundary inside the repeated hour is passed twice', () => {
    const rules = [when({ hours: '02:30-03:00' })]
    const spans = berlin.spans(rules, ms('2026-10-25T00:00Z'), ms('2026-10-25T02:00Z'))
    expect(spans.map(({ startMs, index }) => [new Date(startMs).toISOString(), index])).toEqual([
      ['2026-10-25T00:00:00.000Z', -1],
      ['2026-10-25T00:30:00.000Z', 0],
      ['2026-10-25T01:00:00.000Z', -1],
      ['2026-10-25T01:30:00.000Z', 0],
    ])
  })

  test('cuts at each hour of the local clock where asked', () => {
    const spans = berlin.spans([null], ms('2026-03-28T23:00Z'), ms('2026-03-29T22:00Z'), 60)
    expect(spans).toHaveLength(23)
    expect(new Set(spans.map(({ startMs, endMs }) => endMs - startMs))).toEqual(new Set([HOUR_MS]))
  })

  test('an empty range has no spans', () => {
    expect(berlin.spans([null], 5, 5)).toEqual([])
  })
})
