import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import type { EventState, EventTransition } from '../../../../src/domain/signal.ts'
import { ackData, envelope } from '../../../../src/signals/mqtt/acks.ts'
import { T0 } from '../../../fixtures/grid-site.ts'

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
const schema = JSON.parse(readFileSync('schemas/mqtt-ack.schema.json', 'utf8')) as object
const isAck = ajv.compile(schema)

const transition = (more: Partial<EventTransition>): EventTransition => ({
  authority: 'dso',
  eventId: 'e1',
  modification: 2,
  state: 'accepted',
  atMs: T0,
  code: null,
  reason: null,
  committed: null,
  ...more,
})
const published = (more: Partial<EventTransition>): unknown =>
  JSON.parse(
    envelope(
      { id: 'x-1', type: 'gs.ack.v1', source: 'op/party', subject: 'e1', correlationId: 'c1' },
      T0,
      ackData(transition(more)),
    ),
  )

const STATES: [EventState, string, EventTransition['code']][] = [
  ['received', 'received', null],
  ['accepted', 'accepted', null],
  ['partial', 'partial', 'infeasible'],
  ['opted-out', 'optedOut', 'userOverride'],
  ['rejected', 'rejected', 'schema'],
  ['started', 'started', null],
  ['completed', 'completed', null],
  ['aborted', 'aborted', 'safety'],
  ['superseded', 'superseded', null],
  ['cancelled', 'cancelled', null],
  ['expired', 'expired', 'expired'],
]

test.each(STATES)('%s fits the published schema as %s', (state, wire, code) => {
  const ack = published({ state, code, committed: [{ intervalId: 0, powerW: 12_345.6 }] })
  expect(isAck(ack), JSON.stringify(isAck.errors)).toBe(true)
  expect(ack).toMatchObject({
    subject: 'e1',
    correlationid: 'c1',
    data: { state: wire, modification: 2, committed: [{ intervalId: 0, kw: 12.346 }] },
  })
})

test('the schema is strict enough to notice a wrong state or a missing code', () => {
  expect(isAck(published({ state: 'rejected' }))).toBe(false)
  expect(isAck({ ...(published({}) as object), data: { state: 'opted-out' } })).toBe(false)
})

test('a long reason is cut to what the schema allows', () => {
  const ack = published({ state: 'rejected', code: 'schema', reason: 'x'.repeat(2_000) })
  expect(isAck(ack)).toBe(true)
})
