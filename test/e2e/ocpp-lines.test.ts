import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { EMPTY } from '../../src/ocpp/dialect.ts'
import {
  connect,
  DIALECTS,
  refusal,
  startServer,
  station,
  systemClock,
  until,
} from './ocpp-support.ts'

const handlers16 = (handlers: (typeof DIALECTS)[number]['handlers']) => [
  { protocol: 'ocpp1.6' as const, handlers },
]

describe('frames on a real line', () => {
  test('nonsense is survived, and each CALL gets the answer that the standard wants', async () => {
    const { url, server } = await startServer()
    const { send, take } = await connect(`${url}/CP1`)
    for (const text of ['', '{', '[]', '[2]', '[2,{}]', '[9,"x"]', '[3,"x",{}]', '[4]']) send(text)
    send([2, 'u', 'Unheard', {}])
    send([2, 'k', 'SignCertificate', { csr: 'x' }])
    send([2, 'm', 'BootNotification', {}])
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(4)).toEqual([
      [4, 'u', 'NotImplemented', expect.any(String), {}],
      [4, 'k', 'NotSupported', expect.any(String), {}],
      [4, 'm', 'OccurenceConstraintViolation', expect.stringContaining('chargePoint'), {}],
      [3, 'h', { currentTime: expect.any(String) as string }],
    ])
    expect(server.counters).toMatchObject({ brokenFrames: 5, unknownTypes: 1, lateAnswers: 2 })
  })

  test('2.0.1 tells what it cannot read', async () => {
    const { url } = await startServer()
    const { send, take } = await connect(`${url}/CP1`, 'ocpp2.0.1')
    send('[2,"", "Heartbeat",{}]')
    send([2, 'm', 'BootNotification', { reason: 'PowerUp' }])
    expect(await take(2)).toEqual([
      [4, '-1', 'RpcFrameworkError', expect.any(String), {}],
      [4, 'm', 'OccurrenceConstraintViolation', expect.any(String), {}],
    ])
  })

  test('text that is not UTF-8 closes the line with 1007, and the log says so', async () => {
    const { url, logged } = await startServer()
    const { socket, closed } = await connect(`${url}/CP1`)
    socket.send(Buffer.from('[2,"1","Heartbeat",{"name":"M\xfcller"}]', 'latin1'), {
      binary: false,
    })
    expect((await closed).code).toBe(1007)
    await until(() => logged.some(({ message }) => message === 'A station disconnected'))
    expect(
      logged.find(({ message }) => message === 'A station disconnected')?.fields,
    ).toMatchObject({
      code: 1007,
      reason: expect.stringContaining('UTF-8') as string,
    })
  })

  test('a station that sends without end is read slowly, told of once, and loses nothing', async () => {
    const { url, server, logged } = await startServer({
      limits: { messagesPerS: 50, burstMessages: 100 },
    })
    const { send, take } = await connect(`${url}/CP1`)
    const other = await connect(`${url}/CP2`)
    for (let i = 0; i < 150; i++) send([2, `m${i}`, 'Heartbeat', {}])
    other.send([2, 'h', 'Heartbeat', {}])
    await other.take(1)
    expect((await take(150)).map((frame) => (frame as unknown[])[1])).toEqual(
      Array.from({ length: 150 }, (_, i) => `m${i}`),
    )
    send([2, 'last', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'last', {}]])
    expect(server.counters.floods).toBeGreaterThan(0)
    expect(logged.filter(({ message }) => message.includes('too many messages'))).toHaveLength(1)
  })

  test('JSON in a binary frame, in fragments, and characters of all sizes', async () => {
    const { url } = await startServer()
    const { socket, take, send } = await connect(`${url}/CP1`)
    socket.send(Buffer.from('[2,"b","Heartbeat",{}]'), { binary: true })
    socket.send('[2,"f","Heart', { fin: false })
    socket.send('beat",{}]', { fin: true })
    send([2, 'ü\u{1F50C}', 'Heartbeat', {}])
    expect((await take(3)).map((frame) => (frame as unknown[])[1])).toEqual([
      'b',
      'f',
      'ü\u{1F50C}',
    ])
  })

  test('answers of every length arrive whole', async () => {
    const data = (length: number) => 'x'.repeat(length)
    const { url } = await startServer({
      dialects: handlers16({
        DataTransfer: (payload: { messageId?: string }) => ({
          status: 'Accepted',
          data: data(Number(payload.messageId)),
        }),
      }),
    })
    const { send, take } = await connect(`${url}/CP1`)
    const lengths = [0, 80, 81, 82, 83, 84, 126, 1000, 65_000, 65_480, 65_500, 65_536, 200_000]
    for (const length of lengths)
      send([2, 'a', 'DataTransfer', { vendorId: 'v', messageId: `${length}` }])
    expect(await take(lengths.length)).toEqual(
      lengths.map((length) => [3, 'a', { status: 'Accepted', data: data(length) }]),
    )
  })

  test('a frame above the cap closes the line with 1009, others live on', async () => {
    const { url, server } = await startServer({ limits: { maxFrameBytes: 4096 } })
    const other = await connect(`${url}/CP2`)
    const { send, closed } = await connect(`${url}/CP1`)
    send([2, 'a', 'DataTransfer', { vendorId: 'v', data: 'x'.repeat(5000) }])
    expect(await closed).toMatchObject({ code: 1009 })
    await until(() => server.connectionCount() === 1)
    expect(server.counters.oversizeFrames).toBe(1)
    other.send([2, 'h', 'Heartbeat', {}])
    expect(await other.take(1)).toMatchObject([[3, 'h', {}]])
  })

  test('a repeated CALL is answered again and handled once', async () => {
    let started = 0
    const { url, server } = await startServer({
      dialects: handlers16({
        StartTransaction: async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return { transactionId: ++started, idTagInfo: { status: 'Accepted' } }
        },
      }),
    })
    const { send, take, received } = await connect(`${url}/CP1`)
    const payload = { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2026-11-22T07:00:00Z' }
    send([2, 's', 'StartTransaction', payload])
    send([2, 's', 'StartTransaction', payload])
    const first = await take(1)
    send([2, 's', 'StartTransaction', payload])
    expect(await take(1)).toEqual(first)
    expect(started).toBe(1)
    expect(received).toEqual([])
    expect(server.counters.duplicates).toBe(2)
  })
})

describe('our CALLs over a real line', () => {
  test('answer, error, time-out and late answer', async () => {
    const { url, server } = await startServer({ limits: { callTimeoutMs: 300 } })
    const { send, take } = await connect(`${url}/CP1`)
    const ok = server.call('CP1', 'ClearCache', {})
    const [[, okId]] = (await take(1)) as [[number, string]]
    send([3, okId, { status: 'Accepted' }])
    expect(await ok).toEqual({ ok: true, response: { status: 'Accepted' } })

    const refused = server.call('CP1', 'ClearCache', {})
    const [[, refusedId]] = (await take(1)) as [[number, string]]
    send([4, refusedId, 'NotSupported', 'no cache', {}])
    expect(await refused).toMatchObject({ ok: false, reason: 'call-error', code: 'NotSupported' })

    const late = server.call('CP1', 'ClearCache', {})
    const [[, lateId]] = (await take(1)) as [[number, string]]
    expect(await late).toMatchObject({ ok: false, reason: 'timeout' })
    send([3, lateId, { status: 'Accepted' }])
    await until(() => server.counters.lateAnswers === 1)
    expect(new Set([okId, refusedId, lateId]).size).toBe(3)
    expect(lateId.length).toBeLessThanOrEqual(36)
    expect(await server.call('CP9', 'ClearCache', {})).toMatchObject({ reason: 'offline' })
  })

  test('a line that ends leaves the outcome unknown', async () => {
    const { url, server } = await startServer()
    const { take, socket } = await connect(`${url}/CP1`)
    const result = server.call('CP1', 'ClearCache', {})
    await take(1)
    socket.terminate()
    expect(await result).toMatchObject({ ok: false, reason: 'timeout' })
  })
})

describe('two lines of one station', () => {
  test('the newer wins; the end of the older is not taken for the end of the station', async () => {
    const events: string[] = []
    const { url, server } = await startServer({
      onConnect: (link) => void events.push(`+${link.generation}`),
      onDisconnect: (link, code) => void events.push(`-${link.generation} ${code}`),
    })
    const older = await connect(`${url}/CP1`)
    const unanswered = server.call('CP1', 'ClearCache', {})
    const newer = await connect(`${url}/CP1`)
    expect(await unanswered).toMatchObject({ ok: false, reason: 'timeout' })
    expect(await older.closed).toEqual({ code: 1008, reason: 'replaced by a newer connection' })
    newer.send([2, 'h', 'Heartbeat', {}])
    expect(await newer.take(1)).toMatchObject([[3, 'h', {}]])
    expect(events).toEqual(['+1', '-1 1008', '+2'])
    expect(server.link('CP1')?.generation).toBe(2)
    newer.socket.close(1000)
    await until(() => server.connectionCount() === 0)
    expect(events).toEqual(['+1', '-1 1008', '+2', '-2 1000'])
    expect(server.counters).toMatchObject({ connections: 2, disconnections: 2, superseded: 1 })
  })

  test('what the older line still sends is not heard', async () => {
    const heard: number[] = []
    const { url } = await startServer({
      dialects: handlers16({
        StatusNotification: (_, link) => {
          heard.push(link.generation)
          return EMPTY
        },
      }),
    })
    const payload = { connectorId: 0, errorCode: 'NoError', status: 'Available' }
    const older = await connect(`${url}/CP1`)
    older.socket.on('close', () => {})
    const newer = await connect(`${url}/CP1`)
    older.send([2, 'o', 'StatusNotification', payload])
    newer.send([2, 'n', 'StatusNotification', payload])
    await newer.take(1)
    await older.closed
    expect(heard).toEqual([2])
  })
})

describe('liveness', () => {
  const limits = { pingIntervalMs: 200, silenceMs: 600, unprovenSilenceMs: 1200 }

  test('who answered pings and falls silent is cut off; who answers stays', async () => {
    const { url, server } = await startServer({ limits })
    const { socket, closed } = await connect(`${url}/CP1`)
    await connect(`${url}/CP2`)
    await once(socket, 'ping')
    await new Promise((resolve) => setTimeout(resolve, 50))
    // From now on it reads nothing and so answers nothing.
    socket.pause()
    await until(() => server.connectionCount() === 1)
    expect(server.link('CP2')).toBeDefined()
    expect(server.counters.silent).toBe(1)
    socket.resume()
    expect((await closed).code).toBe(1006)
  })

  test('who never answers pings lives on its other frames, and has more time', async () => {
    const { url, server } = await startServer({ limits })
    const { send } = await connect(`${url}/CP1`, 'ocpp1.6', { autoPong: false })
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 400))
      send([2, `h${i}`, 'Heartbeat', {}])
    }
    expect(server.connectionCount()).toBe(1)
    const silentFrom = Date.now()
    await until(() => server.connectionCount() === 0)
    expect(Date.now() - silentFrom).toBeGreaterThan(900)
  })

  test('models that cannot bear pings get none and are not cut off', async () => {
    const { url, server } = await startServer({
      limits: { ...limits, unprovenSilenceMs: 400 },
      lookup: (id) => station(id, { pings: false }),
    })
    const { socket } = await connect(`${url}/CP1`)
    let pings = 0
    socket.on('ping', () => pings++)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(pings).toBe(0)
    expect(server.connectionCount()).toBe(1)
  })
})

describe('bounds', () => {
  test('a station that sends and does not read is cut off', async () => {
    const { url, server } = await startServer({
      limits: { maxUnsentBytes: 64 * 1024 },
      dialects: handlers16({
        DataTransfer: () => ({ status: 'Accepted', data: 'x'.repeat(50_000) }),
      }),
    })
    const { socket, send } = await connect(`${url}/CP1`)
    socket.pause()
    for (let i = 0; i < 2000; i++) send([2, `${i}`, 'DataTransfer', { vendorId: 'v' }])
    await until(() => server.counters.slowReaders === 1)
    await until(() => server.connectionCount() === 0)
  })

  test('many CALLs at once are all answered, a few handlers at a time', async () => {
    let running = 0
    let most = 0
    const { url } = await startServer({
      limits: { maxOpenHandlers: 4 },
      dialects: handlers16({
        Authorize: async () => {
          most = Math.max(most, ++running)
          await new Promise((resolve) => setTimeout(resolve, 2))
          running--
          return { idTagInfo: { status: 'Accepted' } }
        },
      }),
    })
    const { send, take } = await connect(`${url}/CP1`)
    // What one read of the socket brings in (64 kB) is handled; more is not read meanwhile.
    const idTag = 'x'.repeat(20)
    for (let i = 0; i < 4000; i++) send([2, `${i}`.padStart(36, '0'), 'Authorize', { idTag }])
    expect(await take(4000)).toHaveLength(4000)
    expect(most).toBeLessThan(1500)
  })
})

describe('the end', () => {
  test('a stop lets running answers out and closes with 1001', async () => {
    const { url, server } = await startServer({
      limits: { stopGraceMs: 3000 },
      dialects: handlers16({
        Authorize: async () => {
          await new Promise((resolve) => setTimeout(resolve, 100))
          return { idTagInfo: { status: 'Accepted' } }
        },
      }),
    })
    const idle = await connect(`${url}/CP1`)
    const busy = await connect(`${url}/CP2`)
    busy.send([2, 'a', 'Authorize', { idTag: 'A' }])
    await until(() => server.counters.callsIn === 1)
    await server.stop()
    expect(await busy.take(1)).toMatchObject([[3, 'a', {}]])
    expect((await busy.closed).code).toBe(1001)
    expect((await idle.closed).code).toBe(1001)
  })

  test('a line that does not close is cut after the grace', async () => {
    const { url, server } = await startServer({ limits: { stopGraceMs: 200 } })
    const { socket } = await connect(`${url}/CP1`)
    socket.pause()
    const startMs = Date.now()
    await server.stop()
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(190)
    expect(server.connectionCount()).toBe(0)
  })

  test('a port in use is a clear fault, and no other listener stays open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const free = { host: '127.0.0.1', port: 0 }
    await expect(
      startServer({ listeners: [free, { host: '127.0.0.1', port }] }),
    ).rejects.toMatchObject({
      code: 'listen-failed',
      message: expect.stringContaining(`${port}`) as string,
    })
    blocker.close()
  })

  test('hooks that fail are logged; a connection that cannot be taken up is closed', async () => {
    const { url, logged, server } = await startServer({
      onConnect: () => {
        throw new Error('no room')
      },
      onDisconnect: () => {
        throw new Error('no room')
      },
    })
    const { closed } = await connect(`${url}/CP1`)
    expect((await closed).code).toBe(1011)
    await until(() => server.connectionCount() === 0)
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(2)
  })

  test('a message log that fails disturbs no message', async () => {
    const { url, logged } = await startServer({
      onFrame: () => {
        throw new Error('disk full')
      },
    })
    const { send, take } = await connect(`${url}/CP1`)
    send([2, 'h', 'Heartbeat', {}])
    expect(await take(1)).toMatchObject([[3, 'h', {}]])
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(2)
  })

  test('after the stop nobody is let in', async () => {
    const { url, server } = await startServer({
      lookup: async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return station(id)
      },
    })
    const attempt = refusal(`${url}/CP1`).catch((error: unknown) => error)
    await new Promise((resolve) => systemClock.after(30, () => resolve(null)))
    await server.stop()
    expect(await attempt).toBeInstanceOf(Error)
    expect(server.counters.connections).toBe(0)
  })
})
