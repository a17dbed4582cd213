import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { freePort } from '../fixtures/free-port.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { run } from '../unit/cli/terminal.ts'
import { busbar } from './cli-process.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import {
  BROKERS,
  createAedesBroker,
  createProduct,
  createUtility,
  until,
  type TestBroker,
} from './signals-support.ts'

const folder = temporaryFolder()
const running: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop()
})

const started = async (broker: TestBroker): Promise<TestBroker> => {
  await broker.start()
  running.push(broker)
  return broker
}

/** A site that follows the events of `dso` for `depot`. */
const site = async (port: number, version: 4 | 5) => {
  const storage = createMemoryStorage({ log: recordingLog().log })
  const product = await createProduct(storage, { url: `mqtt://127.0.0.1:${port}`, version })
  running.push(product)
  await until('the site is connected', () => product.source.health().ok)
  return product
}

const wayTo = (port: number, version: 4 | 5, party = 'depot'): string[] =>
  `--mqtt mqtt://127.0.0.1:${port} --mqtt-version ${version} --operator dso --party ${party}`.split(
    ' ',
  )

/** The same command without a process of its own, which is quicker. */
const inProcess = (argv: readonly string[], env: Record<string, string> = {}) =>
  run(argv, { nowMs: Date.now(), env })

const states = (out: string): string[] =>
  [...out.matchAll(/^ {2}\d\d:\d\d:\d\d {2}([\w-]+)/gm)].map(([, state]) => state)

describe.each(BROKERS)('as a utility over %s', (_name, version, createBroker) => {
  test('an event is followed, changed, listed and cancelled', async () => {
    const { port } = await started(await createBroker())
    const product = await site(port, version)
    const way = wayTo(port, version)

    const sent = await busbar([
      ...'event send --id peak --limit-kw 20 --minutes 10 --class mandatory'.split(' '),
      ...way,
    ])
    expect(sent).toMatchObject({ code: 0, err: '' })
    expect(sent.out).toMatch(/^event peak, version 0, to dso\/depot \(times in \S+\)$/m)
    expect(states(sent.out)).toEqual(['received', 'accepted', 'started'])
    expect(sent.out).toContain('accepted: commits to 20.0 kW')
    expect(product.limitW()).toBe(20_000)

    const changed = await busbar(['event', 'send', '--id', 'peak', '--limit-kw', '15', ...way])
    expect(changed.out).toMatch(/^event peak, version 1, /)
    expect(product.limitW()).toBe(15_000)

    const listed = await busbar(['event', 'list', ...way])
    expect(listed.out).toMatch(/^peak +1 +contract +importLimit 15 kW .*(accepted|started)$/m)
    expect(listed.err).toMatch(/^times in \S+\n$/)

    const cancelled = await busbar(['event', 'cancel', 'peak', '--json', ...way])
    expect(cancelled).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(cancelled.out)).toMatchObject({
      event: { eventId: 'peak', modification: 2, status: 'cancelled' },
      acknowledgements: [{ state: 'received' }, { state: 'cancelled' }],
    })
    expect(product.limitW()).toBeNull()
  }, 60_000)

  test('what is retained is the whole document, for whoever comes later', async () => {
    const { port } = await started(await createBroker())
    const sent = await inProcess([
      ...'event send --limit-a 16 --scope evse --target CP1 --wait 0 --json'.split(' '),
      ...wayTo(port, version),
    ])
    expect(sent).toMatchObject({ code: 0, err: '' })
    const { event } = JSON.parse(sent.out) as { event: { eventId: string } }
    const utility = await createUtility(port, version)
    running.push(utility)
    await utility.client.subscribeAsync('gs/v1/dso/depot/dn/event/+', { qos: 1 })
    await until('the document comes', () => utility.heard.length > 0)
    const [{ topic, retain, text, properties }] = utility.heard
    expect({ topic, retain }).toEqual({
      topic: `gs/v1/dso/depot/dn/event/${event.eventId}`,
      retain: true,
    })
    expect(JSON.parse(text)).toMatchObject({ specversion: '1.0', source: 'dso', data: event })
    if (version === 4) return
    // A quarter of an hour, and an hour after its end.
    const { messageExpiryInterval, contentType } = properties
    expect(contentType).toBe('application/cloudevents+json')
    expect(messageExpiryInterval).toBeGreaterThan(4_400)
    expect(messageExpiryInterval).toBeLessThanOrEqual(4_500)
  }, 30_000)

  test('one document that is no event does not hide the others', async () => {
    const { port } = await started(await createBroker())
    const way = wayTo(port, version)
    await inProcess([...'event send --id good --limit-kw 20 --wait 0'.split(' '), ...way])
    const utility = await createUtility(port, version)
    running.push(utility)
    await utility.send('depot/dn/event/bad', '{}')
    const { code, out, err } = await inProcess(['event', 'list', ...way])
    expect(code).toBe(0)
    expect(out).toMatch(/^good +0 +contract/m)
    expect(err).toMatch(
      /^busbar: what is retained on gs\/v1\/dso\/depot\/dn\/event\/bad is no event/,
    )
  }, 30_000)

  test('a refusal has its reason and exit code 1', async () => {
    const { port } = await started(await createBroker())
    await site(port, version)
    const { code, out } = await inProcess([
      ...'event send --limit-kw 20 --target nowhere'.split(' '),
      ...wayTo(port, version),
    ])
    expect(code).toBe(1)
    expect(out).toMatch(/rejected \(unknownTarget: .*nowhere\)$/m)
  }, 30_000)

  test('silence is told, with what may be the matter', async () => {
    const { port } = await started(await createBroker())
    await site(port, version)
    const { code, err } = await inProcess([
      ...'event send --limit-kw 20 --wait 0.5'.split(' '),
      ...wayTo(port, version, 'somebody-else'),
    ])
    expect(code).toBe(1)
    expect(err).toMatch(/no acknowledgement within 0\.5 s: is Busbar connected .*party\?/)
    const nothing = await inProcess(['event', 'cancel', 'peak', ...wayTo(port, version)])
    expect(nothing).toMatchObject({ code: 1, err: expect.stringMatching(/keeps no event peak/) })
    const empty = await inProcess(['event', 'list', ...wayTo(port, version, 'nobody')])
    expect(empty).toEqual({ code: 0, out: 'there are no events', err: '' })
  }, 30_000)
})

describe('a broker that does not let us in', () => {
  const send = (
    port: number,
    version: 4 | 5,
    env: Record<string, string> = {},
    ...more: string[]
  ) =>
    busbar(['event', 'send', '--limit-kw', '20', '--wait', '0', ...wayTo(port, version), ...more], {
      env,
    })

  test('is not there', async () => {
    const { code, err } = await send(await freePort(), 5)
    expect(code).toBe(1)
    expect(err).toMatch(/^busbar: broker mqtt:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*is it running/)
  })

  test('speaks another version', async () => {
    const { port } = await started(await createAedesBroker())
    const { code, err } = await send(port, 5)
    expect(code).toBe(1)
    expect(err).toContain('try --mqtt-version 4')
  })

  test('wants a password, which may come from the environment and is never printed', async () => {
    const passwords = join(folder, 'passwords')
    execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'dso', 'correct-horse'])
    const settings = ['allow_anonymous false', 'password_file {folder}/passwords']
    const files = { passwords: readFileSync(passwords, 'utf8') }
    const { port } = await started(await createMosquitto(settings, files))

    const wrong = await send(port, 5, {}, '--username', 'dso', '--password', 'hunter2')
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('give --username and --password, or --cert and --key')
    expect(wrong.out + wrong.err).not.toContain('hunter2')

    const env = { BUSBAR_MQTT_PASSWORD: 'correct-horse' }
    const right = await send(port, 5, env, '--username', 'dso')
    expect(right).toMatchObject({ code: 0, err: '' })
    expect(right.out).not.toContain('correct-horse')
  })

  test('has files that cannot be read', async () => {
    const { code, err } = await send(1883, 5, {}, '--ca', 'nowhere.pem')
    expect(code).toBe(2)
    expect(err).toMatch(/^busbar: nowhere\.pem cannot be read: ENOENT/)
  })
})
