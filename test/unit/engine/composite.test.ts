import { describe, expect, test } from 'vitest'
import {
  asComposite,
  compositeSegments,
  limitAt,
  stationSegments,
  type StackView,
} from '../../../src/engine/composite.ts'
import {
  asInstalled,
  installProfile,
  matchesCriteria,
  type InstalledProfile,
} from '../../../src/engine/profile-stack.ts'

const T0 = Date.UTC(2026, 0, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR

const profile = (
  over: Partial<InstalledProfile> & { limits?: readonly (readonly [number, number])[] },
): InstalledProfile => {
  const { limits = [[0, 16]], ...rest } = over
  return {
    id: 1,
    evseId: 1,
    purpose: 'tx-default',
    stackLevel: 0,
    transactionId: null,
    kind: 'absolute',
    validFromMs: null,
    validToMs: null,
    startMs: T0,
    durationS: null,
    unit: 'A',
    periods: limits.map(([startS, limit]) => ({ startS, limit, numberPhases: null })),
    ...rest,
  }
}

const view: StackView = {
  evseId: 1,
  transactionId: 'T1',
  anchorMs: T0,
  ratingA: 32,
  voltageV: 230,
  sharedBy: 1,
}
const at = (stack: readonly InstalledProfile[], atMs = T0 + 1000, over: Partial<StackView> = {}) =>
  limitAt(stack, { ...view, ...over }, atMs).limitA

describe('which profile wins', () => {
  // Truth table: installed profiles as [purpose, level, limit] -> effective amperes.
  const P = (purpose: InstalledProfile['purpose'], stackLevel: number, limit: number, id: number) =>
    profile({
      id,
      purpose,
      stackLevel,
      evseId: purpose === 'station-max' || purpose === 'external' ? 0 : 1,
      limits: [[0, limit]],
    })
  test.each<[string, readonly InstalledProfile[], number]>([
    ['nothing installed: the rating', [], 32],
    ['default alone', [P('tx-default', 0, 10, 1)], 10],
    ['above the rating: the rating', [P('tx-default', 0, 99, 1)], 32],
    ['highest level wins, though it allows more', [P('tx', 0, 6, 1), P('tx', 3, 20, 2)], 20],
    ['transaction beats default', [P('tx-default', 9, 6, 1), P('tx', 0, 20, 2)], 20],
    ['station maximum caps', [P('tx', 0, 20, 1), P('station-max', 0, 12, 2)], 12],
    ['station maximum does not raise', [P('tx', 0, 8, 1), P('station-max', 0, 12, 2)], 8],
    ['external caps too', [P('tx', 0, 20, 1), P('external', 0, 9, 2)], 9],
    ['zero is zero', [P('tx', 0, 0, 1), P('tx-default', 0, 10, 2)], 0],
  ])('%s', (_, stack, expected) => {
    expect(at(stack)).toBe(expected)
    expect(at(stack.toReversed())).toBe(expected)
  })

  test('a transaction profile is for its own transaction only', () => {
    const stack = [
      profile({ id: 1, limits: [[0, 10]] }),
      profile({ id: 2, purpose: 'tx', transactionId: 'T2', limits: [[0, 20]] }),
    ]
    expect(at(stack)).toBe(10)
    expect(at(stack, T0 + 1000, { transactionId: 'T2' })).toBe(20)
    expect(at(stack, T0 + 1000, { transactionId: null })).toBe(10)
  })

  test('a default of the EVSE goes before one of the station at the same level only', () => {
    const own = profile({ id: 1, evseId: 1, limits: [[0, 8]] })
    const all = profile({ id: 2, evseId: 0, limits: [[0, 14]] })
    expect(at([own, all])).toBe(8)
    expect(at([own, all], T0 + 1000, { evseId: 2 })).toBe(14)
    expect(at([own, { ...all, stackLevel: 1 }])).toBe(14)
  })

  test('the station maximum is shared', () => {
    const stack = [profile({ purpose: 'station-max', evseId: 0, limits: [[0, 20]] })]
    expect(at(stack, T0 + 1000, { sharedBy: 2 })).toBe(10)
  })

  test('a level without a period now does not count', () => {
    const stack = [
      profile({ id: 1, stackLevel: 0, limits: [[0, 10]] }),
      profile({ id: 2, stackLevel: 1, durationS: 60, limits: [[0, 20]] }),
      profile({ id: 3, stackLevel: 2, validToMs: T0 + 30_000, limits: [[0, 6]] }),
      profile({ id: 4, stackLevel: 3, validFromMs: T0 + 90_000, limits: [[0, 7]] }),
      profile({ id: 5, stackLevel: 4, startMs: T0 + 120_000, limits: [[0, 9]] }),
    ]
    expect([0, 29, 30, 59, 60, 89, 90, 119, 120].map((s) => at(stack, T0 + s * 1000))).toEqual([
      6, 6, 20, 20, 10, 10, 7, 7, 9,
    ])
  })
})

describe('time', () => {
  test('a relative schedule begins with the transaction', () => {
    const stack = [
      profile({ kind: 'relative', startMs: null, limits: [[0, 10], [600, 20]] }), // prettier-ignore
    ]
    const view = { anchorMs: T0 + HOUR }
    expect(at(stack, T0 + HOUR + 599_000, view)).toBe(10)
    expect(at(stack, T0 + HOUR + 600_000, view)).toBe(20)
  })

  test('an absolute schedule without a start is relative (1.6)', () => {
    const stack = [profile({ startMs: null, durationS: 60 })]
    expect(at(stack, T0 + HOUR + 59_000, { anchorMs: T0 + HOUR })).toBe(16)
    expect(at(stack, T0 + HOUR + 60_000, { anchorMs: T0 + HOUR })).toBe(32)
  })

  test('daily recurs from its own start and leaves a gap to the next', () => {
    const stack = [
      profile({ id: 1, limits: [[0, 10]] }),
      profile({ id: 2, stackLevel: 1, kind: 'daily', startMs: T0 + HOUR, durationS: 7200 }),
    ]
    const hours = [0, 1, 2.9, 3, 24, 25, 26.9, 27, 49]
    expect(hours.map((h) => at(stack, T0 + h * HOUR))).toEqual([10, 16, 16, 10, 10, 16, 16, 10, 16])
  })

  test('a recurrence longer than its period is cut', () => {
    const stack = [
      profile({ kind: 'daily', durationS: 100_000, limits: [[0, 10], [80_000, 20], [90_000, 30]] }), // prettier-ignore
    ]
    expect(at(stack, T0 + DAY - 1000)).toBe(20)
    expect(at(stack, T0 + DAY)).toBe(10)
    expect(at(stack, T0 + DAY + 90_000)).toBe(10)
  })

  test('weekly', () => {
    const stack = [profile({ kind: 'weekly', durationS: 3600 })]
    expect(at(stack, T0 + 7 * DAY + HOUR - 1000)).toBe(16)
    expect(at(stack, T0 + 6 * DAY)).toBe(32)
  })
})

describe('units', () => {
  test('watts become amperes with the phases of the period, three when it says none', () => {
    const watts = (numberPhases: 1 | 2 | 3 | null) =>
      profile({ unit: 'W', periods: [{ startS: 0, limit: 6900, numberPhases }] })
    expect(at([watts(3)])).toBe(10)
    expect(at([watts(null)])).toBe(10)
    expect(at([watts(2)])).toBe(15)
    expect(at([watts(1)])).toBe(30)
  })
})

describe('composite schedule', () => {
  const stack = [
    profile({ id: 1, limits: [[0, 10]] }),
    profile({ id: 2, purpose: 'tx', transactionId: 'T1', durationS: 900, limits: [[0, 20], [300, 20], [600, 14]] }), // prettier-ignore
    profile({ id: 3, purpose: 'station-max', evseId: 0, limits: [[0, 16]] }),
  ]

  test('merges, caps, falls back and ends with its window', () => {
    const segments = compositeSegments(stack, view, T0 + 60_000, T0 + HOUR)
    expect(segments.map(({ limitA, untilMs, by }) => [limitA, (untilMs - T0) / 1000, by?.id]))
      .toEqual([[16, 600, 3], [14, 900, 2], [10, 3600, 1]]) // prettier-ignore
  })

  test('is told in whole seconds and in the wanted unit', () => {
    const segments = compositeSegments(stack, view, T0 + 60_400, T0 + HOUR)
    expect(asComposite(segments, T0 + 60_400, 'W', 3, 230)).toEqual({
      startMs: T0 + 60_400,
      unit: 'W',
      periods: [
        { startS: 0, limit: 11_040 },
        { startS: 540, limit: 9660 },
        { startS: 840, limit: 6900 },
      ],
    })
  })

  test('for the station adds up its EVSEs', () => {
    const views = [1, 2].map((evseId) => ({ ...view, evseId, sharedBy: 2 }))
    const segments = stationSegments(stack, views, T0, T0 + HOUR)
    expect(segments.map((segment) => segment.limitA)).toEqual([16])
  })
})

describe('the stack', () => {
  const old = profile({ id: 1, stackLevel: 2 })
  test.each<[string, Partial<InstalledProfile>, number, number]>([
    ['same id', { id: 1, stackLevel: 5 }, 1, 1],
    ['same purpose, level and connector', { id: 2, stackLevel: 2 }, 1, 2],
    ['another connector', { id: 2, stackLevel: 2, evseId: 0 }, 2, 2],
    ['another level', { id: 2, stackLevel: 3 }, 2, 2],
    ['another purpose', { id: 2, stackLevel: 2, purpose: 'tx' }, 2, 2],
  ])('%s: replacement by version', (_, over, in16, in201) => {
    expect(installProfile([old], profile(over), '1.6')).toHaveLength(in16)
    expect(installProfile([old], profile(over), '2.0.1')).toHaveLength(in201)
  })

  test('criteria: an id alone decides, everything else must all hold', () => {
    expect(matchesCriteria(old, {})).toBe(true)
    expect(matchesCriteria(old, { profileId: 1, stackLevel: 9 })).toBe(true)
    expect(matchesCriteria(old, { profileId: 2 })).toBe(false)
    expect(matchesCriteria(old, { purpose: 'tx-default', stackLevel: 2, evseId: 1 })).toBe(true)
    expect(matchesCriteria(old, { purpose: 'tx-default', stackLevel: 1 })).toBe(false)
    expect(matchesCriteria(old, { purpose: 'tx' })).toBe(false)
  })

  test('a domain profile keeps its meaning', () => {
    const installed = asInstalled(
      {
        id: 7,
        purpose: 'tx',
        stackLevel: 1,
        transactionId: 'T1',
        validToMs: T0 + HOUR,
        schedule: {
          startMs: T0,
          durationS: 1800,
          unit: 'W',
          numberPhases: 1,
          periods: [{ startS: 0, limit: 2300 }],
        },
      },
      1,
    )
    expect(at([installed])).toBe(10)
    expect(at([installed], T0 + HOUR)).toBe(32)
    expect(at([installed], T0 + 1000, { transactionId: 'T2' })).toBe(32)
  })
})
