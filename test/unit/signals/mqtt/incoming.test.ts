import { expect, test } from 'vitest'
import type { GridEvent } from '../../../../src/domain/signal.ts'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import { createIncoming } from '../../../../src/signals/mqtt/incoming.ts'
import { createOutgoing } from '../../../../src/signals/mqtt/outgoing.ts'
import { topicsOf } from '../../../../src/signals/mqtt/topics.ts'
import { fakeBroker } from '../../../fixtures/fake-broker.ts'
import { MINUTE, T0 } from '../../../fixtures/grid-site.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { bytes, iso, wireEvent, type WireDraft } from '../../../fixtures/wire-event.ts'

const topics = topicsOf({ prefix: 'gs/v1', operator: 'op', party: 'me', groups: [] })

const start = (clockSkewMs = 0, nowMs = T0) => {
  const clock = createVirtualClock(nowMs)
  const { broker, published } = fakeBroker()
  const outgoing = createOutgoing(topics, 'op/me', clock, true)
  outgoing.open(broker)
  const accepted: GridEvent[] = []
  const incoming = createIncoming({
    operator: 'dso',
    context: { authority: 'dso', aliases: new Map(), ratedPowerW: 50_000 },
    outgoing,
    clock,
    log: recordingLog().log,
    book: { modification: (eventId) => (eventId === 'stored' ? 3 : null), views: () => [] },
    clockSkewMs: () => clockSkewMs,
  })
  const handler = incoming.handler((event) => void accepted.push(event))
  return {
    accepted,
    reached: incoming.reached,
    deliver: (payload: Buffer, retain = true, eventId = 'e1') =>
      handler(`gs/v1/op/me/dn/event/${eventId}`, payload, { retain, properties: {} }),
    /** Whose requests the acknowledgements answer. */
    answered: () =>
      published.map(
        ({ payload }) => (JSON.parse(payload) as { correlationid: string }).correlationid,
      ),
    acks: () =>
      published.map(
        ({ payload }) => (JSON.parse(payload) as { data: Record<string, unknown> }).data,
      ),
  }
}
const document = (draft: WireDraft = {}) => bytes(wireEvent('e1', draft))

test('an event is handed over, repeats too: the lifecycle decides', () => {
  const { accepted, deliver, acks } = start()
  deliver(document())
  deliver(document())
  expect(accepted.map(({ eventId, authority }) => [authority, eventId])).toEqual([
    ['dso', 'e1'],
    ['dso', 'e1'],
  ])
  expect(acks()).toEqual([])
})

test('what cannot be read is refused with the reason, and nothing is handed over', () => {
  const { accepted, deliver, acks, reached } = start()
  deliver(document({ data: { modification: 5, priority: 'high' } }))
  expect(accepted).toEqual([])
  expect(acks()).toMatchObject([
    {
      eventId: 'e1',
      modification: 5,
      state: 'rejected',
      code: 'schema',
      reason: 'data/priority must be integer',
    },
  ])
  expect(reached('e1', 5)).toBe(true)
})

test('an emptied topic says nothing', () => {
  const { accepted, deliver, acks } = start()
  deliver(Buffer.alloc(0))
  expect([accepted, acks()]).toEqual([[], []])
})

test.each([
  ['live', false, 'stale'],
  ['stored', true, null],
])('an old document, %s', (_name, retain, code) => {
  const { accepted, deliver, acks } = start()
  deliver(document(), retain)
  expect(accepted).toHaveLength(code === null ? 1 : 0)
  expect(acks().map((ack) => ack['code'])).toEqual(code === null ? [] : [code])
})

test('an envelope id that was used for another version is a replay', () => {
  const { accepted, deliver, acks } = start()
  deliver(document({ envelope: { id: 'same' } }))
  deliver(document({ envelope: { id: 'same' }, data: { modification: 1 } }))
  expect(accepted).toHaveLength(1)
  expect(acks()).toMatchObject([{ modification: 1, code: 'stale' }])
})

test('a replay is answered to whoever sent it, but a version that we have keeps its request', () => {
  const { deliver, answered } = start()
  deliver(document({ envelope: { correlationid: 'too-late' } }), false)
  deliver(document({ envelope: { correlationid: 'genuine' } }))
  deliver(document({ envelope: { correlationid: 'forged' } }), false)
  expect(answered()).toEqual(['too-late', 'genuine'])
})

test('what has reached us: in this run, or by the book', () => {
  const { deliver, reached } = start()
  deliver(document({ data: { modification: 2 } }))
  expect([1, 2, 3].map((modification) => reached('e1', modification))).toEqual([true, true, false])
  expect([3, 4].map((modification) => reached('stored', modification))).toEqual([true, false])
  expect(reached('never', 0)).toBe(false)
})

test.each([
  ['clocks agree', 20_000, 10, 0],
  ['their clock is behind, start in our past', 10 * MINUTE, 10, 10],
  ['at most up to now', 20 * MINUTE, 10, 10],
  ['by the difference', 4 * MINUTE, 10, 4],
  ['their clock is ahead', -10 * MINUTE, 10, 0],
  ['start in our future', 10 * MINUTE, -10, 0],
])('clocks apart: %s', (_name, skewMs, minute, shiftMin) => {
  const { accepted, deliver } = start(skewMs, T0 + minute * MINUTE)
  deliver(document({ envelope: { time: iso(T0) } }))
  const [{ intervals }] = accepted
  expect((intervals[0].startMs - T0) / MINUTE).toBe(shiftMin)
  expect(intervals[0].endMs - intervals[0].startMs).toBe(30 * MINUTE)
})

test.each([
  ['agree', 20_000, 0, 0],
  ['differ, start in our past', 4 * MINUTE, 0, 4],
  ['differ, start in our future', 15 * MINUTE, 12, 15],
])('clocks %s: how late is too late is by theirs', (_name, skewMs, startMin, laterMin) => {
  const { accepted, deliver } = start(skewMs, T0 + 10 * MINUTE)
  const times = { notAfter: iso(T0 + 9 * MINUTE), start: iso(T0 + startMin * MINUTE) }
  deliver(document({ data: times }))
  expect((accepted[0].notAfterMs - T0) / MINUTE).toBe(9 + laterMin)
})
