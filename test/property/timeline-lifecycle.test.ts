import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GridEvent } from '../../src/domain/signal.ts'
import { eventBench } from '../fixtures/event-bench.ts'
import { gridEvent, intervals, MINUTE, T0 } from '../fixtures/grid-site.ts'

/** Versions of one event, all issued well before its start: limits, and cancels at once. */
const versions = (eventId: string): fc.Arbitrary<GridEvent[]> =>
  fc
    .array(
      fc.record({
        cancelled: fc.boolean(),
        startMin: fc.integer({ min: 0, max: 60 }),
        values: fc.array(fc.option(fc.integer({ min: 5_000, max: 50_000 })), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((drafts) =>
      drafts.map(({ cancelled, startMin, values }, modification) =>
        gridEvent(eventId, {}, intervals(values, 15, T0 + startMin * MINUTE), {
          modification,
          status: cancelled ? 'cancelled' : 'issued',
          cancelAtMs: cancelled ? T0 - 120 * MINUTE : null,
        }),
      ),
    )

const schedule = fc
  .tuple(versions('e1'), versions('e2'), versions('e3'))
  .map((events) => events.flat())

/** Every version at least once, some more often, in any order. */
const deliveries = schedule.chain((all) =>
  fc.record({
    all: fc.constant(all),
    order: fc
      .array(fc.nat({ max: all.length - 1 }), { maxLength: 8 })
      .chain((again) => {
        const every = [...all.keys(), ...again]
        return fc.shuffledSubarray(every, { minLength: every.length, maxLength: every.length })
      })
      .map((order) => order.map((index) => all[index])),
  }),
)

const segmentsAfter = async (delivered: readonly GridEvent[]) => {
  const bench = await eventBench()
  for (const version of delivered) await bench.deliver(version)
  return { bench, segments: bench.events.timeline(bench.clock.now()).segments() }
}

test('repeats, reordering and replays lead to the same timeline as the newest versions alone', async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ all, order }) => {
      const newest = [...Map.groupBy(all, ({ eventId }) => eventId).values()]
        .map((versionsOf) => versionsOf.at(-1)!)
        .filter(({ status }) => status === 'issued')
      const expected = await segmentsAfter(newest)
      const { segments } = await segmentsAfter(order)
      expect(segments).toEqual(expected.segments)
    }),
    { numRuns: 60 },
  )
})

test('a repeat changes nothing, stores nothing, and says again what was said', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.nat(), async (all, pick) => {
      const { bench, segments } = await segmentsAfter(all)
      const known = all[pick % all.length]
      const held = bench.events.find('dso', known.eventId)!
      const newest = all.findLast(({ eventId }) => eventId === known.eventId)!
      const [told, stored] = [
        bench.source.told.length,
        await bench.storage.count('eventTransition'),
      ]
      await bench.deliver(newest)
      expect(bench.events.timeline(bench.clock.now()).segments()).toBe(segments)
      expect(await bench.storage.count('eventTransition')).toBe(stored)
      expect(bench.source.told).toHaveLength(told + 1)
      expect(bench.source.told.at(-1)).toMatchObject({
        eventId: known.eventId,
        modification: newest.modification,
        state: held.state,
      })
    }),
    { numRuns: 60 },
  )
})
