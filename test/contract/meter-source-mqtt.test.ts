import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { createBroker } from '../../src/meters/broker.ts'
import { createMqttMeter } from '../../src/meters/mqtt.ts'
import { createMqttPublisher } from '../../src/sim/meters/mqtt-publisher.ts'
import { meterSourceContract, type Shown } from './meter-source.ts'

interface TestBroker {
  readonly port: number
  close(): Promise<void>
}

/** An MQTT 3.1.1 broker of another make on the loopback; port 0 = a free one. */
const openBroker = async (port: number): Promise<TestBroker> => {
  const aedes = await Aedes.createBroker()
  const server: Server = createServer(aedes.handle)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      await new Promise<void>((resolve) => {
        aedes.close(resolve)
      })
      await closed
    },
  }
}

meterSourceContract(
  'mqtt',
  async (log) => {
    let broker: TestBroker | null = await openBroker(0)
    const { port } = broker
    const url = `mqtt://127.0.0.1:${port}`
    let shown: Shown = { powerW: 0, currentA: [0, 0, 0] }
    const deps = { clock: systemClock, log }
    const publisher = createMqttPublisher(
      { brokerUrl: url, periodMs: 50, meters: [{ topic: 'site/grid', read: () => shown }] },
      deps,
    )
    await publisher.start()
    const connection = createBroker(
      { id: 'site', url, version: 4, minRetryMs: 50, maxRetryMs: 100 },
      { ...deps, random: seededRandom(1) },
    )
    return {
      source: createMqttMeter(
        {
          id: 'grid',
          topic: 'site/grid',
          values: {
            powerW: { unit: 'W', pointer: '/powerW' },
            currentA: { unit: 'A', pointer: ['/currentA/0', '/currentA/1', '/currentA/2'] },
          },
          time: { pointer: '/time' },
          quality: { pointer: '/quality', good: ['good'], uncertain: ['uncertain'] },
        },
        connection,
        deps,
      ),
      show: (values) => void (shown = values),
      async cut() {
        await broker?.close()
        broker = null
      },
      async restore() {
        broker = await openBroker(port)
      },
      async close() {
        await publisher.stop()
        await broker?.close()
      },
    }
  },
  { knowsBad: true, connects: true },
)
