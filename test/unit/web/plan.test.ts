import { expect, test } from 'vitest'
import { planSeries, stepAt } from '../../../src/web/drawing/plan-series.ts'
import type { Plan, Prices } from '../../../src/web/wire.ts'
import { createFormat } from '../../../src/web/words/format.ts'
import {
  certificate,
  costWords,
  limitWords,
  moneyOf,
  shortfalls,
} from '../../../src/web/words/plan.ts'
import { limitAt, scheduleWords } from '../../../src/web/words/profiles.ts'
import { at, event, NOW, plan } from './sites.ts'

const format = createFormat('Europe/Amsterdam', 'EUR', 'en-GB')
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

const limited = (
  scope: 'connection' | 'controllable' | 'evse' | 'phase',
  value: number | null,
  [from, to]: [number, number],
  targets: string[] = [],
) =>
  event({
    targets,
    signal: { ...event().signal, scope },
    intervals: [{ id: 0, start: at(from), end: at(to), value }],
  })

test('limits of events are levels of the whole: those of vehicles stand on the base load', () => {
  const levels = (...events: Parameters<typeof planSeries>[2]) =>
    planSeries(plan(), null, events, 230).limit.map((limit) => limit?.levelW ?? null)
  expect(levels()).toEqual([null, null, null, null])
  expect(levels(limited('connection', 9_000, [15, 45]))).toEqual([null, 9_000, 9_000, null])
  expect(levels(limited('controllable', 3_000, [0, 60]))).toEqual([8_000, 8_000, 8_000, 1_000])
  expect(levels(limited('connection', 0, [20, 25]))).toEqual([null, 0, null, null])
  expect(
    levels(limited('connection', 9_000, [0, 30]), limited('connection', 4_000, [15, 30])),
  ).toEqual([9_000, 4_000, null, null])
  expect(levels(limited('evse', 9_000, [0, 60]))).toEqual([null, null, null, null])
  expect(levels(limited('connection', 9_000, [0, 60], ['garage']))[0]).toBeNull()
  expect(levels(limited('connection', null, [0, 60]))[0]).toBeNull()
  const amperes = event({ ...limited('connection', 10, [0, 60]) })
  amperes.signal.unit = 'A'
  expect(levels(amperes)[0]).toBe(6_900)
  expect(levels(limited('phase', 3_000, [0, 60]))[0]).toBe(9_000)
})

test.each([
  [{ scope: 'controllable' }, 3_000, '3.0 kW for vehicles'],
  [{ scope: 'controllable', unit: 'A' }, 16, '16 A per phase for vehicles'],
  [{ scope: 'connection' }, 9_000, '9.0 kW'],
  [{ scope: 'phase' }, 3_000, '3.0 kW per phase'],
  [{ scope: 'connection', unit: 'A' }, 10, '10 A per phase'],
] as const)(
  'a limit is told as the event said it, wherever it is drawn: %o',
  (of, value, words) => {
    const one = event({
      signal: { ...event().signal, ...of },
      intervals: [{ id: 0, start: at(0), end: at(60), value }],
    })
    const { limit } = planSeries(plan(), null, [one], 230)
    expect(plain(limitWords(limit[0], format))).toBe(words)
  },
)

test('of two limits the words are those of the one that is drawn', () => {
  const events = [limited('controllable', 3_000, [0, 60]), limited('connection', 7_500, [0, 60])]
  const { limit } = planSeries(plan(), null, events, 230)
  expect(limit.map((one) => [one?.levelW, plain(limitWords(one, format))])).toEqual([
    ...Array.from({ length: 3 }, () => [7_500, '7.5 kW']),
    [1_000, '3.0 kW for vehicles'],
  ])
  expect(limitWords(null, format)).toBe('–')
})

test('of two sources of prices the later one holds where it says something', () => {
  const source = (sourceId: string, from: number, to: number, value: number) => ({
    sourceId,
    kind: 'import' as const,
    currency: 'EUR',
    segments: [{ start: at(from), end: at(to), value }],
  })
  const prices: Prices = {
    series: [
      source('tariff', 0, 45, 0.3),
      source('day-ahead', 15, 30, 0.1),
      { ...source('feed-in', 0, 60, 0.06), kind: 'export' },
    ],
  }
  expect(planSeries(plan(), prices, [], 230).price).toEqual([0.3, 0.1, 0.3, null])
})

test('every time has a step: the first before the plan, the last after it', () => {
  const series = planSeries(plan(), null, [], 230)
  const steps = [-30, 0, 14.9, 15, 59, 600].map((minutes) => stepAt(series, NOW + minutes * 60_000))
  expect(steps).toEqual([0, 0, 0, 1, 3, 3])
})

test.each<[Partial<Plan>, string]>([
  [{ gap: 0.00084 }, 'at most 0.08 % above the best possible'],
  [{ gap: null }, 'no bound on how much better a plan could be'],
  [
    { method: 'greedy', fallbackBecause: 'there was no time', gap: 0.2 },
    'by the simple planner, because there was no time; at most 20 % above the best possible',
  ],
])('certificate of %o', (more, wished) => {
  expect(plain(certificate(plan(more), format))).toBe(wished)
})

test('money is told apart from what is only counted', () => {
  const costs = { energy: 2, demand: 0.5, baseDemand: 0, carbon: 0.1, shortfall: 7, other: 0 }
  expect(moneyOf(plan({ costs }))).toBe(2.5)
  expect(costWords(plan({ costs }), format)).toBe(
    'energy €2.00, demand charge €0.50; ' +
      'not on the bill: carbon €0.10, penalty for undelivered energy €7.00 (used for planning only)',
  )
  expect(costWords(plan(), format)).toBe('')
})

test('shortfalls are sentences', () => {
  const session = (key: string, unservedWh: number, unservedBecause: string | null) => ({
    sessionId: key,
    key,
    powerW: [],
    energyWh: 0,
    unservedWh,
    unservedBecause,
  })
  const many = Array.from({ length: 7 }, (_, k) => session(`B-${k}/1`, 1_000 + k, null))
  const short = shortfalls(plan({ sessions: [...many, session('A/1', 20, null)] }), format)
  expect(short.map(plain)).toEqual([
    ...[6, 5, 4, 3, 2].map((k) => `B-${k}/1: 1.0 kWh cannot be delivered in time`),
    '2 more sessions will not get all the energy they need',
  ])
  const because = plan({
    sessions: [session('A/1', 4_200, '4.2 of 9.0 kWh cannot be delivered in time: garage')],
  })
  expect(shortfalls(because, format).map(plain)).toEqual([
    'A/1: 4.2 of 9.0 kWh cannot be delivered in time: garage',
  ])
})

test('a profile says what it allows now and what comes, each limit once', () => {
  const schedule = {
    start: at(-10),
    durationS: 3_600,
    unit: 'A' as const,
    numberPhases: 3 as const,
    periods: [
      { startS: 0, limit: 16 },
      { startS: 900, limit: 16 },
      { startS: 1_800, limit: 6 },
    ],
  }
  expect(plain(scheduleWords(schedule, NOW, format))).toBe('16 A, then 6 A from 10:20')
  expect(scheduleWords(schedule, NOW + 3_600_000, format)).toBe('ended')
  expect(scheduleWords(schedule, NOW - 3_600_000, format)).toBe('from 09:50')
  expect(limitAt({ ...schedule, durationS: null }, NOW + 86_400_000)?.limit).toBe(6)
  expect(plain(scheduleWords({ ...schedule, unit: 'W' }, NOW, format))).toMatch(/^0\.0 kW/)
})
