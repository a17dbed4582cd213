import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Reading } from '../../src/domain/reading.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { createBroker, type Broker, type BrokerOptions } from '../../src/meters/broker.ts'
import { createMqttMeter, type MqttMeterOptions } from '../../src/meters/mqtt.ts'
import type { MeterSource } from '../../src/ports/meter-source.ts'
import { recordingLog, type LogEntry } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { createAuthority } from './meters-certificates.ts'
import { createMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts'

const folder = temporaryFolder()
const PATIENCE = { timeout: 10_000, interval: 20 }
const random = seededRandom(1)

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const passwordFile = (users: Readonly<Record<string, string>>): string => {
  const file = join(folder, 'passwords')
  writeFileSync(
    file,
    Object.entries(users)
      .map((entry) => `${entry.join(':')}\n`)
      .join(''),
  )
  execFileSync('mosquitto_passwd', ['-U', file])
  return file
}

const running = async (
  settings: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> => {
  const mosquitto = await createMosquitto(settings, files)
  await mosquitto.start()
  ends.push(() => mosquitto.stop())
  return mosquitto
}

interface Bench {
  readonly broker: Broker
  readonly entries: readonly LogEntry[]
  readonly readings: Reading[]
  start(options: Partial<MqttMeterOptions>): Promise<MeterSource>
}

const benchOf = (options: Omit<BrokerOptions, 'id'>): Bench => {
  const { log, entries } = recordingLog()
  const deps = { clock: systemClock, log, random }
  const broker = createBroker({ id: 'site', minRetryMs: 50, maxRetryMs: 100, ...options }, deps)
  const readings: Reading[] = []
  return {
    broker,
    entries,
    readings,
    async start(meter) {
      const values: MqttMeterOptions['values'] = { powerW: { unit: 'W', pointer: '/p' } }
      const source = createMqttMeter({ id: 'm', topic: 'site/m', values, ...meter }, broker, deps)
      ends.push(() => source.stop())
      await source.start((reading) => void readings.push(reading))
      return source
    },
  }
}

const publisher = async (url: string, options: object = {}): Promise<MqttClient> => {
  const client = await connectAsync(url, { reconnectPeriod: 50, ...options })
  ends.push(() => client.endAsync(true))
  return client
}

const settled = (assertion: () => void): Promise<void> => vi.waitFor(assertion, PATIENCE)

/** Publishes until it arrives: a subscription takes a moment. */
const arrives = async (client: MqttClient, { readings }: Bench, powerW: number): Promise<void> => {
  await vi.waitFor(async () => {
    await client.publishAsync('site/m', JSON.stringify({ p: powerW }))
    expect(readings.at(-1)?.powerW).toBe(powerW)
  }, PATIENCE)
}

describe.each([4, 5] as const)('MQTT version %d and a password', (version) => {
  test('with the right one values come, with a wrong one the reason', async () => {
    const mosquitto = await running([`password_file ${passwordFile({ busbar: 'geheim' })}`])
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const right = benchOf({ url, version, username: 'busbar', password: 'geheim' })
    const source = await right.start({})
    const client = await publisher(url, { username: 'busbar', password: 'geheim' })
    await arrives(client, right, 1_234)
    expect(source.health()).toMatchObject({ ok: true })

    const wrong = benchOf({ url, version, username: 'busbar', password: 'falsch' })
    const refused = await wrong.start({})
    await settled(() => expect(refused.health().detail).toMatch(/Not authorized/i))
    expect(refused.health()).toMatchObject({ ok: false })
    await settled(() => expect(wrong.entries.length).toBeGreaterThan(0))
    expect(JSON.stringify(wrong.entries)).not.toContain('falsch')
    // Tried again and again, said once.
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(wrong.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })
})

test('a topic that the broker refuses is named', async () => {
  // Mosquitto takes every subscription and then sends nothing; aedes says no.
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === 'site/m' ? subscription : null),
  })
  const server = createServer(aedes.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(async () => {
    server.close()
    aedes.close()
  })
  const { port } = server.address() as AddressInfo
  const bench = benchOf({ url: `mqtt://127.0.0.1:${port}`, version: 4 })
  const allowed = await bench.start({})
  const denied = await bench.start({ id: 'x', topic: 'other/x' })
  await settled(() => expect(denied.health().detail).toMatch(/^topic other\/x is refused: /))
  expect(denied.health().ok).toBe(false)
  expect(allowed.health().detail).toBe('waiting for the first message')
  expect(bench.entries.filter(({ level }) => level === 'error')).toHaveLength(1)
})

describe('TLS', () => {
  const authority = createAuthority(folder, 'plant')
  const server = authority.issue('broker')
  const client = authority.issue('busbar')
  const strangers = createAuthority(folder, 'strangers')
  const files = { 'ca.pem': authority.ca, 'server.pem': server.cert, 'server.key': server.key }
  const settings = [
    'cafile {folder}/ca.pem',
    'certfile {folder}/server.pem',
    'keyfile {folder}/server.key',
    'require_certificate true',
    'use_identity_as_username true',
  ]

  test.each([4, 5] as const)('a client certificate opens the door, MQTT %d', async (version) => {
    const mosquitto = await running(settings, files)
    const url = `mqtts://127.0.0.1:${mosquitto.port}`
    const bench = benchOf({ url, version, ca: authority.ca, ...client })
    await bench.start({})
    await arrives(await publisher(url, { ca: authority.ca, ...client }), bench, 42)
  })

  test.each([
    [
      'no certificate',
      { ca: authority.ca },
      /certificate required|closed the connection|ECONNRESET/,
    ],
    [
      "a stranger's certificate",
      { ca: authority.ca, ...strangers.issue('busbar') },
      /unknown ca|closed the connection|ECONNRESET/i,
    ],
    [
      'the wrong authority',
      { ca: strangers.ca, ...client },
      /unable to verify|self.signed|certificate/,
    ],
    ['no authority', client, /unable to verify|self.signed/],
  ])('%s does not, and the reason is said', async (_name, options, reason) => {
    const mosquitto = await running(settings, files)
    const bench = benchOf({ url: `mqtts://127.0.0.1:${mosquitto.port}`, ...options })
    const source = await bench.start({})
    await settled(() => expect(source.health().detail).toMatch(reason))
    expect(source.health().ok).toBe(false)
  })
})

describe('one broker', () => {
  test('a power cut of the broker is survived', async () => {
    const mosquitto = await running(['allow_anonymous true'])
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const bench = benchOf({ url })
    const source = await bench.start({})
    const client = await publisher(url)
    await arrives(client, bench, 1)
    await mosquitto.kill()
    await settled(() => expect(source.health().ok).toBe(false))
    await mosquitto.start()
    await arrives(client, bench, 2)
    await settled(() => expect(source.health().ok).toBe(true))
    expect(bench.entries.filter(({ level }) => level === 'info')).toHaveLength(2)
  })

  test('meters share one connection, which ends with the last of them', async () => {
    const mosquitto = await running(['allow_anonymous true', 'sys_interval 1'])
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const bench = benchOf({ url })
    const client = await publisher(url)
    let clients = ''
    client.on('message', (_topic, payload) => (clients = payload.toString()))
    await client.subscribeAsync('$SYS/broker/clients/connected')
    const first = await bench.start({ id: 'a' })
    const second = await bench.start({ id: 'b' })
    const third = await bench.start({ id: 'c', topic: 'site/other' })
    await arrives(client, bench, 5)
    expect(bench.readings.slice(-2).map(({ meterId }) => meterId)).toEqual(['a', 'b'])
    await settled(() => expect(clients).toBe('2'))
    await first.stop()
    await third.stop()
    await arrives(client, bench, 6)
    expect(bench.readings.at(-1)?.meterId).toBe('b')
    expect(bench.broker.health().ok).toBe(true)
    await second.stop()
    expect(bench.broker.health()).toMatchObject({ ok: false })
    await settled(() => expect(clients).toBe('1'))
  })

  test('what the broker kept is used only when its age is known', async () => {
    const mosquitto = await running(['allow_anonymous true'])
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const client = await publisher(url)
    const time = '2026-01-01T00:00:00Z'
    await client.publishAsync('site/m', JSON.stringify({ p: 7, time }), { retain: true, qos: 1 })
    const bench = benchOf({ url })
    const untimed = await bench.start({ id: 'untimed' })
    await bench.start({ id: 'timed', time: { pointer: '/time' } })
    await settled(() =>
      expect(bench.readings).toMatchObject([{ meterId: 'timed', measuredAtMs: Date.parse(time) }]),
    )
    await settled(() => expect(untimed.health().detail).toBe('waiting for powerW'))
  })

  test('broken payloads are counted and said once per change', async () => {
    const mosquitto = await running(['allow_anonymous true'])
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const client = await publisher(url)
    const bench = benchOf({ url })
    const source = await bench.start({ maxPayloadBytes: 1_000 })
    await arrives(client, bench, 1)
    const said = () => bench.entries.filter(({ message }) => message.includes('payload'))
    for (const broken of ['{', '{"p":"high"}', 'x'.repeat(2_000), '\u0000', '[]']) {
      await client.publishAsync('site/m', broken)
    }
    await settled(() => expect(source.health()).toMatchObject({ ok: false }))
    await settled(() => expect(source.health().detail).toContain('[] has none of the values'))
    expect(new Set(bench.readings.map(({ powerW }) => powerW))).toEqual(new Set([1]))
    expect(said()).toHaveLength(1)
    await client.publishAsync('site/m', '{"p":2}')
    await settled(() => expect(bench.readings.at(-1)?.powerW).toBe(2))
    expect(source.health().detail).toMatch(/ 5 of them broken$/)
    expect(said().map(({ level }) => level)).toEqual(['warn', 'info'])
  })
})
