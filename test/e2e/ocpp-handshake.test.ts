import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { digestPassword, hashPassword } from '../../src/ocpp/password.ts'
import { basic, connect, refusal, startServer, station, until } from './ocpp-support.ts'

describe('the sub-protocol', () => {
  test.each([
    [['ocpp1.6', 'ocpp2.0.1'], 'ocpp2.0.1'],
    [['ocpp1.5', 'ocpp1.6'], 'ocpp1.6'],
  ])('%j: our preference wins', async (offered, expected) => {
    const { url, server } = await startServer()
    const { socket } = await connect(`${url}/CP1`, offered)
    expect(socket.protocol).toBe(expected)
    expect(server.link('CP1')?.protocol).toBe(expected)
  })

  test('nothing in common: the handshake ends without the header, then the line closes', async () => {
    const { url, server, port, logged } = await startServer()
    const socket = connectTcp(port, '127.0.0.1')
    socket.write(handshake(`${new URL(url).pathname}/CP1`, 'Sec-WebSocket-Protocol: ocpp1.5'))
    let answer = ''
    socket.on('data', (data) => (answer += data.toString('latin1')))
    await once(socket, 'end')
    expect(answer).toMatch(/^HTTP\/1.1 101 /)
    expect(answer).not.toMatch(/sec-websocket-protocol/i)
    const frame = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1')
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 1002])
    expect(server.connectionCount()).toBe(0)
    expect(server.counters.wrongProtocols).toBe(1)
    expect(logged.map(({ message }) => message)).toContain(
      'No sub-protocol in common with a station',
    )
    socket.destroy()
  })

  test('a station that offers nothing gets its default and no header', async () => {
    const { url, server } = await startServer({
      lookup: (id) => station(id, { protocolIfNoneOffered: 'ocpp1.6' }),
    })
    const { socket, send, take } = await connect(`${url}/CP1`, [])
    expect(socket.protocol).toBe('')
    expect(server.link('CP1')?.protocol).toBe('ocpp1.6')
    send([2, 'a', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'a', {}]])
  })

  test.each([
    ['', undefined],
    ['ocpp1.6,', 'ocpp1.6'],
    ['ocpp1.6, ocpp1.6', 'ocpp1.6'],
  ])('a header that is badly written: %j', async (offered, taken) => {
    const { port, server } = await startServer({
      lookup: (identity) => station(identity, { protocolIfNoneOffered: 'ocpp1.6' }),
    })
    const socket = connectTcp(port, '127.0.0.1')
    socket.write(handshake('/ocpp/CP1', `Sec-WebSocket-Protocol: ${offered}`))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 101 /)
    expect(/sec-websocket-protocol: (.*)\r/i.exec(answer.toString())?.[1]).toBe(taken)
    expect(server.link('CP1')?.protocol).toBe('ocpp1.6')
    socket.destroy()
  })

  test('compression is offered by stations and never taken', async () => {
    const { url } = await startServer()
    const { socket } = await connect(`${url}/CP1`, 'ocpp1.6', { perMessageDeflate: true })
    expect(socket.extensions).toBe('')
  })
})

const handshake = (path: string, ...headers: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: csms',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...headers,
    '',
    '',
  ].join('\r\n')

describe('the identity', () => {
  test.each([
    ['/CP%201', 'CP 1'],
    ['/CP1/', 'CP1'],
    ['/old%2Fname', 'CP-ALIAS'],
    ['/2.0.1/CP1', 'CP1'],
    ['/CP1/CP1', 'CP1'],
  ])('%s is %s', async (path, expected) => {
    const known = new Map(
      [station('CP1'), station('CP 1')].map((each) => [each.stationId, each] as const),
    ).set('old/name', station('CP-ALIAS'))
    const { url, server } = await startServer({
      lookup: (identity) => known.get(identity) ?? { kind: 'refuse' },
    })
    await connect(url + path)
    expect(server.links().map(({ stationId }) => stationId)).toEqual([expected])
  })

  test('a lookup may take its time', async () => {
    const { url, server } = await startServer({
      lookup: (id) => Promise.resolve(id === 'CP1' ? station(id) : { kind: 'refuse' }),
    })
    await connect(`${url}/x/CP1`)
    expect(server.link('CP1')).toBeDefined()
    expect((await refusal(`${url}/x/CP2`)).status).toBe(404)
  })

  test.each([
    () => Promise.reject(new Error('no db')),
    () => {
      throw new Error('no db')
    },
  ])('a lookup that fails refuses and is logged', async (lookup) => {
    const { url, logged } = await startServer({ lookup })
    expect((await refusal(`${url}/CP1`)).status).toBe(500)
    expect(logged.some(({ level }) => level === 'error')).toBe(true)
  })

  test.each(['/ocpp/CP9', '/ocpp/', '/elsewhere/CP1'])('%s is not found', async (path) => {
    const { port, server } = await startServer({
      lookup: (id) => (id === 'CP1' ? station(id) : { kind: 'refuse' }),
    })
    expect((await refusal(`ws://127.0.0.1:${port}${path}`)).status).toBe(404)
    expect(server.counters.unknownStations).toBe(1)
  })
})

describe('passwords', () => {
  const KEY = '00112233445566778899aabbccddeeff00112233'

  test.each<[string, string | Buffer]>([
    ['text', KEY],
    ['text in capitals', KEY.toUpperCase()],
    ['the bytes behind it', Buffer.from(KEY, 'hex')],
  ])('an AuthorizationKey sent as %s', async (_, sent) => {
    const passwordHashes = [await hashPassword(KEY)]
    const lookup = (id: string) => station(id, { securityProfile: 1, passwordHashes })
    const { url, server } = await startServer({ lookup })
    await connect(`${url}/CP1`, 'ocpp1.6', { headers: basic('CP1', sent) })
    await connect(`${url}/CP1`, 'ocpp1.6', { headers: basic('CP1', sent) })
    expect(server.link('CP1')?.generation).toBe(2)
    // The second time it is recognised, not hashed.
    expect(server.counters).toMatchObject({ passwordHashes: 1, passwordCacheHits: 1 })
  })

  test.each([
    ['no credentials', {}],
    ['a wrong password', basic('CP1', 'wrong')],
    ['the credentials of another', basic('CP2', 'right')],
    ['nonsense', { Authorization: 'Basic ???' }],
  ])('%s: 401', async (_, headers) => {
    const passwordHashes = [digestPassword('right')]
    const { url, server } = await startServer({
      lookup: (id) => station(id, { securityProfile: 1, passwordHashes }),
    })
    const answer = await refusal(`${url}/CP1`, 'ocpp1.6', { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
    expect(server.counters.wrongCredentials).toBe(1)
    expect(server.connectionCount()).toBe(0)
  })

  test('guessing is slowed down; whoever is known already is not', async () => {
    const passwordHashes = [digestPassword('right')]
    const { url, server } = await startServer({
      lookup: (id) => station(id, { securityProfile: 1, passwordHashes }),
    })
    await connect(`${url}/CP1`, 'ocpp1.6', { headers: basic('CP1', 'right') })
    const wrong = { headers: basic('CP1', 'wrong') }
    const statuses: number[] = []
    for (let i = 0; i < 5; i++)
      statuses.push((await refusal(`${url}/CP1`, 'ocpp1.6', wrong)).status)
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    expect(Number((await refusal(`${url}/CP1`, 'ocpp1.6', wrong)).headers['retry-after'])).toBe(1)
    expect(server.counters.throttled).toBe(3)
    await connect(`${url}/CP1`, 'ocpp1.6', { headers: basic('CP1', 'right') })
  })

  test('handshakes without a password lock nobody out', async () => {
    const hashes = { CP1: [digestPassword('one')], CP2: [await hashPassword('two')] }
    const { url, server } = await startServer({
      lookup: (id) =>
        station(id, {
          securityProfile: 1,
          passwordHashes: id === 'CP2' ? hashes.CP2 : hashes.CP1,
        }),
    })
    for (let i = 0; i < 200; i++) expect((await refusal(`${url}/CP1`, 'ocpp1.6')).status).toBe(401)
    await connect(`${url}/CP1`, 'ocpp1.6', { headers: basic('CP1', 'one') })
    await connect(`${url}/CP2`, 'ocpp1.6', { headers: basic('CP2', 'two') })
    expect(server.counters.throttled).toBe(0)
  })

  test('wrong passwords of many neighbors delay a costly check by a second at most', async () => {
    const cheap = [digestPassword('right')]
    const costly = [await hashPassword('right')]
    const { url } = await startServer({
      lookup: (id) =>
        station(id, { securityProfile: 1, passwordHashes: id === 'COSTLY' ? costly : cheap }),
    })
    for (let i = 0; i < 90; i++)
      await refusal(`${url}/N${i}`, 'ocpp1.6', { headers: basic(`N${i}`, 'wrong') })
    await connect(`${url}/CHEAP`, 'ocpp1.6', { headers: basic('CHEAP', 'right') })
    const answer = await refusal(`${url}/COSTLY`, 'ocpp1.6', { headers: basic('COSTLY', 'right') })
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1'])
  })

  test('a password on a plain line is refused where TLS is asked for, unless a proxy has it', async () => {
    const passwordHashes = [digestPassword('right')]
    const lookup = (id: string) => station(id, { securityProfile: 2, passwordHashes })
    const headers = basic('CP1', 'right')
    const plain = await startServer({ lookup })
    expect((await refusal(`${plain.url}/CP1`, 'ocpp1.6', { headers })).status).toBe(403)
    const listeners = [{ host: '127.0.0.1', port: 0, path: '/ocpp', proxy: { endsTls: true } }]
    const proxied = await startServer({ lookup, listeners })
    await connect(`${proxied.url}/CP1`, 'ocpp1.6', { headers })
  })
})

describe('unknown stations', () => {
  test('in quarantine they are connected, visible and powerless, and bounded', async () => {
    const { url, server } = await startServer({
      lookup: (stationId) => ({ kind: 'quarantine', stationId, protocols: ['ocpp1.6'] }),
      allowed: (link) => !link.quarantined,
      limits: { maxQuarantined: 1 },
    })
    const { send, take, socket } = await connect(`${url}/STRANGER`)
    expect(server.link('STRANGER')?.quarantined).toBe(true)
    send([2, 'a', 'Heartbeat', {}])
    expect((await take(1))[0]).toEqual([4, 'a', 'SecurityError', expect.any(String), {}])
    expect((await refusal(`${url}/ANOTHER`)).status).toBe(503)
    socket.close()
    await until(() => server.connectionCount() === 0)
    await connect(`${url}/ANOTHER`)
  })
})

describe('other visitors', () => {
  test('plain HTTP is told what this is', async () => {
    const { port } = await startServer()
    const response = await fetch(`http://127.0.0.1:${port}/ocpp/CP1`)
    expect(response.status).toBe(426)
    expect(await response.text()).toContain('OCPP-J')
  })

  test('a handshake without "Connection: Upgrade" is answered and logged', async () => {
    const { port, logged } = await startServer()
    const socket = connectTcp(port, '127.0.0.1')
    socket.write(handshake('/ocpp/CP1').replace('Connection: Upgrade\r\n', ''))
    const [data] = (await once(socket, 'data')) as [Buffer]
    expect(data.toString()).toMatch(/^HTTP\/1.1 426/)
    expect(logged.map(({ message }) => message).join()).toContain('Connection: Upgrade')
    socket.destroy()
  })

  test('the bound on connections', async () => {
    const { url, server } = await startServer({ limits: { maxConnections: 2 } })
    await connect(`${url}/CP1`)
    await connect(`${url}/CP2`)
    const answer = await refusal(`${url}/CP3`)
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('60')
    expect(server.counters.overCapacity).toBe(1)
    // A station that is connected may always come again.
    await connect(`${url}/CP2`)
  })

  test('a socket that breaks while it is judged does no harm', async () => {
    let judged = 0
    const { url, server } = await startServer({
      lookup: async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        judged++
        return station(id)
      },
    })
    const socket = new WebSocket(`${url}/CP1`, 'ocpp1.6')
    socket.on('error', () => {})
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.terminate()
    await until(() => judged === 1)
    await connect(`${url}/CP2`)
    expect(server.links().map(({ stationId }) => stationId)).toEqual(['CP2'])
  })
})
