import { expect, test } from 'vitest'
import type { IdToken } from '../../../src/csms/id-tokens.ts'
import type { AuthorizationPolicy } from '../../../src/csms/options.ts'
import { createWorld, START_MS } from './harness.ts'

const token = (idToken: string, given: Partial<IdToken> = {}): IdToken => ({
  idToken,
  type: 'ISO14443',
  state: 'accepted',
  groupId: null,
  expiresAtMs: null,
  note: null,
  ...given,
})

const start = async (policy: Partial<AuthorizationPolicy> = {}) => {
  const world = await createWorld({
    authorization: {
      unknownTokens: 'reject',
      concurrentTransactions: 'refuse',
      ...policy,
    },
  })
  world.ready('CP1')
  world.ready('CP2')
  const { csms } = world
  const station = csms.stations.mustFind('CP1')
  const other = csms.stations.mustFind('CP2')
  const decide = (idToken: string | null) => csms.authorization.authorize(station, idToken)
  const begin = (at: typeof station, idToken: string, connectorId = 1) =>
    csms.transactions.start(at, { connectorId, idToken, startedAtMs: START_MS, meterStartWh: 0 })
  return { ...world, station, other, decide, begin }
}

test.each([
  ['accepted', {}, 'accepted'],
  ['blocked', { state: 'blocked' }, 'blocked'],
  ['expired', { expiresAtMs: START_MS }, 'expired'],
  ['about to expire', { expiresAtMs: START_MS + 1 }, 'accepted'],
  ['blocked and expired', { state: 'blocked', expiresAtMs: 1 }, 'blocked'],
] as const)('a token that is %s', async (_, given, expected) => {
  const { csms, decide } = await start()
  await csms.idTokens.put(token('TAG', { groupId: 'FLEET', ...given }), 'ann')
  expect(decide('TAG')).toMatchObject({ status: expected, groupId: 'FLEET' })
})

test('letter case does not matter', async () => {
  const { csms, decide } = await start()
  await csms.idTokens.put(token('AbC'), 'ann')
  expect(decide('aBc').status).toBe('accepted')
})

test.each([
  ['reject', 'unknown'],
  ['accept', 'accepted'],
] as const)('unknown tokens: %s', async (unknownTokens, expected) => {
  const { decide } = await start({ unknownTokens })
  expect(decide('STRANGER').status).toBe(expected)
})

test('no token at all is for stations that ask for none', async () => {
  const { decide } = await start()
  expect(decide(null).status).toBe('accepted')
})

test.each(['', 'FREE'])('"%s", which nobody entered, is never in use elsewhere', async (idTag) => {
  const { decide } = await start()
  expect(decide(idTag).status).toBe('unknown')
  const free = await start({ unknownTokens: 'accept' })
  expect((await free.begin(free.station, idTag, 1)).decision.status).toBe('accepted')
  expect((await free.begin(free.station, idTag, 2)).decision.status).toBe('accepted')
  expect((await free.begin(free.other, idTag, 1)).decision.status).toBe('accepted')
})

test('without a token, too, power is only where the site has a place', async () => {
  const { csms, station } = await start()
  expect(csms.authorization.authorizeStart(station, 1, null, null).status).toBe('accepted')
  expect(csms.authorization.authorizeStart(station, 9, null, null).status).toBe('invalid')
})

test('a token is used once at a time, whatever the station', async () => {
  const { csms, station, other, begin } = await start()
  await csms.idTokens.put(token('TAG'), 'ann')
  expect((await begin(station, 'TAG')).decision.status).toBe('accepted')
  expect((await begin(other, 'tag')).decision.status).toBe('concurrent')
  expect((await begin(station, 'TAG', 2)).decision.status).toBe('concurrent')
})

test('concurrent use can be allowed', async () => {
  const { csms, station, other, begin } = await start({ concurrentTransactions: 'accept' })
  await csms.idTokens.put(token('TAG'), 'ann')
  await begin(station, 'TAG')
  expect((await begin(other, 'TAG')).decision.status).toBe('accepted')
})

test('a refused start is stored all the same', async () => {
  const { station, begin, storage } = await start()
  expect((await begin(station, 'STRANGER')).decision.status).toBe('unknown')
  expect(storage.rows('transaction')).toHaveLength(1)
})

test("an operator's remote start lets its token in for five minutes", async () => {
  const { csms, decide, advance } = await start()
  await csms.idTokens.put(token('BAD', { state: 'blocked' }), 'ann')
  csms.authorization.expect('remote')
  csms.authorization.expect('BAD')
  expect(decide('REMOTE').status).toBe('accepted')
  expect(decide('BAD').status).toBe('blocked')
  await advance(301)
  expect(decide('REMOTE').status).toBe('unknown')
})

test('tokens survive a restart; removed ones are unknown', async () => {
  const world = await start()
  const { idTokens } = world.csms
  await idTokens.put(token('A'), 'ann')
  await idTokens.put(token('B'), 'ann')
  await idTokens.put(token('b', { state: 'blocked' }), 'ann')
  await idTokens.remove('A', 'ann')
  const { csms } = await world.restart()
  expect(csms.idTokens.list()).toEqual([token('B', { state: 'blocked' })])
  expect(() => csms.idTokens.get('A')).toThrow('there is no token "A"')
  const actions = world.storage.rows('audit').map(({ action }) => action)
  expect(actions).toEqual(['token.put', 'token.put', 'token.put', 'token.remove'])
})

test('tokens of the configuration: what people said comes before it, and outlives a restart', async () => {
  const configured = (...idTokens: IdToken[]) => ({ idTokens })
  const world = await createWorld(configured(token('A'), token('B'), token('C')))
  await world.csms.idTokens.put(token('a', { state: 'blocked' }), 'ann')
  await world.csms.idTokens.remove('B', 'ann')
  const next = await createWorld(
    configured(token('A'), token('B'), token('C', { groupId: 'FLEET' })),
    world.storage,
  )
  expect(next.csms.idTokens.list()).toEqual([
    token('A', { state: 'blocked' }),
    token('C', { groupId: 'FLEET' }),
  ])
  const last = await createWorld(configured(), world.storage)
  expect(last.csms.idTokens.list()).toEqual([token('A', { state: 'blocked' })])
})

test('a token has 1 to 36 characters', async () => {
  const { csms } = await start()
  await expect(csms.idTokens.put(token(''), 'ann')).rejects.toMatchObject({
    code: 'payload-invalid',
  })
  await expect(csms.idTokens.put(token('x'.repeat(37)), 'ann')).rejects.toMatchObject({
    code: 'payload-invalid',
  })
})

test('a station that is offline does not lock the card', async () => {
  const { csms, begin, station, other } = await start()
  await csms.idTokens.put(token('TAG'), 'ann')
  await begin(station, 'TAG')
  expect((await begin(other, 'TAG')).decision.status).toBe('concurrent')
  csms.connections.disconnected('CP1', station.connection?.generation ?? 0)
  expect(csms.authorization.authorizeStart(other, 1, 'TAG', '9').status).toBe('concurrent')
  await csms.transactions.close('CP2', '2', 'ann')
  expect(csms.authorization.authorizeStart(other, 1, 'TAG', '9').status).toBe('accepted')
})

test('one token on several EVSEs, where the installation accepts it', async () => {
  const { csms, begin, station, other } = await start({ concurrentTransactions: 'accept' })
  await csms.idTokens.put(token('DEPOT'), 'ann')
  csms.authorization.expect('DEPOT')
  const starts = [
    await begin(station, 'DEPOT', 1),
    await begin(station, 'DEPOT', 2),
    await begin(other, 'DEPOT'),
  ]
  expect(starts.map(({ decision }) => decision.status)).toEqual([
    'accepted',
    'accepted',
    'accepted',
  ])
})
