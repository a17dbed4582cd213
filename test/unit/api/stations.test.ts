import { beforeEach, describe, expect, test } from 'vitest'
import type { CommandResult } from '../../../src/ports/station-gateway.ts'
import { createBench, START_MS, type Bench } from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})

describe('stations', () => {
  test('configured and quarantined ones, picked by state and connection', async () => {
    bench.connect('STRANGER')
    bench.connect('CP1')
    const ids = async (query: string) =>
      (await bench.get(`/v1/stations?${query}`)).items.map(({ stationId }) => stationId)
    expect(await ids('')).toEqual(['CP1', 'CP2', 'STRANGER'])
    expect(await ids('state=quarantined')).toEqual(['STRANGER'])
    expect(await ids('online=false')).toEqual(['CP2'])
    expect(await ids('online=true&state=known')).toEqual(['CP1'])
  })

  test('one station, with limits that it has from others', async () => {
    bench.connect('CP1')
    const station = bench.csms.stations.mustFind('CP1')
    station.externalLimits.set('0/EMS', {
      evseId: 0,
      source: 'EMS',
      isGridCritical: true,
      sinceMs: START_MS,
      schedule: {
        startMs: START_MS,
        durationS: 600,
        unit: 'W',
        numberPhases: 3,
        periods: [{ startS: 0, limit: 11_000 }],
      },
    })
    expect(await bench.get('/v1/stations/CP1')).toMatchObject({
      stationId: 'CP1',
      online: true,
      boot: 'waiting',
      bootHold: null,
      connectedAt: '2026-11-22T08:00:00.000Z',
      evses: ['CP1/1', 'CP1/2'],
      externalLimits: [{ source: 'EMS', gridCritical: true, schedule: { unit: 'W' } }],
    })
  })

  test('a quarantined station is let in with the hash of a password', async () => {
    bench.connect('STRANGER')
    const answer = await bench.request('POST', '/v1/stations/STRANGER/adopt', {
      password: 'correct horse',
    })
    expect(answer.json()).toMatchObject({ state: 'adopted' })
    expect(answer.body).not.toContain('hash of')
    const [row] = await bench.storage.query('station', { where: { stationId: 'STRANGER' } })
    expect(row.passwordHash).toBe('hash of correct horse')
    const { items } = await bench.get('/v1/audit?action=station.adopt')
    expect(items).toMatchObject([{ target: 'STRANGER', actor: expect.stringMatching(/^token:/) }])
    expect(JSON.stringify(items)).not.toContain('correct horse')
  })

  test('a configured station is neither adopted nor removed here', async () => {
    const adopt = await bench.request('POST', '/v1/stations/CP1/adopt', { password: null })
    const remove = await bench.request('DELETE', '/v1/stations/CP1')
    expect([adopt.statusCode, remove.statusCode]).toEqual([409, 409])
  })

  test('a stranger is turned away', async () => {
    bench.connect('STRANGER')
    const answer = await bench.request('DELETE', '/v1/stations/STRANGER')
    expect(answer.json()).toMatchObject({ state: 'removed' })
  })

  test('boots can be held, and let go again', async () => {
    const hold = async (value: string | null) =>
      (await bench.request('PUT', '/v1/stations/CP1/boot-hold', { hold: value })).json().bootHold
    expect(await hold('pending')).toBe('pending')
    expect(await hold(null)).toBeNull()
  })

  test('variables without their secrets', async () => {
    await bench.csms.variables.store('CP1', [
      {
        component: '',
        variable: 'AuthorizationKey',
        attribute: 'Actual',
        value: 'abc',
        readonly: false,
      },
      {
        component: '',
        variable: 'HeartbeatInterval',
        attribute: 'Actual',
        value: '300',
        readonly: false,
      },
      {
        component: 'X',
        variable: 'HeartbeatInterval',
        attribute: 'Actual',
        value: null,
        readonly: true,
      },
    ])
    const { items } = await bench.get('/v1/stations/CP1/variables')
    expect(items.map(({ variable, value }) => [variable, value])).toEqual([
      ['AuthorizationKey', '(secret)'],
      ['HeartbeatInterval', '300'],
      ['HeartbeatInterval', null],
    ])
    const some = await bench.get(
      '/v1/stations/CP1/variables?variable=HeartbeatInterval&component=X',
    )
    expect(some.items).toHaveLength(1)
  })
})

describe('commands', () => {
  const reset = () => bench.request('POST', '/v1/stations/CP1/commands/Reset', { type: 'Soft' })

  test('any action goes out as it is, and its answer comes back as it is', async () => {
    bench.stationAnswers({ ok: true, response: { status: 'Rejected', more: [1] } })
    const answer = await reset()
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ status: 'Rejected', more: [1] })
    expect(bench.sent).toEqual([{ method: 'call', args: ['CP1', 'Reset', { type: 'Soft' }] }])
  })

  test.each<[Extract<CommandResult, { ok: false }>['reason'], number, string]>([
    ['invalid', 422, 'payload-invalid'],
    ['offline', 409, 'station-offline'],
    ['not-accepted', 409, 'station-not-accepted'],
    ['rejected', 409, 'station-rejected'],
    ['busy', 429, 'too-many-requests'],
    ['call-error', 502, 'station-call-error'],
    ['timeout', 504, 'station-timeout'],
  ])('%s is answered %i %s', async (reason, status, code) => {
    bench.stationAnswers({ ok: false, reason, detail: 'it went wrong' })
    const answer = await reset()
    expect(answer.json()).toMatchObject({ status, code, detail: 'CP1: it went wrong' })
    expect(answer.statusCode).toBe(status)
  })

  test('an invalid payload: where, and how', async () => {
    const detail = 'Reset/type: must be one of Hard, Soft'
    bench.stationAnswers({ ok: false, reason: 'invalid', detail })
    expect((await reset()).json().errors).toEqual([
      { pointer: '/type', detail: 'must be one of Hard, Soft' },
    ])
    bench.stationAnswers({ ok: false, reason: 'invalid', detail: "ocpp1.6 has no action 'Foo'" })
    expect((await reset()).json().errors).toEqual([
      { pointer: '', detail: "ocpp1.6 has no action 'Foo'" },
    ])
  })

  test('a CALLERROR comes with its code, a busy station with a time', async () => {
    bench.stationAnswers({
      ok: false,
      reason: 'call-error',
      code: 'NotImplemented',
      detail: 'The station answered Reset with NotImplemented',
    })
    expect((await reset()).json().station).toEqual({ code: 'NotImplemented' })
    bench.stationAnswers({ ok: false, reason: 'busy', detail: 'full' })
    expect((await reset()).headers['retry-after']).toBe('10')
  })

  test('on record before it goes out, its outcome before it is told; secrets are not', async () => {
    bench.stationAnswers({ ok: false, reason: 'timeout', detail: 'silence' })
    await bench.request('POST', '/v1/stations/CP1/commands/ChangeConfiguration', {
      key: 'AuthorizationKey',
      value: 'deadbeefdeadbeef',
    })
    const { items } = await bench.get('/v1/audit?target=CP1')
    expect(items.map(({ action, detail }) => [action, detail])).toEqual([
      [
        'station.command-result',
        { action: 'ChangeConfiguration', outcome: 'timeout', said: 'silence' },
      ],
      [
        'station.command',
        {
          action: 'ChangeConfiguration',
          payload: { key: 'AuthorizationKey', value: '(secret)' },
        },
      ],
    ])
    // The station gets what was sent.
    expect(bench.sent[0].args[2]).toMatchObject({ value: 'deadbeefdeadbeef' })
  })

  test.each(['Reset2', 'a/b', 'x'.repeat(65)])('%s is no action', async (action) => {
    const url = `/v1/stations/CP1/commands/${action}`
    const answer = await bench.api.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${await bench.secret('operate')}` },
      payload: {},
    })
    expect(answer.statusCode).toBe(404)
    expect(bench.sent).toEqual([])
  })
})

describe('what is done at an EVSE', () => {
  test.each<[string, object, string, unknown[]]>([
    ['start', { idToken: 'CARD7' }, 'remoteStart', ['CP1', 2, 'CARD7', null]],
    ['unlock', {}, 'unlock', ['CP1', 2, 1]],
    ['unlock', { connectorId: 2 }, 'unlock', ['CP1', 2, 2]],
    ['availability', { operative: false }, 'changeAvailability', ['CP1', 2, false]],
  ])('%s %j', async (what, body, method, args) => {
    const answer = await bench.request('POST', `/v1/evses/CP1/2/${what}`, body)
    expect(answer.json()).toEqual({ response: { status: 'Accepted' } })
    expect(bench.sent).toEqual([{ method, args }])
    const { items } = await bench.get('/v1/audit?action=station.command')
    expect(items).toMatchObject([
      { target: 'CP1', detail: { action: what, payload: { evseId: 2, ...body } } },
    ])
  })

  test('stop ends the transaction that runs there', async () => {
    const nothing = await bench.request('POST', '/v1/evses/CP1/2/stop')
    expect(nothing.json()).toMatchObject({ status: 409, code: 'conflict' })
    const transactionId = await bench.charge('CP1', 2)
    expect((await bench.request('POST', '/v1/evses/CP1/2/stop')).statusCode).toBe(200)
    expect(bench.sent).toEqual([{ method: 'remoteStop', args: ['CP1', transactionId] }])
  })

  test('a station that refuses: its answer stands in the problem', async () => {
    bench.stationAnswers({
      ok: false,
      reason: 'rejected',
      detail: 'the station answered Rejected',
      response: { status: 'Rejected' },
    })
    const answer = await bench.request('POST', '/v1/evses/CP1/1/start', { idToken: 'A' })
    expect(answer.json()).toMatchObject({
      code: 'station-rejected',
      station: { response: { status: 'Rejected' } },
    })
  })
})
