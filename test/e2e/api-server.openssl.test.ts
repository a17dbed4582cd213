import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createBench, type Bench } from '../unit/api/bench.ts'
import { selfSigned } from './api-certificates.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const running: Bench[] = []
afterEach(async () => {
  for (const bench of running.splice(0)) await bench.api.close()
})

const start = async (...options: Parameters<typeof createBench>): Promise<Bench> => {
  const bench = await createBench(...options)
  running.push(bench)
  return bench
}

const listen = async (bench: Bench): Promise<string> => {
  const { port } = await bench.api.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${port}`
}

test('an ordinary HTTP client gets along: read, write, read again', async () => {
  const bench = await start()
  const url = await listen(bench)
  const headers = {
    authorization: `Bearer ${await bench.secret('read', 'operate')}`,
    'content-type': 'application/json',
  }
  const made = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      eventId: 'e1',
      signal: { kind: 'import-limit', unit: 'W' },
      intervals: [{ durationS: 60, value: 9_000 }],
    }),
  })
  expect(made.status).toBe(201)
  const found = await fetch(`${url}${made.headers.get('location')}`, { headers })
  expect(await found.json()).toMatchObject({ id: 'api/e1', state: 'started' })
  const refused = await fetch(`${url}/v1/tokens`, { headers })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('content-type')).toMatch(/problem\+json/)
})

test('a page of another origin is not let in by a preflight', async () => {
  const bench = await start()
  const answer = await fetch(`${await listen(bench)}/v1/events`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
})

describe('the port', () => {
  test('one that is taken is said, with what to do', async () => {
    const taken = createServer()
    taken.listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const bench = await start()
    await expect(bench.api.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'listen-failed',
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*api\\.port`)),
    })
    taken.close()
    await once(taken, 'close')
  })

  test('after the close nobody answers, and running requests have been finished', async () => {
    const bench = await start()
    const url = await listen(bench)
    let answerStation = (): void => {}
    const gateway = bench.deps.gateway as unknown as { call: () => Promise<unknown> }
    gateway.call = () =>
      new Promise((resolve) => {
        answerStation = () => resolve({ ok: true, response: { status: 'Accepted' } })
      })
    const command = fetch(`${url}/v1/stations/CP1/commands/Reset`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await bench.secret('operate')}`,
        'content-type': 'application/json',
      },
      body: '{"type":"Soft"}',
    })
    await expect
      .poll(async () => (await bench.storage.query('audit')).map(({ action }) => action))
      .toContain('station.command')
    const closed = bench.api.close()
    answerStation()
    expect((await command).status).toBe(200)
    await closed
    await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed')
  })
})

describe('what is sent too slowly or too large', () => {
  const raw = async (bench: Bench, text: string): Promise<string> => {
    const url = new URL(await listen(bench))
    const socket = connect(Number(url.port), url.hostname)
    socket.on('error', () => {})
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.write(text)
    await once(socket, 'close')
    return answer
  }

  test('headers over 16 KiB', async () => {
    const text = `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`
    expect(await raw(await start(), text)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('no HTTP at all', async () => {
    expect(await raw(await start(), 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('TLS', () => {
  const folder = temporaryFolder()

  const ask = async (port: number, ca: string): Promise<IncomingMessage> => {
    const asked = httpsRequest({
      host: '127.0.0.1',
      servername: 'localhost',
      port,
      ca,
      path: '/health/live',
      agent: false,
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    return response
  }

  test('with its own headers, and a renewed certificate without a restart', async () => {
    const [old, renewed] = [selfSigned(folder, 'old'), selfSigned(folder, 'renewed')]
    const bench = await start()
    const { port } = await bench.api.listen({ host: '127.0.0.1', port: 0, tls: old })
    const { statusCode, headers } = await ask(port, old.cert)
    expect(statusCode).toBe(200)
    expect(headers['strict-transport-security']).toBe('max-age=31536000')
    await expect(ask(port, renewed.cert)).rejects.toThrow()
    bench.api.setCertificate(renewed)
    expect((await ask(port, renewed.cert)).statusCode).toBe(200)
  })
})

test('behind a proxy that is trusted, the address of the client counts', async () => {
  const ask = async (bench: Bench, from: string): Promise<number> => {
    const answer = await bench.api.inject({
      url: '/v1/site',
      headers: { authorization: 'Bearer bsb_wrong', 'x-forwarded-for': from },
    })
    return answer.statusCode
  }
  const trusting = await start({ settings: { trustedProxies: ['127.0.0.1'] } })
  for (let k = 0; k < 21; k++) await ask(trusting, '192.0.2.1')
  expect([await ask(trusting, '192.0.2.1'), await ask(trusting, '192.0.2.2')]).toEqual([429, 401])
  const plain = await start()
  for (let k = 0; k < 21; k++) await ask(plain, `192.0.2.${k}`)
  expect(await ask(plain, '192.0.2.99')).toBe(429)
})
