import { describe, expect, test } from 'vitest'
import { answerQuery } from '../../../../src/signals/mqtt/query.ts'
import { topicsOf } from '../../../../src/signals/mqtt/topics.ts'
import { bytes } from '../../../fixtures/wire-event.ts'

describe('queries', () => {
  const topics = topicsOf({ prefix: 'gs/v1', operator: 'op', party: 'me', groups: [] })
  const answers = { states: [{ eventId: 'e1' }], readings: [{ point: 'grid' }], comms: 'fresh' }
  const ask = (document: unknown, properties = {}) =>
    answerQuery(bytes(document), properties, topics, answers)

  test.each([
    ['state', { comms: 'fresh', events: [{ eventId: 'e1' }] }],
    ['readings', { readings: [{ point: 'grid' }] }],
    ['flex', { error: 'unsupported', reason: 'ask for state or readings, not flex' }],
  ])('%s', (query, data) => {
    expect(ask({ query })).toEqual({
      ok: true,
      topic: 'gs/v1/op/me/up/state',
      query,
      data,
      correlation: null,
    })
  })

  test('MQTT 5 properties go before the payload', () => {
    const payload = { query: 'state', responseTopic: 'gs/v1/op/me/up/a', correlationid: 'a' }
    expect(ask(payload)).toMatchObject({
      topic: 'gs/v1/op/me/up/a',
      correlation: Buffer.from('a'),
    })
    const properties = {
      responseTopic: 'gs/v1/op/me/up/b',
      correlationData: Buffer.from('b'),
    }
    expect(ask(payload, properties)).toMatchObject({
      topic: 'gs/v1/op/me/up/b',
      correlation: Buffer.from('b'),
    })
  })

  test.each([
    'gs/v1/op/other/up/x',
    'gs/v1/op/me/dn/event/e1',
    'gs/v1/op/me/up/#',
    '$SYS/x',
    'gs/v1/op/me/up/\u0001',
    'gs/v1/op/me/up/\ufdd0',
    'gs/v1/op/me/up/\ud800',
  ])('no answer goes to %j', (responseTopic) => {
    expect(ask({ query: 'state' }, { responseTopic })).toMatchObject({ ok: false })
  })

  test.each([null, 'state', [1], {}, { query: 7 }])('%j is no query', (document) => {
    expect(ask(document)).toMatchObject({ ok: false })
  })
})
