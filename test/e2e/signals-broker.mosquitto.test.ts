import { afterEach, expect, test } from 'vitest'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { connectBroker, type Broker, type BrokerOptions } from '../../src/signals/broker.ts'
import { freePort } from '../fixtures/free-port.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import { clock, createAedesBroker, createUtility, createWire, until } from './signals-support.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const random = { next: () => 0.5 }
const open = (port: number, options: Partial<BrokerOptions> = {}): Broker => {
  const broker = connectBroker(
    {
      id: 'grid',
      url: `mqtt://127.0.0.1:${port}`,
      version: 5,
      clientId: 'busbar',
      minRetryMs: 30,
      ...options,
    },
    { clock, random, log: recordingLog().log },
  )
  stops.push(() => broker.stop())
  return broker
}
const startMosquitto = async () => {
  const mosquitto = await createMosquitto()
  stops.push(() => mosquitto.stop())
  await mosquitto.start()
  return mosquitto
}

test.each([
  ['no URL', { url: 'localhost' }],
  ['another protocol', { url: 'http://user:secret@localhost' }],
  ['a certificate without its key', { url: 'mqtts://localhost', cert: 'x' }],
])('%s is a configuration error, without secrets', (_name, options) => {
  const start = () => open(1, options)
  expect(start).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  expect(start).not.toThrow(/secret/)
})

test('attempts follow each other with a doubling pause up to the longest, with jitter', async () => {
  const port = await freePort()
  const virtual = createVirtualClock(0)
  const draws = [0, 1, 0.5, 0.5, 0.5, 0.5]
  const broker = connectBroker(
    {
      id: 'grid',
      url: `mqtt://127.0.0.1:${port}`,
      version: 5,
      clientId: 'x',
      minRetryMs: 1_000,
      maxRetryMs: 6_000,
    },
    { clock: virtual, random: { next: () => draws.shift() ?? 0 }, log: recordingLog().log },
  )
  stops.push(() => broker.stop())
  const pauses: number[] = []
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await until('the attempt has failed', () => virtual.nextDueMs() !== null)
    const dueMs = virtual.nextDueMs()!
    pauses.push(dueMs - virtual.now())
    await virtual.advanceTo(dueMs)
  }
  expect(pauses).toEqual([500, 2_000, 3_000, 4_500, 4_500])
  expect(broker.health()).toMatchObject({ ok: false })
  expect(broker.health().detail).toContain('ECONNREFUSED')
})

test('what is published while the broker is away waits, bounded, and the last state wins', async () => {
  const mosquitto = await startMosquitto()
  const wire = await createWire(mosquitto.port)
  stops.push(() => wire.stop())
  const utility = await createUtility(mosquitto.port, 5)
  stops.push(() => utility.stop())
  const broker = open(wire.port, { maxQueued: 3 })
  await until('we are connected', () => broker.connected())
  wire.cut()
  await until('we notice', () => !broker.connected())
  const topic = (name: string) => `gs/v1/dso/depot/up/${name}`
  for (const text of ['1', '2', '3', '4']) broker.publish(topic('ack'), text)
  broker.publish(topic('conn'), 'old', { retain: true })
  broker.publish(topic('conn'), 'new', { retain: true })
  expect(broker.stats()).toMatchObject({ queued: 3, dropped: 2 })
  wire.mend()
  await until('the state has arrived', () => utility.on('conn').length > 0)
  expect(utility.on('ack').map(({ text }) => text)).toEqual(['3', '4'])
  expect(utility.on('conn').map(({ text }) => text)).toEqual(['new'])
  await until('all is confirmed', () => broker.stats().queued === 0)
  expect(broker.stats().connections).toBe(2)
})

test('stop sends what is queued first', async () => {
  const mosquitto = await startMosquitto()
  const utility = await createUtility(mosquitto.port, 5)
  stops.push(() => utility.stop())
  const broker = open(mosquitto.port)
  await until('we are connected', () => broker.connected())
  for (let i = 0; i < 100; i += 1) broker.publish('gs/v1/dso/depot/up/ack', String(i))
  await broker.stop()
  await until('all have arrived', () => utility.on('ack').length === 100)
  expect(utility.on('ack').map(({ text }) => Number(text))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  )
})

test('stop does not wait for a broker that is away', async () => {
  const broker = open(await freePort())
  broker.publish('a', 'b')
  const startMs = Date.now()
  await broker.stop()
  expect(Date.now() - startMs).toBeLessThan(1_000)
  expect(broker.health()).toMatchObject({ ok: false, detail: expect.stringContaining('closed') as unknown }) // prettier-ignore
})

test('a message that is too large is ignored and counted; a handler that throws harms nobody', async () => {
  const aedes = await createAedesBroker()
  stops.push(() => aedes.stop())
  await aedes.start()
  const utility = await createUtility(aedes.port, 4)
  stops.push(() => utility.stop())
  const broker = open(aedes.port, { version: 4, maxPayloadBytes: 100 })
  const heard: string[] = []
  broker.subscribe('gs/v1/dso/#', () => {
    throw new Error('no')
  })
  broker.subscribe('gs/v1/dso/+', (_topic, payload) => void heard.push(payload.toString()))
  let connected = false
  broker.onConnect(() => {
    connected = true
  })
  await until('we are connected', () => connected)
  await utility.send('x', 'y'.repeat(101), false)
  await utility.send('x', 'small', false)
  await until('the small one has arrived', () => heard.length > 0)
  expect(new Set(heard)).toEqual(new Set(['small']))
  expect(broker.stats().oversize).toBeGreaterThan(0)
})

test('a subscription made later, and asked for once more', async () => {
  const mosquitto = await startMosquitto()
  const utility = await createUtility(mosquitto.port, 5)
  stops.push(() => utility.stop())
  await utility.send('state', 'kept', true)
  const broker = open(mosquitto.port)
  await until('we are connected', () => broker.connected())
  const heard: [string, boolean][] = []
  broker.subscribe('gs/v1/dso/state', (_topic, payload, { retain }) => {
    heard.push([payload.toString(), retain])
  })
  await until('it has arrived', () => heard.length === 1)
  broker.refresh('gs/v1/dso/state')
  await until('it has arrived again', () => heard.length === 2)
  await utility.send('state', 'live', true)
  await until('the live one has arrived', () => heard.length === 3)
  expect(heard).toEqual([
    ['kept', true],
    ['kept', true],
    ['live', false],
  ])
})

test('what is larger than the broker takes is given up, and the others go on', async () => {
  const mosquitto = await createMosquitto(['allow_anonymous true', 'max_packet_size 2000'])
  stops.push(() => mosquitto.stop())
  await mosquitto.start()
  const utility = await createUtility(mosquitto.port, 5)
  stops.push(() => utility.stop())
  const broker = open(mosquitto.port)
  await until('connected', () => broker.connected())
  broker.publish('gs/v1/dso/depot/up/state', 'x'.repeat(3_000))
  broker.publish('gs/v1/dso/depot/up/state', 'x', { correlation: Buffer.alloc(65_536) })
  broker.publish('gs/v1/dso/depot/up/ack', 'small')
  await until('the small one comes', () => utility.on('ack').length > 0)
  await until('nothing waits', () => broker.stats().queued === 0)
  expect(broker.stats()).toMatchObject({ connections: 1, dropped: 2 })
})
