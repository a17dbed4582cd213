import { beforeAll, describe, expect, test } from 'vitest'
import type { InjectedRequest } from '../../../src/api/api.ts'
import { problemOf, toAppError } from '../../../src/api/problem.ts'
import { AppError, ERRORS, type ErrorCode } from '../../../src/errors.ts'
import { createFakeStorage } from '../csms/fake-storage.ts'
import { createBench, type Bench } from './bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await createBench()
})

const ask = async (request: InjectedRequest) => {
  const authorization = `Bearer ${await bench.secret('read', 'operate', 'admin')}`
  return await bench.api.inject({
    ...request,
    headers: { authorization, ...request.headers },
  })
}

const json = { 'content-type': 'application/json' }
const EVENT =
  '{"signal":{"kind":"import-limit","unit":"W"},"intervals":[{"durationS":60,"value":1}]}'

test.each<[string, InjectedRequest, ErrorCode]>([
  ['an unknown path', { url: '/v1/nothing' }, 'not-found'],
  ['an unknown method', { method: 'DELETE', url: '/v1/site' }, 'not-found'],
  ['an unknown id', { url: '/v1/stations/nobody' }, 'not-found'],
  ['an unknown EVSE', { url: '/v1/evses/CP1/7/why' }, 'not-found'],
  ['an unknown node', { url: '/v1/nodes/x' }, 'not-found'],
  ['an unknown session', { url: '/v1/sessions/x' }, 'not-found'],
  ['an unknown transaction', { url: '/v1/transactions/CP1/77' }, 'not-found'],
  ['samples of an unknown one', { url: '/v1/transactions/CP1/77/samples' }, 'not-found'],
  ['an unknown event', { url: '/v1/events/dso/x' }, 'not-found'],
  ['an unknown plan', { url: '/v1/plans/x' }, 'not-found'],
  ['an unknown driver', { url: '/v1/id-tokens/x' }, 'not-found'],
  ['an unknown API token', { method: 'DELETE', url: '/v1/tokens/x' }, 'not-found'],
  ['an unknown problem', { url: '/problems/x' }, 'not-found'],
  ['a path that is no EVSE', { url: '/v1/evses/CP1/one' }, 'not-found'],
  ['a broken escape', { url: '/v1/stations/%zz' }, 'not-found'],
  ['a very long id', { url: `/v1/stations/${'x'.repeat(400)}` }, 'not-found'],
  ['an unknown parameter', { url: '/v1/sessions?color=red' }, 'query-invalid'],
  ['a page of 0', { url: '/v1/sessions?limit=0' }, 'query-invalid'],
  ['a page of 1001', { url: '/v1/sessions?limit=1001' }, 'query-invalid'],
  ['a limit that is no number', { url: '/v1/sessions?limit=many' }, 'query-invalid'],
  ['a time without an offset', { url: '/v1/audit?from=2026-11-22T08:00:00' }, 'query-invalid'],
  ['a bare plus', { url: '/v1/audit?from=2026-11-22T08:00:00+01:00' }, 'query-invalid'],
  ['a day that does not exist', { url: '/v1/audit?from=2026-13-01T08:00:00Z' }, 'query-invalid'],
  ['a kind that does not exist', { url: '/v1/stream?kinds=event,weather' }, 'query-invalid'],
  ['no body', { method: 'POST', url: '/v1/events' }, 'payload-invalid'],
  ['a list as body', { method: 'POST', url: '/v1/events', payload: [] }, 'payload-invalid'],
  ['an empty change', { method: 'PATCH', url: '/v1/sessions/x', payload: {} }, 'payload-invalid'],
  [
    'half a JSON',
    { method: 'POST', url: '/v1/events', headers: json, payload: EVENT.slice(0, -1) },
    'body-unreadable',
  ],
  [
    'half a JSON where no body belongs',
    { method: 'POST', url: '/v1/evses/CP1/1/stop', headers: json, payload: '{' },
    'body-unreadable',
  ],
  [
    'an empty JSON',
    { method: 'POST', url: '/v1/events', headers: json, payload: '' },
    'payload-invalid',
  ],
  [
    'a JSON type without a body where none belongs',
    { method: 'POST', url: '/v1/evses/CP1/1/stop', headers: json, payload: '' },
    'conflict',
  ],
  [
    'a polluted prototype',
    { method: 'POST', url: '/v1/events', headers: json, payload: '{"__proto__":{"x":1}}' },
    'body-unreadable',
  ],
  [
    'text',
    { method: 'POST', url: '/v1/events', headers: { 'content-type': 'text/plain' }, payload: 'x' },
    'media-type-unsupported',
  ],
  [
    'a form',
    {
      method: 'POST',
      url: '/v1/events',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=b',
    },
    'media-type-unsupported',
  ],
  [
    'a body over 512 KiB',
    { method: 'POST', url: '/v1/events', headers: json, payload: ' '.repeat(512 * 1024 + 1) },
    'body-too-large',
  ],
  [
    'a command to nobody',
    { method: 'POST', url: '/v1/stations/nobody/commands/Reset', payload: {} },
    'not-found',
  ],
  [
    'an event of somebody else',
    { method: 'PUT', url: '/v1/events/dso/x', headers: json, payload: EVENT },
    'not-found',
  ],
])('%s', async (_name, request, code) => {
  const answer = await ask(request)
  const { status, title } = ERRORS[code]
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  const problem = answer.json()
  expect(problem).toMatchObject({ type: `/problems/${code}`, status, title, code })
  expect(problem.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/)
  expect(problem.detail.length).toBeGreaterThan(5)
})

test('every place that is wrong is named, not more than twenty', async () => {
  const interval = { durationS: -1, value: 'x', extra: 1 }
  const many = await ask({
    method: 'POST',
    url: '/v1/events',
    payload: {
      signal: { kind: 'import-limit', unit: 'W' },
      intervals: Array.from({ length: 30 }, () => interval),
    },
  })
  const { errors, detail } = many.json()
  expect(errors).toHaveLength(20)
  expect(errors[0]).toEqual({
    pointer: '/intervals/0/extra',
    detail: 'is not known here; known are id, start, end, durationS, value',
  })
  expect(detail).toMatch(/\(and 19 more\)$/)
})

test('no body is an empty one: what is missing is named', async () => {
  const answer = await ask({ method: 'POST', url: '/v1/events' })
  expect(answer.json().errors).toEqual([
    { pointer: '/signal', detail: 'is missing' },
    { pointer: '/intervals', detail: 'is missing' },
  ])
})

test('a key with a slash is escaped as JSON Pointer says', async () => {
  const answer = await ask({
    method: 'PUT',
    url: '/v1/id-tokens/A',
    payload: { state: 'accepted', 'a/b~c': 1 },
  })
  expect(answer.json().errors).toMatchObject([{ pointer: '/a~1b~0c' }])
})

describe('faults of ours', () => {
  test('the client learns where to look, the log learns the cause', async () => {
    const storage = createFakeStorage()
    const own = await createBench({ storage })
    const authorization = `Bearer ${await own.secret('admin')}`
    storage.failNext(1)
    const answer = await own.api.inject({
      method: 'PUT',
      url: '/v1/id-tokens/A',
      headers: { authorization },
      payload: { state: 'accepted' },
    })
    const problem = answer.json()
    expect(problem).toMatchObject({ status: 500, code: 'storage-failed' })
    expect(answer.body).not.toContain('disk')
    const requestId = problem.instance.replace('urn:uuid:', '')
    expect(problem.detail).toContain(requestId)
    expect(own.entries).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ requestId, err: expect.any(AppError) }),
      }),
    )
  })

  test('no stack, no path, no details of others', () => {
    const error = new AppError('internal', 'cannot read /etc/busbar/secret', {
      details: { errors: [{ pointer: '/x', detail: 'secret' }] },
    })
    const text = JSON.stringify(problemOf(error, 'r1'))
    expect(text).not.toContain('secret')
    expect(text).not.toContain('.ts')
  })

  test.each([
    [new TypeError('x is undefined'), 'internal'],
    ['a string', 'internal'],
    [Object.assign(new Error('no'), { statusCode: 500 }), 'internal'],
    [Object.assign(new Error('no'), { statusCode: 400 }), 'body-unreadable'],
    [Object.assign(new Error('no'), { statusCode: 413 }), 'body-too-large'],
    [Object.assign(new Error('no'), { statusCode: 415 }), 'media-type-unsupported'],
    [Object.assign(new Error('no'), { statusCode: 404 }), 'not-found'],
    [new AppError('conflict', 'no'), 'conflict'],
  ])('%s is %s', (error, code) => {
    expect(toAppError(error).code).toBe(code)
  })
})

test('the type of a problem leads to its description', async () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const answer = await bench.api.inject({ url: `/problems/${code}` })
    expect(answer.json()).toEqual({ type: `/problems/${code}`, code, ...ERRORS[code] })
  }
})

test('answers are not cached, framed or guessed', async () => {
  for (const request of [{ url: '/v1/site' }, { url: '/v1/nothing' }, { url: '/health/live' }]) {
    const { headers } = await ask(request)
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(headers['strict-transport-security']).toBeUndefined()
  }
})
