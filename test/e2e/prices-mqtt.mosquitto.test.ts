import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { PriceSeries } from '../../src/domain/price.ts'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { createSystemClock } from '../../src/fabric/system-clock.ts'
import { connectBroker } from '../../src/signals/broker.ts'
import { createMqttPrices, priceTopic } from '../../src/signals/prices/mqtt.ts'
import { createMosquitto, type Mosquitto } from '../fixtures/mosquitto.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { expectHealth, expectUsable } from '../unit/signals/prices/contract.ts'

/** A real broker: retained prices are there after a connect and after a power cut. */
let mosquitto: Mosquitto

beforeAll(async () => {
  mosquitto = await createMosquitto()
  await mosquitto.start()
})
afterAll(() => mosquitto.stop())

const HOUR_MS = 3_600_000

const publish = async (value: number): Promise<void> => {
  const utility = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { protocolVersion: 5 })
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  const payload = {
    currency: 'EUR',
    intervals: Array.from({ length: 24 }, (_, i) => ({
      start: new Date(startMs + i * HOUR_MS).toISOString(),
      duration: 'PT1H',
      value: value + i / 100,
    })),
  }
  await utility.publishAsync(
    priceTopic('gs/v1', 'utility', 'depot', 'dayahead'),
    JSON.stringify(payload),
    { qos: 1, retain: true },
  )
  await utility.endAsync()
}

test.each([4, 5] as const)('prices over MQTT version %i', async (version) => {
  const clock = createSystemClock({ keepAlive: false })
  const { log } = recordingLog()
  await publish(0.1)
  const broker = connectBroker(
    {
      id: 'prices',
      url: `mqtt://127.0.0.1:${mosquitto.port}`,
      version,
      clientId: `prices-${version}`,
      minRetryMs: 50,
      maxRetryMs: 200,
    },
    { clock, random: seededRandom(1), log },
  )
  const source = createMqttPrices(
    { id: 'grid', topic: priceTopic('gs/v1', 'utility', 'depot'), currency: 'EUR', horizonH: 36 },
    { broker, clock, log },
  )
  const received: PriceSeries[] = []
  const latest = (): number | undefined => received.at(-1)?.segments[0].value
  try {
    await source.start((series) => received.push(series))
    await vi.waitFor(() => expect(latest()).toBe(0.1), { timeout: 5000 })
    expectUsable(received[0], Date.now(), 35 * HOUR_MS)
    await publish(-0.2)
    await vi.waitFor(() => expect(latest()).toBe(-0.2), { timeout: 5000 })

    await mosquitto.kill()
    await vi.waitFor(() => expectHealth(source.health(), false, /prices are known until/), {
      timeout: 5000,
    })
    await mosquitto.start()
    await publish(0.7)
    await vi.waitFor(() => expect(latest()).toBe(0.7), { timeout: 8000 })
    expectHealth(source.health(), true, /known until/)
  } finally {
    await source.stop()
    await broker.stop()
  }
})
