import { beforeAll, describe, expect, test } from 'vitest'
import type { InjectedRequest } from '../../../src/api/api.ts'
import { SCOPES, type Scope } from '../../../src/api/tokens.ts'
import { createBench, MINUTE_MS, type Bench } from './bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await createBench()
})

interface Row {
  readonly method: string
  readonly url: string
  readonly access: string
}

/** Ids that do not exist: whoever gets past the door gets 404 or 422, and changes nothing. */
const rows = async (): Promise<Row[]> => {
  const { paths } = await bench.api.document()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      url: path
        .replaceAll('{evseId}', '99')
        .replaceAll('{action}', 'Reset')
        .replaceAll(/\{\w+\}/g, 'nobody'),
      access: security.length === 0 ? 'public' : (security[0].bearer[0] ?? 'token'),
    })),
  )
}

const ask = async (row: Row, secret?: string) => {
  const request: InjectedRequest = {
    method: row.method as NonNullable<InjectedRequest['method']>,
    url: row.url,
    ...(secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } }),
  }
  const answer = await bench.api.inject(request)
  return answer.statusCode
}

const withoutStream = (all: readonly Row[]): Row[] => all.filter(({ url }) => url !== '/v1/stream')

test('without a token everything but the public routes answers 401', async () => {
  for (const row of await rows()) {
    const status = await ask(row)
    if (row.access === 'public') expect(status, row.url).not.toBe(401)
    else expect(status, `${row.method} ${row.url}`).toBe(401)
  }
})

test('a token opens the routes of its scopes and no others', async () => {
  const all = await rows()
  for (const scope of SCOPES) {
    const secret = await bench.secret(scope)
    for (const row of withoutStream(all)) {
      const status = await ask(row, secret)
      const opens = row.access === 'public' || row.access === 'token' || row.access === scope
      if (opens) expect([401, 403], `${scope} ${row.method} ${row.url}`).not.toContain(status)
      else expect(status, `${scope} ${row.method} ${row.url}`).toBe(403)
    }
  }
})

test('only health, problem descriptions and the document itself are public', async () => {
  const open = (await rows()).filter(({ access }) => access === 'public').map(({ url }) => url)
  expect(open.sort()).toEqual(['/health/live', '/health/ready', '/problems/nobody'])
})

test.each<[string, string, Scope]>([
  ['POST', '/v1/events', 'operate'],
  ['POST', '/v1/stations/{stationId}/commands/{action}', 'operate'],
  ['PATCH', '/v1/sessions/{sessionId}', 'operate'],
  ['POST', '/v1/stations/{stationId}/adopt', 'admin'],
  ['PUT', '/v1/id-tokens/{idToken}', 'admin'],
  ['POST', '/v1/tokens', 'admin'],
  ['GET', '/v1/tokens', 'admin'],
  ['GET', '/v1/stream', 'read'],
])('%s %s needs %s', async (method, path, scope) => {
  const { paths } = await bench.api.document()
  expect(paths[path][method.toLowerCase()].security).toEqual([{ bearer: [scope] }])
})

describe('what a refusal says', () => {
  const get = (authorization?: string) =>
    bench.api.inject({
      url: '/v1/site',
      ...(authorization === undefined ? {} : { headers: { authorization } }),
    })

  test('no token: how to send one', async () => {
    const answer = await get()
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="busbar"')
    expect(answer.json().detail).toContain('busbar token create')
  })

  test.each(['Basic abc', 'Bearer', 'Bearer a b', 'Bearer bsb_', `Bearer bsb_${'x'.repeat(43)}`])(
    '%s is no token',
    async (authorization) => {
      const answer = await get(authorization)
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toContain('invalid_token')
    },
  )

  test('wrong scope: which one it takes', async () => {
    const answer = await get(`Bearer ${await bench.secret('admin')}`)
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['www-authenticate']).toContain('scope="read"')
    expect(answer.json().detail).toBe('This needs a token with scope read; yours has admin')
  })

  test('the scheme is read without regard to case', async () => {
    expect((await get(`bearer ${await bench.secret('read')}`)).statusCode).toBe(200)
  })
})

test('a revoked and an expired token count no more', async () => {
  const own = await createBench()
  const expiresAtMs = own.clock.now() + MINUTE_MS
  const { token, secret } = await own.tokens.create({ label: 'a', scopes: ['read'] }, 'test')
  const short = await own.tokens.create({ label: 'b', scopes: ['read'], expiresAtMs }, 'test')
  const status = async (with_: string) =>
    (await own.api.inject({ url: '/v1/site', headers: { authorization: `Bearer ${with_}` } }))
      .statusCode
  expect([await status(secret), await status(short.secret)]).toEqual([200, 200])
  await own.tokens.revoke(token.id, 'test')
  await own.clock.advanceTo(expiresAtMs)
  expect([await status(secret), await status(short.secret)]).toEqual([401, 401])
})

test('wrong tokens from one address are slowed down, right ones from there still pass', async () => {
  const own = await createBench()
  const wrong = () =>
    own.api.inject({ url: '/v1/site', headers: { authorization: 'Bearer bsb_wrong' } })
  const statuses = []
  for (let attempt = 0; attempt < 25; attempt++) statuses.push((await wrong()).statusCode)
  expect(statuses.filter((status) => status === 401)).toHaveLength(20)
  expect(statuses.at(-1)).toBe(429)
  const refused = await wrong()
  expect(refused.headers['retry-after']).toBe('60')
  expect(refused.json().code).toBe('too-many-requests')
  expect((await own.request('GET', '/v1/site')).statusCode).toBe(200)
  await own.clock.advanceTo(own.clock.now() + MINUTE_MS)
  expect((await wrong()).statusCode).toBe(401)
})

describe('commands that change what a station trusts or obeys', () => {
  const send = async (action: string, payload: object, ...scopes: readonly Scope[]) => {
    const answer = await bench.api.inject({
      method: 'POST',
      url: `/v1/stations/CP1/commands/${action}`,
      headers: { authorization: `Bearer ${await bench.secret(...scopes)}` },
      payload,
    })
    return answer
  }

  test.each<[string, object]>([
    [
      'UpdateFirmware',
      { location: 'https://example.com/f.bin', retrieveDate: '2026-11-22T08:00:00Z' },
    ],
    ['SignedUpdateFirmware', {}],
    ['PublishFirmware', {}],
    ['InstallCertificate', {}],
    ['DeleteCertificate', {}],
    ['CertificateSigned', {}],
    ['SetNetworkProfile', {}],
    ['SetChargingProfile', { connectorId: 1, csChargingProfiles: {} }],
    ['ClearChargingProfile', {}],
    ['DataTransfer', { vendorId: 'com.example' }],
    ['SetEverythingOfTheNextVersion', {}],
    ['ChangeConfiguration', { key: 'AuthorizationKey', value: 'x' }],
    ['ChangeConfiguration', { key: 'SecurityProfile', value: '0' }],
    ['ChangeConfiguration', { key: 'BackendUrl', value: 'wss://example.com' }],
    ['ChangeConfiguration', {}],
    [
      'SetVariables',
      {
        setVariableData: [
          { component: { name: 'TxCtrlr' } },
          { component: { name: 'SecurityCtrlr' } },
        ],
      },
    ],
    ['SetVariables', { setVariableData: [null] }],
    ['SetVariables', {}],
    ['RemoteStartTransaction', { idTag: 'A', chargingProfile: {} }],
    ['RequestStartTransaction', { chargingProfile: {} }],
  ])('%s %j needs admin beside operate', async (action, payload) => {
    const sentBefore = bench.sent.length
    const refused = await send(action, payload, 'read', 'operate')
    expect(refused.statusCode).toBe(403)
    expect(refused.headers['www-authenticate']).toContain('scope="admin"')
    expect(refused.json().detail).toContain(action)
    expect((await send(action, payload, 'admin')).statusCode).toBe(403)
    expect(bench.sent).toHaveLength(sentBefore)
    expect((await send(action, payload, 'operate', 'admin')).statusCode).toBe(200)
    expect(bench.sent).toHaveLength(sentBefore + 1)
  })

  test.each<[string, object]>([
    ['Reset', { type: 'Soft' }],
    ['ChangeConfiguration', { key: 'metervaluesampleinterval', value: '10' }],
    ['SetVariables', { setVariableData: [{ component: { name: 'SampledDataCtrlr' } }] }],
    ['RemoteStartTransaction', { idTag: 'A' }],
    ['GetConfiguration', {}],
  ])('%s %j needs operate alone', async (action, payload) => {
    expect((await send(action, payload, 'operate')).statusCode).toBe(200)
  })
})
