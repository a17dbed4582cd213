import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/temporary-folder.ts'
import { createBench } from './bench.ts'

describe('health', () => {
  test('the process lives', async () => {
    const bench = await createBench()
    expect((await bench.api.inject({ url: '/health/live' })).json()).toEqual({ ok: true })
  })

  test('ready or not, with details for those who hold a token', async () => {
    const bench = await createBench()
    const everybody = await bench.api.inject({ url: '/health/ready' })
    expect([everybody.statusCode, everybody.json()]).toEqual([
      200,
      {
        ok: true,
        checks: [{ name: 'storage', ok: true }],
        conditions: { alarms: 0, warnings: 0 },
      },
    ])
    bench.ready({
      ok: false,
      checks: [{ name: 'control', ok: false, detail: 'the last tick was 12 s ago' }],
    })
    const operator = await bench.request('GET', '/health/ready')
    expect([operator.statusCode, operator.json()]).toEqual([
      503,
      {
        ok: false,
        checks: [{ name: 'control', ok: false, detail: 'the last tick was 12 s ago' }],
        conditions: { alarms: 0, warnings: 0 },
      },
    ])
  })
})

describe('metrics', () => {
  const scrape = async (bench: Awaited<ReturnType<typeof createBench>>) => {
    const authorization = `Bearer ${await bench.secret('read')}`
    const { body, headers } = await bench.api.inject({
      url: '/metrics',
      headers: { authorization },
    })
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    return body
  }

  test('nodes, fleet, events, OCPP, storage, ticks and streams', async () => {
    const bench = await createBench()
    await bench.charge('CP1', 1)
    await bench.run(2)
    bench.connect('STRANGER')
    await bench.request('POST', '/v1/events', {
      signal: { kind: 'import-limit', unit: 'W', scope: 'connection' },
      intervals: [{ durationS: 60, value: 30_000 }],
    })
    await bench.run(1)
    const body = await scrape(bench)
    for (const line of [
      'busbar_node_limit_amperes{node="garage",phase="L2"} 40',
      'busbar_node_load_watts{node="main"} 13800',
      'busbar_node_event_limit_watts{node="main"} 30000',
      'busbar_site_failsafe 0',
      'busbar_stations{state="known",online="true"} 1',
      'busbar_stations{state="known",online="false"} 1',
      'busbar_stations{state="quarantined",online="true"} 1',
      'busbar_evses{status="occupied"} 1',
      'busbar_evses{status="charging"} 0',
      'busbar_grants{reason="offline"} 1',
      'busbar_sessions 1',
      'busbar_events{state="started"} 1',
      'busbar_ocpp_calls_in_total 12',
      'busbar_ocpp_slips_total{kind="case"} 3',
      'busbar_ocpp_open_connections 1',
      'busbar_storage_waiting_records 2',
      'busbar_storage_records_total 100',
      'busbar_ticks_total 60',
      'busbar_tick_seconds_total 0.3',
      'busbar_api_streams 0',
      'busbar_api_requests_total{method="POST",route="/v1/events",status="201"} 1',
    ]) {
      expect(body.split('\n')).toContain(line)
    }
    expect(body).toContain('process_resident_memory_bytes')
  })

  test('a second scrape shows the state of then, not the sum', async () => {
    const bench = await createBench()
    await bench.run(1)
    await scrape(bench)
    const body = await scrape(bench)
    expect(body).toContain('busbar_ticks_total 60\n')
    expect(body).toContain('busbar_grants{reason="offline"} 3\n')
  })

  test('labels do not grow with what is asked for', async () => {
    const bench = await createBench()
    for (let k = 0; k < 5; k++) await bench.request('GET', `/v1/stations/s${k}`)
    for (let k = 0; k < 5; k++) await bench.api.inject({ url: `/nothing/${k}` })
    const series = (await scrape(bench))
      .split('\n')
      .filter((line) => line.includes('requests_total{'))
    expect(series).toEqual([
      'busbar_api_requests_total{method="GET",route="/v1/stations/:stationId",status="404"} 5',
      'busbar_api_requests_total{method="GET",route="unknown",status="404"} 5',
    ])
  })

  test('a token is needed, unless the settings say otherwise', async () => {
    const closed = await createBench()
    expect((await closed.api.inject({ url: '/metrics' })).statusCode).toBe(401)
    const open = await createBench({ settings: { openMetrics: true } })
    expect((await open.api.inject({ url: '/metrics' })).statusCode).toBe(200)
  })
})

describe('the page', () => {
  test('not built: what to do', async () => {
    for (const webRoot of [null, join(import.meta.dirname, 'no such folder')]) {
      const bench = await createBench({ settings: { webRoot } })
      const answer = await bench.api.inject({ url: '/' })
      expect(answer.statusCode).toBe(503)
      expect(answer.body).toContain('npm run build')
      expect((await bench.api.inject({ url: '/index.html' })).statusCode).toBe(404)
    }
  })

  const webRoot = temporaryFolder()
  const rebuilt = temporaryFolder()

  test('files for everybody, under a strict policy', async () => {
    mkdirSync(join(webRoot, 'assets'))
    writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Busbar</title>')
    writeFileSync(join(webRoot, 'assets', 'main-abc123.js'), 'export {}')
    writeFileSync(join(webRoot, '.secret'), 'no')
    const bench = await createBench({ settings: { webRoot } })
    const get = (url: string) => bench.api.inject({ url })

    const page = await get('/')
    expect(page.body).toContain('<title>Busbar</title>')
    expect(page.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/html/),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')

    const script = await get('/assets/main-abc123.js')
    expect(script.headers['content-type']).toMatch(/javascript/)
    expect(script.headers['cache-control']).toContain('immutable')

    expect((await get('/.secret')).statusCode).toBe(404)
    expect((await get('/assets/../../../../../etc/passwd')).statusCode).toBe(404)
    expect((await get('/..%2f..%2fetc%2fpasswd')).statusCode).toBe(404)
    const missing = await get('/missing.js')
    expect([missing.statusCode, missing.json().code]).toEqual([404, 'not-found'])
    const unknown = await get('/v1/unknown')
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not-found'])
  })

  test('that is built anew is served as it is now', async () => {
    const root = join(rebuilt, 'web')
    const build = (hash: string): void => {
      rmSync(root, { recursive: true, force: true })
      mkdirSync(join(root, 'assets'), { recursive: true })
      writeFileSync(join(root, 'index.html'), hash)
      writeFileSync(join(root, 'assets', `${hash}.js`), 'export {}')
    }
    build('one')
    const bench = await createBench({ settings: { webRoot: root } })
    const get = (url: string) => bench.api.inject({ url })
    expect((await get('/assets/one.js')).statusCode).toBe(200)

    rmSync(root, { recursive: true })
    for (const url of ['/', '/assets/one.js']) {
      const answer = await get(url)
      expect([url, answer.statusCode]).toEqual([url, 404])
    }

    build('two')
    expect((await get('/')).body).toBe('two')
    expect((await get('/assets/two.js')).statusCode).toBe(200)
    const old = await get('/assets/one.js')
    // What is not there must not be kept for ever.
    expect([old.statusCode, old.headers['cache-control']]).toEqual([404, 'no-store'])
  })
})
