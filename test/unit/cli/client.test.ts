import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Type } from 'typebox'
import { afterEach, describe, expect, test } from 'vitest'
import { createApiClient, MAX_ITEMS, path } from '../../../src/cli/api/client.ts'
import { object } from '../../../src/api/shapes.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that is not ours. */
const answering = async (
  status: number,
  body: string | ((url: URL) => string),
  headers: Record<string, string> = {},
) => {
  const seen: { url: URL; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://host')
    seen.push({ url, authorization: request.headers.authorization })
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : body(url))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { seen, url, client: createApiClient({ url, token: 'secret' }) }
}

const NAMED = object({ name: Type.String() })

test('names in a path are escaped', () => {
  expect(path`/v1/stations/${'A/B ?'}/commands/${1}`).toBe('/v1/stations/A%2FB%20%3F/commands/1')
})

test('the token goes as a bearer, and an answer that fits is returned as it came', async () => {
  const { client, seen } = await answering(200, '{"name":"a","since":"a newer version"}')
  expect(await client.get('/v1/x', NAMED)).toEqual({ name: 'a', since: 'a newer version' })
  expect(seen[0].authorization).toBe('Bearer secret')
})

test('an answer that does not fit names the place and the remedy', async () => {
  const { client } = await answering(200, '{"name":1}')
  await expect(client.get('/v1/x', NAMED)).rejects.toMatchObject({
    code: 'not-understood',
    message: expect.stringMatching(/\/name must be string.*of the version that runs there/),
  })
})

describe('what is no Busbar', () => {
  test.each([
    [200, '<html>'],
    [404, '<html>'],
    [502, '{"message":"bad gateway"}'],
    [200, ''],
  ])('%i %s', async (status, body) => {
    const { client } = await answering(status, body)
    await expect(client.get('/v1/x', NAMED)).rejects.toMatchObject({
      code: 'not-busbar',
      message: expect.stringContaining(`answered ${status}`),
    })
  })

  test('a redirection takes the token nowhere', async () => {
    const elsewhere = await answering(200, '{"name":"a"}')
    const { client } = await answering(302, '', { location: elsewhere.url })
    await expect(client.get('/v1/x', NAMED)).rejects.toMatchObject({ code: 'unreachable' })
    expect(elsewhere.seen).toEqual([])
  })

  test('silence is waited for no longer than it was agreed', async () => {
    const server = createServer(() => {})
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = createApiClient({ url: `http://127.0.0.1:${port}`, token: 't' })
    await expect(client.send('POST', '/v1/x', {}, NAMED, 100)).rejects.toMatchObject({
      code: 'timeout',
    })
    server.closeAllConnections()
  })
})

test('all places of a refusal are told', async () => {
  const { client } = await answering(
    422,
    JSON.stringify({
      code: 'payload-invalid',
      title: 'The request does not fit its schema',
      detail: '/label is missing (and 1 more)',
      errors: [
        { pointer: '/label', detail: 'is missing' },
        { pointer: '/scopes', detail: 'must be array' },
      ],
    }),
  )
  await expect(client.send('POST', '/v1/tokens', {}, NAMED)).rejects.toMatchObject({
    code: 'payload-invalid',
    message: '/label is missing (and 1 more)\n/scopes must be array',
  })
})

describe('lists', () => {
  test('are read to their end, page by page, with the query on each', async () => {
    const { client, seen } = await answering(200, (url) => {
      const offset = Number(url.searchParams.get('offset'))
      const nextOffset = offset < 2_000 ? offset + 1_000 : null
      return JSON.stringify({ items: [{ name: String(offset) }], nextOffset })
    })
    const items = await client.list('/v1/x', NAMED, { state: 'all', from: undefined })
    expect(items.map(({ name }) => name)).toEqual(['0', '1000', '2000'])
    expect(seen.map(({ url }) => url.search)).toEqual([
      '?limit=1000&state=all&offset=0',
      '?limit=1000&state=all&offset=1000',
      '?limit=1000&state=all&offset=2000',
    ])
  })

  test('without an end are cut', async () => {
    const page = Array.from({ length: 1_000 }, () => ({ name: 'x' }))
    const { client, seen } = await answering(200, (url) =>
      JSON.stringify({ items: page, nextOffset: Number(url.searchParams.get('offset')) + 1_000 }),
    )
    expect(await client.list('/v1/x', NAMED)).toHaveLength(MAX_ITEMS)
    expect(seen).toHaveLength(MAX_ITEMS / 1_000)
  })
})

test('escape codes of a station do not get past the client', async () => {
  const { client } = await answering(200, JSON.stringify({ name: '\u001b[8mhidden\u009b31m' }))
  const { name } = await client.get('/v1/x', NAMED)
  expect(name).toContain('hidden')
  expect(name).not.toMatch(/\p{Cc}/u)
})
