import { expect, test } from 'vitest'
import {
  createOutbox,
  type OutgoingMessage,
  type PublishOptions,
} from '../../../src/signals/outbox.ts'

const message = (topic: string, options: PublishOptions = {}, queuedAtMs = 0): OutgoingMessage => ({
  topic,
  payload: topic,
  options,
  queuedAtMs,
})
const topics = (messages: readonly OutgoingMessage[]): string[] =>
  messages.map(({ topic }) => topic)

test('messages go in order, so many at a time', () => {
  const outbox = createOutbox(10)
  const [a, b, c] = ['a', 'b', 'c'].map((topic) => message(topic))
  for (const one of [a, b, c]) expect(outbox.add(one)).toBe(0)
  expect(outbox.take(0, 2)).toEqual([a, b])
  expect(outbox.take(0, 2)).toEqual([])
  outbox.done(a)
  expect(outbox.take(0, 2)).toEqual([c])
  expect(outbox.size()).toBe(2)
})

test('after a break what was on the wire goes first, again', () => {
  const outbox = createOutbox(10)
  for (const topic of ['a', 'b', 'c']) outbox.add(message(topic))
  const [first] = outbox.take(0, 2)
  outbox.done(first)
  outbox.rewind()
  expect(topics(outbox.take(0, 9))).toEqual(['b', 'c'])
})

test('at the bound the oldest that is not on the wire goes', () => {
  const outbox = createOutbox(3)
  for (const topic of ['a', 'b', 'c']) outbox.add(message(topic))
  outbox.take(0, 1)
  expect(outbox.add(message('d'))).toBe(1)
  expect(topics(outbox.take(0, 9))).toEqual(['c', 'd'])
  expect(outbox.size()).toBe(3)
})

test('of retained messages only the last state of a topic is kept', () => {
  const outbox = createOutbox(10)
  outbox.add(message('s', { retain: true }))
  outbox.add(message('x'))
  const latest = message('s', { retain: true })
  outbox.add(latest)
  expect(outbox.take(0, 9)).toEqual([message('x'), latest])
  const newer = message('s', { retain: true })
  outbox.add(newer)
  outbox.rewind()
  expect(outbox.take(0, 9)).toEqual([message('x'), newer])
})

test('messages that expired while they waited are not sent', () => {
  const outbox = createOutbox(10)
  outbox.add(message('old', { expiryS: 10 }, 0))
  outbox.add(message('new', { expiryS: 10 }, 5_000))
  outbox.add(message('ever', {}, 0))
  expect(topics(outbox.take(10_000, 9))).toEqual(['new', 'ever'])
  expect(outbox.size()).toBe(2)
})
