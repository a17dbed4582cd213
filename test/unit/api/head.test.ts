import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { InjectedRequest } from '../../../src/api/api.ts'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { createBench, type Bench } from './bench.ts'

const webRoot = temporaryFolder()
let bench: Bench
beforeAll(async () => {
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Busbar</title>')
  bench = await createBench({ settings: { webRoot } })
})

/** Path of every operation that can be read as it stands, and of what the document does not name. */
const readable = async (): Promise<string[]> => {
  const { paths } = await bench.api.document()
  const plain = Object.keys(paths).filter(
    (path) => paths[path].get !== undefined && !path.includes('{') && path !== '/v1/stream',
  )
  return [...plain, '/', '/index.html', '/openapi.json', '/v1/stations/CP1', '/v1/stations/nobody']
}

const ask = async (method: 'GET' | 'HEAD', url: string, headers: InjectedRequest['headers']) => {
  const { statusCode, headers: said, body } = await bench.api.inject({ method, url, headers })
  const { 'content-length': length, 'content-type': type, 'cache-control': caching } = said
  return { body, told: { url, statusCode, length: Number(length), type, caching } }
}

test('HEAD says what GET says, without the body', async () => {
  const headers = { authorization: `Bearer ${await bench.secret('read', 'operate', 'admin')}` }
  const urls = await readable()
  expect(urls).toContain('/health/live')
  expect(urls.length).toBeGreaterThan(20)
  for (const url of urls) {
    const [get, head] = [await ask('GET', url, headers), await ask('HEAD', url, headers)]
    expect(head.told).toEqual(get.told)
    expect([head.body, get.body.length > 0]).toEqual(['', true])
  }
})

test('HEAD opens no door that is closed to GET, and is no way to write', async () => {
  const status = async (url: string, token?: string): Promise<number> => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    return (await bench.api.inject({ method: 'HEAD', url, headers })).statusCode
  }
  const reader = await bench.secret('read')
  expect(await status('/health/live')).toBe(200)
  expect(await status('/v1/site')).toBe(401)
  expect(await status('/v1/stream')).toBe(401)
  expect(await status('/v1/tokens', reader)).toBe(403)
  expect(await status('/v1/stations/CP1/adopt', reader)).toBe(404)
  expect(await status('/v1/nothing', reader)).toBe(404)
})
