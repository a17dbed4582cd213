import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GridEvent, SignalKind } from '../../src/domain/signal.ts'
import { buildTimeline } from '../../src/engine/timeline.ts'
import { createGridView } from '../../src/engine/timeline/grid-view.ts'
import { playedIntervals, type TimelineEvent } from '../../src/engine/timeline/played.ts'
import { evseLimitA, type Segment } from '../../src/engine/timeline/segment.ts'
import { gridEvent, MINUTE, played, SITE, T0 } from '../fixtures/grid-site.ts'
import { END, event, events, HORIZON_MIN, minutes } from './arbitrary-events.ts'

const view = createGridView(SITE, [1, 0.7, 0.4, 0])
const build = (list: readonly TimelineEvent[]) => buildTimeline(list, view, T0, END)

/** What an event says at one instant, the slow and obvious way. */
const saysAt = (timelineEvent: TimelineEvent, atMs: number): number | null =>
  playedIntervals(timelineEvent).find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
    ?.value ?? null

const isKind = (event: GridEvent, kind: SignalKind, scope: string): boolean =>
  event.signal.kind === kind && event.signal.scope === scope

const setId = (event: GridEvent): string => view.resolve(event.targets).id

/** What the segment lets the target set of the event draw, in its unit. */
const groupLimit = (segment: Segment, event: GridEvent): number | null => {
  const id = setId(event)
  if (id === '') return segment.controllable.importW?.value ?? null
  return segment.groups.find(({ set }) => set.id === id)?.importW?.value ?? null
}

test('no limit is above any active limit, and each is set by somebody', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: HORIZON_MIN * 60 - 1 }), (list, second) => {
      const atMs = T0 + second * 1000
      const segment = build(list).at(atMs)
      for (const timelineEvent of list) {
        const { event } = timelineEvent
        const said = saysAt(timelineEvent, atMs)
        if (said === null) continue
        if (isKind(event, 'import-limit', 'controllable')) {
          expect(groupLimit(segment, event)).toBeLessThanOrEqual(said)
        }
        if (isKind(event, 'no-charge', 'controllable')) expect(groupLimit(segment, event)).toBe(0)
        if (isKind(event, 'import-limit', 'evse')) {
          for (const evse of SITE.evses) {
            const keys = view.resolve(event.targets).keys
            if (keys !== null && !keys.has(evse.key)) continue
            expect(evseLimitA(segment, evse, view)?.value).toBeLessThanOrEqual(said)
          }
        }
      }
      const limits = [segment.controllable, ...segment.groups]
      for (const { set, importW } of limits) {
        if (importW === null) continue
        const setter = list.find(({ event }) => event.eventId === importW.eventId)!
        expect(setId(setter.event)).toBe(set.id)
        const said = saysAt(setter, atMs)
        expect(said).not.toBeNull()
        expect(importW.value).toBe(setter.event.signal.kind === 'no-charge' ? 0 : said)
      }
    }),
    { numRuns: 500 },
  )
})

test('of the setpoints of a set the one of highest precedence counts, inside the limits', () => {
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: HORIZON_MIN * 60 - 1 }), (list, second) => {
      const atMs = T0 + second * 1000
      const segment = build(list).at(atMs)
      const candidates = list.filter(
        (one) => isKind(one.event, 'setpoint', 'controllable') && saysAt(one, atMs) !== null,
      )
      const bySet = Map.groupBy(candidates, ({ event }) => setId(event))
      expect(segment.targets).toHaveLength(bySet.size)
      for (const target of segment.targets) {
        const [best] = bySet
          .get(target.set.id)!
          .sort(
            (a, b) =>
              a.event.priority - b.event.priority ||
              b.event.issuedAtMs - a.event.issuedAtMs ||
              a.event.eventId.localeCompare(b.event.eventId),
          )
        expect(target.eventId).toBe(best.event.eventId)
        const own = groupLimit(segment, best.event) ?? Infinity
        const whole = segment.controllable.importW?.value ?? Infinity
        expect(target.powerW).toBe(Math.min(saysAt(best, atMs)!, own, whole))
      }
    }),
  )
})

test('the order of the events does not matter', () => {
  fc.assert(
    fc.property(
      events.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
        ),
      ),
      ([list, shuffled]) => {
        expect(build(shuffled).segments()).toEqual(build(list).segments())
      },
    ),
  )
})

/** Segments as a function of time: boundaries that change nothing do not count. */
const says = (segments: readonly Segment[]): unknown[] =>
  segments.map(({ startMs, endMs, ...what }) => [startMs, endMs, what])

test('a cancel restores what holds without the event', () => {
  fc.assert(
    fc.property(events, event(99), minutes, (others, added, cancelMin) => {
      const cancelMs = T0 + cancelMin * MINUTE
      const without = build(others)
      const with_ = build([...others, added])
      const stopMs = Math.min(cancelMs, added.stopMs ?? Infinity)
      const cancelled = build([...others, { ...added, stopMs }])
      for (let atMs = T0; atMs < END; atMs += MINUTE) {
        const { startMs: _a, endMs: _b, ...now } = cancelled.at(atMs)
        const expected = atMs < cancelMs ? with_.at(atMs) : without.at(atMs)
        const { startMs: _c, endMs: _d, ...then } = expected
        expect(now).toEqual(then)
      }
      const never = build([...others, { ...added, stopMs: T0 - 60 * MINUTE }])
      expect(says(never.segments())).toEqual(says(without.segments()))
    }),
    { numRuns: 40 },
  )
})

test('segments cover the window and agree with every instant', () => {
  fc.assert(
    fc.property(events, (list) => {
      const timeline = build(list)
      const segments = timeline.segments()
      expect(segments[0].startMs).toBe(T0)
      expect(segments.at(-1)!.endMs).toBe(END)
      for (const [i, segment] of segments.entries()) {
        if (i > 0) expect(segment.startMs).toBe(segments[i - 1].endMs)
        expect(timeline.at(segment.startMs)).toBe(segment)
        expect(timeline.at(segment.endMs - 1)).toBe(segment)
      }
    }),
  )
})

test('a ramped limit moves no faster than its ramp, and steps stay under the slope', () => {
  const rate = fc.integer({ min: 100, max: 5_000 })
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 4 }),
      fc.option(fc.integer({ min: 0, max: 60_000 })),
      rate,
      rate,
      (values, referenceW, downWPerMin, upWPerMin) => {
        const ramped = gridEvent('e', {}, values, { ramp: { downWPerMin, upWPerMin } })
        const timeline = buildTimeline([played(ramped, { referenceW })], view, T0, END)
        let before: number | null = null
        for (let atMs = T0; atMs < END; atMs += MINUTE) {
          const now = timeline.at(atMs).controllable.importW?.value ?? null
          if (before !== null && now !== null) {
            expect(now - before).toBeLessThanOrEqual(upWPerMin + 1e-6)
            expect(before - now).toBeLessThanOrEqual(downWPerMin + 1e-6)
          }
          before = now
        }
        for (const segment of timeline.segments()) {
          const stepW = segment.controllable.importW?.value
          if (stepW === undefined) continue
          for (const atMs of [segment.startMs, segment.endMs - 1]) {
            const exactW = timeline.at(atMs).controllable.importW?.value
            if (exactW !== undefined) expect(stepW).toBeLessThanOrEqual(exactW + 1)
          }
        }
      },
    ),
  )
})
