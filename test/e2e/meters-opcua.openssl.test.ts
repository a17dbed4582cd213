import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Quality, Reading } from '../../src/domain/reading.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { createOpcUaEndpoint, type OpcUaEndpointOptions } from '../../src/meters/opcua-endpoint.ts'
import { createOpcUaMeter, type OpcUaMeterOptions } from '../../src/meters/opcua.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { MeterSource } from '../../src/ports/meter-source.ts'
import type { Measurement } from '../../src/sim/meters/measurement.ts'
import {
  createOpcUaMeterServer,
  type OpcUaMeterServer,
  type OpcUaMeterServerOptions,
} from '../../src/sim/meters/opcua-server.ts'
import { freePort } from '../fixtures/free-port.ts'
import { recordingLog, type LogEntry } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { createRsaKeyPair } from './meters-certificates.ts'
import { createProxy } from './meters-proxy.ts'

const folder = temporaryFolder()
const PATIENCE = { timeout: 15_000, interval: 25 }
const { log: silent } = recordingLog()
const random = seededRandom(1)

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

let shown: Measurement = {}
let pkis = 0
const newPki = (): string => join(folder, `pki-${(pkis += 1)}`)

const running = async (
  options: Partial<OpcUaMeterServerOptions> = {},
): Promise<OpcUaMeterServer> => {
  shown = { powerW: 1_000, currentA: [1, 2, 3], energyImportWh: 5 }
  const server = createOpcUaMeterServer(
    {
      port: await freePort(),
      pkiFolder: join(folder, 'server'),
      periodMs: 50,
      meters: [
        { name: 'grid', read: () => shown },
        { name: 'pv', read: () => ({ powerW: -500, quality: shown.quality ?? 'good' }) },
      ],
      ...options,
    },
    { clock: systemClock, log: silent },
  )
  await server.start()
  ends.push(() => server.stop())
  return server
}

const GRID: OpcUaMeterOptions = {
  id: 'grid',
  values: {
    powerW: { nodeId: 'nsu=urn:busbar:sim;s=grid.powerW', unit: 'W' },
    currentA: { nodeId: 'nsu=urn:busbar:sim;s=grid.currentA', unit: 'A' },
  },
}

const benchOf = (
  server: OpcUaMeterServer,
  options: Partial<OpcUaEndpointOptions>,
  clock: Clock = systemClock,
) => {
  const { log, entries } = recordingLog()
  const deps = { clock, log, random }
  const pkiFolder = options.pkiFolder ?? newPki()
  const endpoint = createOpcUaEndpoint(
    {
      id: 'plc',
      url: server.url,
      publishingIntervalMs: 100,
      minRetryMs: 100,
      maxRetryMs: 200,
      ...options,
      pkiFolder,
    },
    deps,
  )
  const readings: Reading[] = []
  return {
    endpoint,
    pkiFolder,
    readings,
    entries: entries as readonly LogEntry[],
    async start(meter: OpcUaMeterOptions = GRID): Promise<MeterSource> {
      const source = createOpcUaMeter(meter, endpoint, deps)
      ends.push(() => source.stop())
      await source.start((reading) => void readings.push(reading))
      return source
    },
  }
}

const settled = (assertion: () => void): Promise<void> => vi.waitFor(assertion, PATIENCE)
const arrives = ({ readings }: { readings: Reading[] }, values: object): Promise<void> =>
  settled(() => expect(readings.at(-1)).toMatchObject(values))

describe('security', () => {
  test('modes, policies and logins', async () => {
    const server = await running({ users: { busbar: 'geheim' } })
    const pkiFolder = newPki()
    const trust = { trustUnknown: true }
    const user = { username: 'busbar', password: 'geheim' }
    const certificate = createRsaKeyPair(folder, 'user')
    for (const options of [
      { securityMode: 'None' },
      { securityMode: 'None', identity: user },
      { securityMode: 'Sign', trust },
      { securityMode: 'SignAndEncrypt', trust, identity: user },
      { securityMode: 'SignAndEncrypt', trust, identity: certificate },
      { securityPolicy: 'Aes128_Sha256_RsaOaep', trust },
      { securityPolicy: 'Aes256_Sha256_RsaPss', securityMode: 'Sign', trust },
    ] satisfies Partial<OpcUaEndpointOptions>[]) {
      const bench = benchOf(server, { ...options, pkiFolder })
      const source = await bench.start()
      await arrives(bench, { powerW: 1_000, currentA: [1, 2, 3], quality: 'good' })
      await source.stop()
    }
  })

  test('an unknown certificate is refused, named, and accepted once it is moved', async () => {
    const server = await running()
    const bench = benchOf(server, {})
    const source = await bench.start()
    await settled(() => expect(source.health().detail).toContain('is not trusted'))
    const { fingerprint256, fingerprint } = new X509Certificate(
      readFileSync(server.certificateFile),
    )
    const plain = (text: string) => text.replaceAll(':', '').toLowerCase()
    const [copy] = readdirSync(join(bench.pkiFolder, 'rejected'))
    expect(copy).toContain(plain(fingerprint))
    const { detail } = source.health()
    expect(detail).toContain(`SHA-256 ${plain(fingerprint256)}`)
    const rejected = join(bench.pkiFolder, 'rejected', copy)
    expect(detail).toContain(`move ${rejected} to ${join(bench.pkiFolder, 'trusted', 'certs')}`)
    expect(bench.readings).toEqual([])
    renameSync(rejected, join(bench.pkiFolder, 'trusted', 'certs', copy))
    await arrives(bench, { powerW: 1_000 })
    // Refused several times, said once.
    expect(bench.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  test('a pinned thumbprint decides alone', async () => {
    const server = await running()
    const { fingerprint256, fingerprint } = new X509Certificate(
      readFileSync(server.certificateFile),
    )
    for (const thumbprint of [fingerprint256, fingerprint.toLowerCase()]) {
      const bench = benchOf(server, { trust: { thumbprints: ['00'.repeat(32), thumbprint] } })
      await bench.start()
      await arrives(bench, { powerW: 1_000 })
    }
    const stranger = benchOf(server, {
      trust: { thumbprints: ['00'.repeat(32)], trustUnknown: true },
    })
    const source = await stranger.start()
    await settled(() => expect(source.health().detail).toContain('none of trust/thumbprints'))
    expect(stranger.readings).toEqual([])
  })

  test('a server that does not know us, and a wrong password, are explained', async () => {
    const server = await running({
      pkiFolder: newPki(),
      acceptUnknownClients: false,
      users: { busbar: 'geheim' },
    })
    const unknown = benchOf(server, { trust: { trustUnknown: true } })
    const source = await unknown.start()
    const ours = join(unknown.pkiFolder, 'own', 'certs', 'busbar.pem')
    await settled(() => expect(source.health().detail).toContain(`have it trust ${ours}`))
    const wrong = benchOf(server, {
      securityMode: 'None',
      identity: { username: 'busbar', password: 'falsch' },
    })
    const refused = await wrong.start()
    await settled(() => expect(refused.health().detail).toContain('does not accept our identity'))
    expect(JSON.stringify([wrong.entries, refused.health()])).not.toContain('falsch')
  })
})

describe('values', () => {
  test.each<[Quality, object]>([
    ['bad', { quality: 'bad' }],
    ['uncertain', { quality: 'uncertain', powerW: 77 }],
  ])('%s status becomes %s quality, and good again', async (quality, expected) => {
    const bench = benchOf(await running(), { securityMode: 'None' })
    await bench.start()
    await arrives(bench, { powerW: 1_000, quality: 'good' })
    shown = { ...shown, powerW: 77, quality }
    await arrives(bench, expected)
    if (quality === 'bad') expect(bench.readings.at(-1)).not.toHaveProperty('powerW')
    shown = { ...shown, powerW: 88, quality: 'good' }
    await arrives(bench, { powerW: 88, quality: 'good' })
  })

  test('many meters share one session; units, signs and numbered namespaces', async () => {
    const server = await running()
    const bench = benchOf(server, { securityMode: 'None' })
    await bench.start()
    await bench.start({
      id: 'pv',
      values: { powerW: { nodeId: 'ns=2;s=pv.powerW', unit: 'kW', sign: -1 } },
    })
    await bench.start({
      id: 'energy',
      values: {
        energyImportWh: { nodeId: 'nsu=urn:busbar:sim;s=grid.energyImportWh', unit: 'kWh' },
      },
    })
    const latest = (id: string) => bench.readings.findLast(({ meterId }) => meterId === id)
    await settled(() => {
      expect(latest('grid')).toMatchObject({ powerW: 1_000 })
      expect(latest('pv')).toMatchObject({ powerW: 500_000 })
      expect(latest('energy')).toMatchObject({ energyImportWh: 5_000 })
    })
    expect(bench.entries.filter(({ message }) => message.includes('connected'))).toHaveLength(1)
  })

  test('a node that is not there is named; the other meters work', async () => {
    const bench = benchOf(await running(), { securityMode: 'None' })
    const node = 'nsu=urn:busbar:sim;s=gird.powerW'
    const missing = await bench.start({ id: 'x', values: { powerW: { nodeId: node, unit: 'W' } } })
    const nowhere = await bench.start({
      id: 'y',
      values: { powerW: { nodeId: 'nsu=urn:vendor;s=P', unit: 'W' } },
    })
    await bench.start()
    await arrives(bench, { meterId: 'grid', powerW: 1_000 })
    await settled(() => {
      expect(missing.health().detail).toBe(`node ${node}: BadNodeIdUnknown`)
      expect(nowhere.health().detail).toMatch(
        /^namespace urn:vendor is not on the server; it has .*urn:busbar:sim/,
      )
    })
  })

  test('an unchanged value stays fresh when it holds, and ages when it should', async () => {
    const server = await running({ periodMs: 60_000 })
    const holds = benchOf(server, { securityMode: 'None' })
    const ages = benchOf(server, { securityMode: 'None' })
    await holds.start()
    await ages.start({ ...GRID, unchanged: 'ages' })
    await settled(() => expect(holds.readings.length).toBeGreaterThanOrEqual(4))
    const times = holds.readings.map(({ measuredAtMs }) => measuredAtMs)
    expect(times.at(-1)).toBeGreaterThan(times[0] + 500)
    expect(ages.readings).toHaveLength(1)
  })
})

describe('restarts', () => {
  test('a server that restarts is found again, with all its meters', async () => {
    const server = await running()
    const bench = benchOf(server, { trust: { trustUnknown: true } })
    const source = await bench.start()
    const energy = await bench.start({
      id: 'energy',
      values: {
        energyImportWh: { nodeId: 'nsu=urn:busbar:sim;s=grid.energyImportWh', unit: 'Wh' },
      },
    })
    await settled(() => expect(energy.health().ok && source.health().ok).toBe(true))
    for (const powerW of [2_000, 3_000]) {
      await server.stop()
      await settled(() => expect(source.health().detail).toContain('nothing answers there'))
      const count = bench.readings.length
      shown = { ...shown, powerW, energyImportWh: powerW }
      await server.start()
      await settled(() => {
        const after = bench.readings.slice(count)
        expect(after).toContainEqual(expect.objectContaining({ meterId: 'grid', powerW }))
        expect(after).toContainEqual(expect.objectContaining({ energyImportWh: powerW }))
      })
      // Nothing of the former session was taken for the present.
      expect(bench.readings[count]).not.toMatchObject({ powerW: powerW - 1_000 })
    }
    await settled(() => expect(energy.health().ok && source.health().ok).toBe(true))
  })

  /** Ours ten times faster: what waits for many seconds waits for one. */
  const hasty: Clock = {
    ...systemClock,
    after: (delayMs, run) => systemClock.after(delayMs / 10, run),
  }

  test('a connection that falls silent without breaking is noticed and made anew', async () => {
    const server = await running()
    const proxy = await createProxy(Number(new URL(server.url).port))
    ends.push(() => proxy.close())
    const bench = benchOf(
      server,
      { url: `opc.tcp://127.0.0.1:${proxy.port}`, securityMode: 'None' },
      hasty,
    )
    const source = await bench.start()
    await arrives(bench, { powerW: 1_000 })
    proxy.freeze()
    await settled(() =>
      expect(source.health().detail).toContain('the server has been silent for 10 s'),
    )
    shown = { ...shown, powerW: 2_000 }
    proxy.thaw()
    await arrives(bench, { powerW: 2_000 })
    await settled(() => expect(source.health().ok).toBe(true))
  })

  test.each(['None', 'SignAndEncrypt'] as const)(
    'a server that takes the call and says nothing, %s',
    async (securityMode) => {
      const server = await running()
      const proxy = await createProxy(Number(new URL(server.url).port))
      ends.push(() => proxy.close())
      proxy.freeze()
      const bench = benchOf(
        server,
        { url: `opc.tcp://127.0.0.1:${proxy.port}`, securityMode },
        hasty,
      )
      const source = await bench.start()
      await settled(() =>
        expect(source.health().detail).toContain('the server did not answer in time'),
      )
      const beforeMs = Date.now()
      await source.stop()
      expect(Date.now() - beforeMs).toBeLessThan(3_000)
    },
  )
})
