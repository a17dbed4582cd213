import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { iso, wireEvent } from '../fixtures/wire-event.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import {
  BROKERS,
  createProduct,
  createUtility,
  createWire,
  soon,
  until,
  type TestBroker,
} from './signals-support.ts'

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
const isAck = ajv.compile(
  JSON.parse(readFileSync('schemas/mqtt-ack.schema.json', 'utf8')) as object,
)

const stops: (() => Promise<unknown>)[] = []
const later = <T extends { stop(): Promise<unknown> }>(thing: T): T => {
  stops.push(() => thing.stop())
  return thing
}
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const newStorage = () => createMemoryStorage({ log: recordingLog().log })
const urlOf = ({ port }: { port: number }): string => `mqtt://127.0.0.1:${port}`

const start = async (create: () => Promise<TestBroker>, version: 4 | 5, options = {}) => {
  const broker = later(await create())
  await broker.start()
  const wire = later(await createWire(broker.port))
  const utility = later(await createUtility(broker.port, version))
  const storage = newStorage()
  const product = later(await createProduct(storage, { url: urlOf(wire), version }, options))
  await until('we are online', () => utility.on('conn').length > 0)
  return { broker, wire, utility, storage, product }
}

const eventTopic = (eventId: string) => `depot/dn/event/${eventId}`

describe.each(BROKERS)('%s', (_name, version, create) => {
  test('an event goes through its life, and the utility hears every step', async () => {
    const { utility, product } = await start(create, version)
    await utility.send(eventTopic('e1'), wireEvent('e1', soon(300, 1)))
    await until('the event is completed', () => utility.states('e1').includes('completed'))
    expect(utility.states('e1')).toEqual(['received', 'accepted', 'started', 'completed'])
    for (const { text } of utility.on('ack')) {
      const ack: unknown = JSON.parse(text)
      expect(isAck(ack), JSON.stringify(isAck.errors)).toBe(true)
      expect(ack).toMatchObject({ correlationid: 'e1-0', subject: 'e1' })
    }
    // Four steps, and at the end what was delivered.
    await until('the state is retained', () => utility.on('event/e1').length === 5)
    const late = later(await createUtility(utility.client.options.port!, version))
    await until('a late listener has the state', () => late.on('event/e1').length === 1)
    expect(late.on('event/e1')[0].retain).toBe(true)
    expect(JSON.parse(late.on('event/e1')[0].text)).toMatchObject({
      data: { state: 'completed', committed: [{ intervalId: 0, kw: 20 }], deliveredKw: 40 },
    })
    expect(product.events.timeline(Date.now()).at(Date.now()).controllable.importW).toBeNull()
    if (version === 5) {
      const [ack] = utility.on('ack')
      expect(ack.properties['correlationData']).toEqual(Buffer.from('e1-0'))
      expect(ack.properties['messageExpiryInterval']).toBeGreaterThan(48 * 3_600 - 60)
    }
  })

  test('limit, change and cancel; a replay of the issue revives nothing', async () => {
    const { broker, utility, storage, product } = await start(create, version)
    const issue = soon(-1_000, 60)
    await utility.send(eventTopic('e1'), wireEvent('e1', issue))
    await until('the limit holds', () => product.limitW() === 20_000)
    const change = { ...issue.data, modification: 1, intervals: [{ id: 0, duration: 'PT60S', value: 0 }] } // prettier-ignore
    await utility.send(eventTopic('e1'), wireEvent('e1', { ...issue, data: change }))
    await until('zero holds', () => product.limitW() === 0)
    const cancel = { ...change, modification: 2, status: 'cancelled', cancelAt: iso(Date.now()) }
    await utility.send(eventTopic('e1'), wireEvent('e1', { ...issue, data: cancel }))
    await until('nothing holds', () => product.limitW() === null)
    await until('the cancel is told', () => utility.states('e1').includes('cancelled'))
    expect(utility.acks().map((ack) => [ack['modification'], ack['state']])).toEqual([
      [0, 'received'],
      [0, 'accepted'],
      [0, 'started'],
      [0, 'superseded'],
      [1, 'received'],
      [1, 'partial'],
      [1, 'started'],
      [2, 'received'],
      [2, 'cancelled'],
    ])

    await utility.send(eventTopic('e1'), wireEvent('e1', issue))
    await until('the replay is refused', () => utility.states('e1').includes('rejected'))
    expect(utility.acks().at(-1)).toMatchObject({ modification: 0, code: 'stale' })
    await product.stop()
    const again = later(await createProduct(storage, { url: urlOf(broker), version }))
    await until('the replay is refused again', () => utility.acks().length >= 11)
    expect(utility.acks().at(-1)).toMatchObject({ modification: 0, code: 'stale' })
    expect(again.limitW()).toBeNull()
  })

  test('what cannot be an event is refused with the place of the fault', async () => {
    const { utility, product } = await start(create, version)
    const wrong = wireEvent('e1', { ...soon(0, 10), data: { ...soon(0, 10).data, priority: 999 } })
    await utility.send(eventTopic('e1'), wrong)
    await utility.send(eventTopic('e2'), '{"specversion":', false)
    await until('both are refused', () => utility.acks().length === 2)
    expect(utility.acks()).toMatchObject([
      { eventId: 'e1', state: 'rejected', code: 'schema', reason: 'data/priority must be <= 255' },
      { eventId: 'e2', state: 'rejected', code: 'schema' },
    ])
    expect(product.events.all()).toEqual([])
    await utility.send(eventTopic('e3'), wireEvent('e3', soon(0, 10)))
    await until('a good one is followed', () => product.state('e3') === 'started')
  })

  test('restart in the middle: the limit holds at once and the end is told', async () => {
    const { broker, utility, storage, product } = await start(create, version)
    await utility.send(eventTopic('e1'), wireEvent('e1', soon(-200, 2.4)))
    await until('it has started', () => utility.states('e1').includes('started'))
    await product.stop()
    expect(JSON.parse(utility.on('conn').at(-1)!.text)).toMatchObject({ online: false })
    const again = await createProduct(storage, { url: urlOf(broker), version })
    later(again)
    expect(again.limitW()).toBe(20_000)
    await until('its end is told', () => utility.states('e1').includes('completed'))
    const steps = utility.states('e1')
    expect(steps.slice(0, 3)).toEqual(['received', 'accepted', 'started'])
    // The broker may deliver the stored document again meanwhile: the last word is repeated.
    expect(steps.slice(3, -1).every((state) => state === 'started')).toBe(true)
    expect(steps.filter((state) => state === 'completed')).toHaveLength(1)
  })

  test('the broker dies and comes back: what was to be said is said then', async () => {
    const { broker, wire, utility, product } = await start(create, version)
    await utility.send(eventTopic('e1'), wireEvent('e1', soon(1_000, 0.4)))
    await until('it is accepted', () => utility.states('e1').includes('accepted'))
    wire.cut()
    await broker.kill()
    await until('we notice', () => !product.source.health().ok)
    await until('it has come and gone', () => product.state('e1') === 'completed')
    expect(utility.states('e1')).toEqual(['received', 'accepted'])
    await broker.start()
    await until('the utility listens', () => utility.client.connected)
    await utility.send('depot/up/echo', '{}', false)
    await until('it hears', () => utility.on('echo').length > 0)
    wire.mend()
    await until('the rest is told', () => utility.states('e1').includes('completed'))
    expect(utility.states('e1').slice(0, 4)).toEqual([
      'received',
      'accepted',
      'started',
      'completed',
    ])
    await until('all is well', () => product.source.health().ok)
  })

  test('an event for a part of the site by a name of theirs', async () => {
    const aliases = { 'car-park': ['s1/1', 'b'] }
    const { utility, product } = await start(create, version, { aliases })
    const draft = soon(0, 10)
    const toPart = { ...draft, data: { ...draft.data, targets: ['car-park'] } }
    await utility.send('depot/dn/event/a1', wireEvent('a1', toPart))
    await until('the event is followed', () => product.state('a1') === 'started')
    expect(product.events.find('dso', 'a1')?.event.targets).toEqual(['s1/1', 'b'])
  })

  test('an event for the group, and one that is not for us', async () => {
    const { utility, product } = await start(create, version)
    const draft = soon(0, 10)
    const toGroup = { ...draft, data: { ...draft.data, targets: ['north'] } }
    await utility.send('group/north/dn/event/g1', wireEvent('g1', toGroup))
    await utility.send('group/south/dn/event/g2', wireEvent('g2', draft))
    await utility.send('other/dn/event/e2', wireEvent('e2', draft))
    await until('the group event is followed', () => product.state('g1') === 'started')
    expect(product.limitW()).toBe(20_000)
    expect(product.events.all().map(({ id }) => id)).toEqual(['dso/g1'])
  })

  test('readings, and a query for the state', async () => {
    const options = { readingPeriodS: 0.2, points: ['grid'] }
    const { utility, product } = await start(create, version, options)
    const at = Date.now()
    for (const meterId of ['office', 'grid']) {
      product.source.publishReading(meterId, {
        meterId,
        measuredAtMs: at,
        receivedAtMs: at,
        quality: 'good',
        powerW: 12_000,
      })
    }
    await until('two readings', () => utility.on('reading/grid').length >= 2)
    const data = utility
      .on('reading/grid')
      .map(({ text }) => (JSON.parse(text) as { data: Record<string, unknown> }).data)
    expect(data[0]).toMatchObject({ seq: 0, kw: 12, quality: 'OK' })
    expect(data[1]).toMatchObject({ seq: 1, quality: 'MISSING' })
    expect(utility.on('reading/office')).toEqual([])
    await utility.send('depot/dn/query', { query: 'state', correlationid: 'q1' }, false)
    await until('the answer', () => utility.on('state').length === 1)
    expect(JSON.parse(utility.on('state')[0].text)).toMatchObject({
      correlationid: 'q1',
      data: { comms: 'waiting', events: [] },
    })
  })
})

describe('manifest', () => {
  test('silence brings the defaults; a manifest whose events we hold lifts them', async () => {
    const { utility, product } = await start(() => createMosquitto(), 5, { manifestPeriodS: 0.4 })
    const manifest = (seq: number, events: unknown[]) => ({
      seq,
      at: iso(Date.now()),
      events,
      defaults: [{ signal: { kind: 'importLimit', unit: 'kW' }, value: 4.2 }],
    })
    await utility.send('depot/dn/manifest', manifest(1, []))
    await until('it is heard', () => product.events.fallback('dso')?.active === false)
    expect(product.limitW()).toBeNull()
    await until('it is silent', () => product.limitW() === 4_200)
    expect(product.source.health()).toMatchObject({ ok: false, detail: 'the authority is silent' })
    const listed = [{ eventId: 'e1', modification: 0, status: 'issued' }]
    await utility.send('depot/dn/manifest', manifest(2, listed))
    await until('it is heard again', () => product.source.comms!().state === 'fresh')
    expect(product.limitW()).toBe(4_200)
    const beats = setInterval(
      () => void utility.send('depot/dn/manifest', manifest(3, listed)),
      200,
    )
    await utility.send(eventTopic('e1'), wireEvent('e1', soon(0, 30)))
    await until('its word is complete', () => product.limitW() === 20_000)
    clearInterval(beats)
  })
})

describe('MQTT 5 sessions', () => {
  test('an unretained event that was sent while we were away arrives', async () => {
    const { broker, utility, storage, product } = await start(() => createMosquitto(), 5)
    await product.stop()
    await utility.send(eventTopic('e1'), wireEvent('e1', soon(0, 30)), false)
    const again = later(await createProduct(storage, { url: urlOf(broker) }))
    await until('it is followed', () => again.state('e1') === 'started')
  })

  test('an answer goes to the response topic with the correlation data', async () => {
    const { utility } = await start(() => createMosquitto(), 5)
    await utility.client.publishAsync('gs/v1/dso/depot/dn/query', '{"query":"state"}', {
      qos: 1,
      properties: {
        responseTopic: 'gs/v1/dso/depot/up/answer',
        correlationData: Buffer.from('q7'),
      },
    })
    await until('the answer', () => utility.on('answer').length === 1)
    expect(utility.on('answer')[0].properties['correlationData']).toEqual(Buffer.from('q7'))
  })
})

test('presence: the will speaks when the wire is cut, and we when it is mended', async () => {
  const broker = later(await createMosquitto())
  await broker.start()
  const wire = later(await createWire(broker.port))
  const utility = later(await createUtility(broker.port, 4))
  const url = `mqtt://127.0.0.1:${wire.port}`
  later(await createProduct(newStorage(), { url, version: 4 }))
  const presence = () =>
    utility.on('conn').map(({ text }) => JSON.parse(text) as { online: boolean; bootId: string })
  await until('we are online', () => presence().length === 1)
  wire.cut()
  await until('the will speaks', () => presence().length === 2)
  wire.mend()
  await until('we are online again', () => presence().length === 3)
  expect(presence().map(({ online }) => online)).toEqual([true, false, true])
  expect(new Set(presence().map(({ bootId }) => bootId)).size).toBe(1)
  const late = later(await createUtility(broker.port, 4))
  await until('a late listener knows', () => late.on('conn').length === 1)
  expect(late.on('conn')[0].retain).toBe(true)
})
