import { expect, test } from 'vitest'
import type { EventTransition } from '../../../../src/domain/signal.ts'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import { createOutgoing } from '../../../../src/signals/mqtt/outgoing.ts'
import { topicsOf } from '../../../../src/signals/mqtt/topics.ts'
import { fakeBroker } from '../../../fixtures/fake-broker.ts'
import { T0 } from '../../../fixtures/grid-site.ts'

const DAY = 86_400_000
const topics = topicsOf({ prefix: 'gs/v1', operator: 'op', party: 'me', groups: [] })

const transition = (
  state: EventTransition['state'],
  more: Partial<EventTransition> = {},
): EventTransition => ({
  authority: 'dso',
  eventId: 'e1',
  modification: 0,
  state,
  atMs: T0,
  code: null,
  reason: null,
  committed: null,
  ...more,
})

const start = (expires = true) => {
  const clock = createVirtualClock(T0)
  const { broker, published } = fakeBroker()
  const outgoing = createOutgoing(topics, 'op/me', clock, expires)
  outgoing.open(broker)
  const bodies = (topic: string) =>
    published
      .filter((message) => message.topic === topic)
      .map(({ payload }) => JSON.parse(payload) as { id: string; data: Record<string, unknown> })
  return { clock, outgoing, published, acks: () => bodies(topics.ack), states: () => bodies(topics.event('e1')) } // prettier-ignore
}

test('an acknowledgement answers its request, in the payload and for MQTT 5', () => {
  const { outgoing, published, acks } = start()
  outgoing.correlate('e1', 0, 'request-7')
  outgoing.acknowledge(transition('received'))
  expect(published.map(({ topic, options }) => [topic, options.retain ?? false])).toEqual([
    ['gs/v1/op/me/up/ack', false],
    ['gs/v1/op/me/up/event/e1', true],
  ])
  expect(published[0].options).toMatchObject({
    correlation: Buffer.from('request-7'),
    expiryS: 48 * 3_600,
  })
  expect(acks()[0]).toMatchObject({
    type: 'gs.ack.v1',
    source: 'op/me',
    subject: 'e1',
    correlationid: 'request-7',
  })
})

test('every message has its own id; without a request the version correlates', () => {
  const { outgoing, acks } = start()
  outgoing.acknowledge(transition('received', { modification: 4 }))
  outgoing.acknowledge(transition('accepted', { modification: 4 }))
  expect(new Set(acks().map(({ id }) => id)).size).toBe(2)
  expect(acks()[0]).toMatchObject({ correlationid: 'e1.4' })
})

test('the state keeps what was committed and tells what was delivered', () => {
  const { outgoing, states } = start()
  const committed = [{ intervalId: 0, powerW: 5_000 }]
  outgoing.acknowledge(transition('partial', { code: 'infeasible', committed }))
  outgoing.acknowledge(transition('started'))
  outgoing.delivered('e1', 4_800)
  outgoing.delivered('unknown', 1)
  expect(states().at(-1)?.data).toMatchObject({
    state: 'started',
    committed: [{ intervalId: 0, kw: 5 }],
    deliveredKw: 4.8,
  })
})

test.each([
  ['an older version', transition('rejected', { modification: 0, code: 'stale' })],
  ['a newer version that is refused', transition('rejected', { modification: 2, code: 'schema' })],
  ['a newer version that is late', transition('expired', { modification: 2, code: 'expired' })],
])('the state of a running event is not touched by %s', (_name, refusal) => {
  const { outgoing, acks, states } = start()
  outgoing.acknowledge(transition('started', { modification: 1 }))
  outgoing.acknowledge(refusal)
  expect(acks()).toHaveLength(2)
  expect(states()).toHaveLength(1)
  expect(outgoing.states()).toMatchObject([{ state: 'started', modification: 1 }])
})

test('documents that never became an event leave no state', () => {
  const { outgoing, acks, states } = start()
  outgoing.refuse(transition('rejected', { code: 'schema', reason: 'no JSON' }))
  expect(acks()).toHaveLength(1)
  expect(states()).toEqual([])
})

test('what is said before there is a connection is sent with it', () => {
  const { broker, published } = fakeBroker()
  const outgoing = createOutgoing(topics, 'op/me', createVirtualClock(T0), true)
  outgoing.acknowledge(transition('started'))
  expect(published).toEqual([])
  outgoing.open(broker)
  expect(published.map(({ topic }) => topic)).toEqual([topics.ack, topics.event('e1')])
})

test.each([
  [true, []],
  [false, [{ topic: topics.event('e1'), payload: '', options: { retain: true } }]],
])('states of 48 h ago are forgotten (broker forgets by itself: %s)', async (expires, sent) => {
  const { clock, outgoing, published } = start(expires)
  outgoing.acknowledge(transition('completed'))
  outgoing.acknowledge(transition('started', { eventId: 'e2' }))
  published.length = 0
  await clock.advanceTo(T0 + 2 * DAY - 1)
  outgoing.expire()
  expect(published).toEqual([])
  await clock.advanceTo(T0 + 2 * DAY)
  outgoing.expire()
  expect(published).toEqual(sent)
  expect(outgoing.states().map(({ eventId }) => eventId)).toEqual(['e2'])
})
