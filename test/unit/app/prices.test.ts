import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createImportHistory } from '../../../src/app/import-history.ts'
import { buildPrices } from '../../../src/app/prices.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { seededRandom } from '../../../src/domain/seeded-random.ts'
import { createLocalFabric } from '../../../src/fabric/local.ts'
import type { MessageHandler } from '../../../src/signals/broker.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { fakeBroker } from '../../fixtures/fake-broker.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const START = Date.parse('2026-06-01T10:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'busbar-prices-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TARIFF = `
id: follows
name: Follows the market
country: DE
timeZone: Europe/Berlin
currency: EUR
validFrom: '2025-01-01'
covers: [supply]
verified: true
source: { name: a test, kind: primary, read: 2026-01-01 }
spot: { market: any, assume: 0.5 }
energy:
  - name: Supplier
    rates: [{ label: any, formula: spot + 0.2 }]
`

const market = (more: object = {}): string => {
  const intervals = [{ start: '2026-06-01T00:00:00Z', duration: 'PT24H', value: 0.3 }]
  return JSON.stringify({ intervals, ...more })
}

/**
 * The sources in the order in which they are listed, the topic says one message after the other;
 * what they give to the planner now, and what the log has.
 */
const start = async (listed: readonly string[], ...messages: string[]) => {
  writeFileSync(join(folder, 'follows.yaml'), TARIFF)
  writeFileSync(join(folder, 'market.csv'), 'start,price\n2026-06-01T00:00Z,0.1\n')
  const file = join(folder, 'site.yaml')
  writeFileSync(
    file,
    `
site: { id: a, timeZone: Europe/Berlin, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: connection, limitA: 63 }]
stations: [{ id: CP1, node: connection, password: password-1 }]
brokers: [{ id: b, url: 'mqtt://127.0.0.1' }]
prices: [${listed.join(', ')}]
`,
  )
  const loaded = loadConfig(file, {})
  const { log, entries } = recordingLog()
  let say: MessageHandler = () => {}
  const { broker } = fakeBroker()
  const side = await buildPrices(
    {
      loaded,
      clock: createVirtualClock(START),
      random: seededRandom(1),
      storage: createMemoryStorage({ log }),
      fabric: createLocalFabric({ log }),
      log,
      conditions: { set: () => {}, list: () => [] },
      dataDir: folder,
    },
    () => ({ ...broker, subscribe: (_filter, handler) => void (say = handler) }),
    createImportHistory(loaded.site),
  )
  await side.start()
  for (const message of messages) {
    say('dso/price', Buffer.from(message), { retain: true, properties: {} })
  }
  await side.stop()
  return { price: side.prices.at('import', START), entries }
}

const priceOf = async (...listed: string[]): Promise<number | null> =>
  (await start(listed, market())).price

const FOLLOWS = '{ id: t, kind: tariff, tariff: ./follows.yaml }'
const FILE = '{ id: f, kind: file, file: ./market.csv }'
const TOPIC = '{ id: m, kind: mqtt, broker: b, topic: dso/price }'

test.each([
  ['before', [FOLLOWS, FILE]],
  ['after', [FILE, FOLLOWS]],
])('a tariff that follows the market stands above it, listed %s it', async (_, listed) => {
  expect(await priceOf(...listed)).toBeCloseTo(0.3, 9)
})

test('the market that is listed last counts, whichever speaks first', async () => {
  expect(await priceOf(FILE, TOPIC, FOLLOWS)).toBeCloseTo(0.5, 9)
  expect(await priceOf(TOPIC, FILE, FOLLOWS)).toBeCloseTo(0.3, 9)
  expect(await priceOf(FILE, TOPIC)).toBeCloseTo(0.3, 9)
})

test('prices in a foreign currency are not used, and that is said once', async () => {
  const dollars = market({ currency: 'USD' })
  const { price, entries } = await start([FILE, TOPIC], dollars, dollars)
  expect(price).toBeCloseTo(0.1, 9)
  const said = entries.filter(({ level }) => level === 'error')
  expect(said).toMatchObject([{ fields: { sourceId: 'm', theirs: 'USD', ours: 'EUR' } }])
})

test('a tariff in a foreign currency is a fault of the configuration', async () => {
  const tariff = '{ id: t, kind: tariff, tariff: us-coned-sc1-tou }'
  await expect(start([tariff])).rejects.toThrow(
    /site\.yaml:6:\d+ prices\/0\/tariff "us-coned-sc1-tou" is in USD, but site\/currency is EUR/,
  )
})
