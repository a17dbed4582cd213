import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  asComposite,
  compositeSegments,
  stationSegments,
  type StackView,
} from '../../src/engine/composite.ts'
import type { InstalledProfile } from '../../src/engine/profile-stack.ts'

const T0 = Date.UTC(2026, 2, 28, 22)
const WINDOW_S = 900
const DAY_S = 86_400

const purpose = fc.constantFrom('station-max', 'external', 'tx-default', 'tx')
/** Seconds around the window, so that starts and ends often fall inside it. */
const second = fc.integer({ min: -200, max: WINDOW_S + 100 })
/** Also days and weeks before, so that recurrences matter. */
const start = fc
  .tuple(second, fc.constantFrom(0, 0, DAY_S, 7 * DAY_S, 3 * DAY_S))
  .map(([s, back]) => T0 + (s - back) * 1000)

const profile: fc.Arbitrary<InstalledProfile> = fc
  .record({
    purpose,
    evseId: fc.constantFrom(0, 1, 2),
    stackLevel: fc.integer({ min: 0, max: 3 }),
    transactionId: fc.constantFrom(null, 'T1', 'T2'),
    kind: fc.constantFrom('absolute', 'relative', 'daily', 'weekly'),
    validFromMs: fc.option(second.map((s) => T0 + s * 1000)),
    validToMs: fc.option(second.map((s) => T0 + s * 1000)),
    startMs: fc.option(start, { freq: 4 }),
    durationS: fc.option(fc.integer({ min: 0, max: DAY_S + 500 })),
    unit: fc.constantFrom('A', 'W'),
    periods: fc
      .uniqueArray(fc.integer({ min: 1, max: WINDOW_S }), { maxLength: 5 })
      .chain((later) =>
        fc.tuple(
          ...[0, ...later.toSorted((a, b) => a - b)].map((startS) =>
            fc.record({
              startS: fc.constant(startS),
              limit: fc.integer({ min: 0, max: 40 }),
              numberPhases: fc.constantFrom(null, 1, 2, 3),
            }),
          ),
        ),
      ),
  })
  .map(({ periods, ...rest }) => ({
    ...rest,
    id: 0,
    periods: periods.map((period) =>
      rest.unit === 'W' ? { ...period, limit: period.limit * 230 } : period,
    ),
  }))

/** No two profiles of one stack are equal in rank: OCPP forbids it (2.0.1 K01.FR.39). */
const stack = fc
  .uniqueArray(profile, {
    maxLength: 7,
    selector: (p) => `${p.purpose} ${p.stackLevel} ${p.evseId > 0 ? 'own' : 'all'} ${p.evseId}`,
  })
  .map((profiles) => profiles.map((p, index) => ({ ...p, id: index + 1 })))

const view: fc.Arbitrary<StackView> = fc.record({
  evseId: fc.constant(1),
  transactionId: fc.constantFrom(null, 'T1'),
  anchorMs: fc.integer({ min: -300, max: 300 }).map((s) => T0 + s * 1000),
  ratingA: fc.integer({ min: 6, max: 63 }),
  voltageV: fc.constant(230),
  sharedBy: fc.constantFrom(1, 2, 3),
})

/** Straight from the words of the standard, one second at a time, with nothing in common. */
const bruteForce = (profiles: readonly InstalledProfile[], view: StackView, atMs: number) => {
  const valueOf = (p: InstalledProfile): number | undefined => {
    if (p.validFromMs !== null && atMs < p.validFromMs) return
    if (p.validToMs !== null && atMs >= p.validToMs) return
    let sinceS = (atMs - (p.kind === 'relative' ? view.anchorMs : (p.startMs ?? view.anchorMs))) / 1000 // prettier-ignore
    if (sinceS < 0) return
    const every = { daily: DAY_S, weekly: 7 * DAY_S, absolute: 0, relative: 0 }[p.kind]
    if (every > 0) sinceS %= every
    if (p.durationS !== null && sinceS >= p.durationS) return
    const period = p.periods.findLast((candidate) => candidate.startS <= sinceS)
    if (!period) return
    return p.unit === 'A' ? period.limit : period.limit / 230 / (period.numberPhases ?? 3)
  }
  const winner = (purpose: InstalledProfile['purpose']): number | undefined => {
    const candidates = profiles
      .filter((p) => p.purpose === purpose && valueOf(p) !== undefined)
      .filter((p) => p.evseId === 0 || p.evseId === view.evseId)
      .filter((p) => purpose !== 'station-max' || p.evseId === 0)
      .filter((p) => purpose !== 'tx' || (p.evseId > 0 && view.transactionId !== null))
      .filter((p) => purpose !== 'tx' || [null, view.transactionId].includes(p.transactionId))
      .sort((a, b) => b.stackLevel - a.stackLevel || b.evseId - a.evseId)
    return candidates.length ? valueOf(candidates[0]) : undefined
  }
  return Math.min(
    view.ratingA,
    (winner('station-max') ?? Infinity) / view.sharedBy,
    winner('external') ?? Infinity,
    winner('tx') ?? winner('tx-default') ?? Infinity,
  )
}

test('a composite schedule equals evaluation second by second', () => {
  fc.assert(
    fc.property(stack, view, (profiles, view) => {
      const segments = compositeSegments(profiles, view, T0, T0 + WINDOW_S * 1000)
      expect(segments.at(-1)?.untilMs).toBe(T0 + WINDOW_S * 1000)
      let index = 0
      for (let atMs = T0; atMs < T0 + WINDOW_S * 1000; atMs += 1000) {
        while (segments[index].untilMs <= atMs) index++
        const expected = bruteForce(profiles, view, atMs)
        if (Math.abs(segments[index].limitA - expected) > 1e-9) {
          expect([atMs - T0, segments[index].limitA]).toEqual([atMs - T0, expected])
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('it never exceeds the rating nor the share of the station maximum, all shares added', () => {
  fc.assert(
    fc.property(stack, view, fc.integer({ min: 1, max: 40 }), (profiles, view, maxA) => {
      const cap: InstalledProfile = {
        id: 99,
        evseId: 0,
        purpose: 'station-max',
        stackLevel: 9,
        transactionId: null,
        kind: 'absolute',
        validFromMs: null,
        validToMs: null,
        startMs: T0 - 1000,
        durationS: null,
        unit: 'A',
        periods: [{ startS: 0, limit: maxA, numberPhases: null }],
      }
      const capped = [...profiles, cap]
      for (const segment of compositeSegments(capped, view, T0, T0 + WINDOW_S * 1000)) {
        expect(segment.limitA).toBeLessThanOrEqual(Math.min(view.ratingA, maxA / view.sharedBy))
      }
      const views = [1, 2, 3].map((evseId) => ({ ...view, evseId, sharedBy: 3 }))
      for (const segment of stationSegments(capped, views, T0, T0 + WINDOW_S * 1000)) {
        expect(segment.limitA).toBeLessThanOrEqual(maxA + 1e-9)
      }
    }),
    { numRuns: 200 },
  )
})

test('what a station reports is in order, starts at 0 and holds at every whole second', () => {
  fc.assert(
    fc.property(stack, view, (profiles, view) => {
      const segments = compositeSegments(profiles, view, T0, T0 + WINDOW_S * 1000)
      const { periods } = asComposite(segments, T0, 'A', 3, 230)
      expect(periods[0].startS).toBe(0)
      for (let s = 0; s < WINDOW_S; s += 7) {
        const reported = periods.findLast((period) => period.startS <= s)
        const actual = segments.find((segment) => segment.untilMs > T0 + s * 1000)
        expect(reported?.limit).toBe(actual?.limitA)
      }
      for (const [index, period] of periods.slice(1).entries()) {
        expect(period.startS).toBeGreaterThan(periods[index].startS)
        expect(period.limit).not.toBe(periods[index].limit)
      }
    }),
    { numRuns: 200 },
  )
})
