import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { wireEvent } from '../fixtures/wire-event.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import { createAedesBroker, createProduct, createUtility, soon, until } from './signals-support.ts'

const folder = temporaryFolder()
const PASSWORD = 'correct-horse-battery'
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

const NEW_KEY = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

const authority = (name: string): void =>
  openssl('req', '-x509', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-days', '2', '-subj', `/CN=${name}`) // prettier-ignore

const certificate = (name: string, ca: string): void => {
  openssl('req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1') // prettier-ignore
  openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-out', `${name}.crt`, '-days', '2', '-copy_extensions', 'copy') // prettier-ignore
}

beforeAll(() => {
  authority('ca')
  authority('strangers')
  certificate('broker', 'ca')
  certificate('depot', 'ca')
  certificate('intruder', 'strangers')
  execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), 'depot', PASSWORD])
})

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const startBroker = async (settings: string[], files: Record<string, string>) => {
  const broker = await createMosquitto(settings, files)
  stops.push(() => broker.stop())
  await broker.start()
  return broker
}
const startProduct = async (
  ...[broker, options]: [Parameters<typeof createProduct>[1], object?]
) => {
  const storage = createMemoryStorage({ log: recordingLog().log })
  const product = await createProduct(storage, broker, options ?? {})
  stops.push(() => product.stop())
  return product
}
const ACL = `
user depot
topic write gs/v1/dso/depot/up/#
topic read gs/v1/dso/depot/dn/#
user utility
topic readwrite gs/v1/dso/#
`

const withPasswords = async (acl = ACL) => {
  execFileSync('mosquitto_passwd', ['-b', join(folder, 'passwords'), 'utility', 'u'])
  return startBroker(
    ['allow_anonymous false', 'password_file {folder}/passwords', 'acl_file {folder}/acl'],
    { passwords: read('passwords'), acl },
  )
}

test('with the right password and a tight ACL everything works', async () => {
  const broker = await withPasswords()
  const credentials = { username: 'utility', password: 'u' }
  const utility = await createUtility(broker.port, 5, credentials)
  stops.push(() => utility.stop())
  const url = `mqtt://127.0.0.1:${broker.port}`
  const product = await startProduct({ url, username: 'depot', password: PASSWORD }, { groups: [] })
  await utility.send('depot/dn/event/e1', wireEvent('e1', soon(0, 30)))
  await until('the event is followed', () => utility.states('e1').includes('started'))
  expect(product.source.health().ok).toBe(true)
})

test('a subscription that the broker refuses is a fault of the source', async () => {
  const broker = await createAedesBroker((filter) => !filter.endsWith('dn/manifest'))
  stops.push(() => broker.stop())
  await broker.start()
  const product = await startProduct({ url: `mqtt://127.0.0.1:${broker.port}`, version: 4 })
  const { source } = product
  await until('it is told', () => source.health().detail.includes('dn/manifest refused'))
  expect(source.health().ok).toBe(false)
})

test('a message that the broker refuses is given up and told, and the others go on', async () => {
  const broker = await withPasswords(ACL.replace('depot/up/#', 'depot/up/ack'))
  const utility = await createUtility(broker.port, 5, { username: 'utility', password: 'u' })
  stops.push(() => utility.stop())
  const url = `mqtt://127.0.0.1:${broker.port}`
  const product = await startProduct({ url, username: 'depot', password: PASSWORD })
  await utility.send('depot/dn/event/e1', wireEvent('e1', soon(0, 30)))
  await until('the event is followed', () => utility.states('e1').includes('started'))
  const refused = () =>
    product.entries
      .filter(({ message }) => message === 'the broker refused a message')
      .map(({ fields }) => (fields as { topic: string }).topic)
  await until('it is told', () => refused().includes('gs/v1/dso/depot/up/conn'))
  expect(refused()).not.toContain('gs/v1/dso/depot/up/ack')
})

test('with a wrong password the source says so, goes on trying, and logs no secret', async () => {
  const broker = await withPasswords()
  const url = `mqtt://depot:in-the-url@127.0.0.1:${broker.port}`
  const product = await startProduct({ url, username: 'depot', password: 'wrong-secret' })
  await until('it is refused', () => product.source.health().detail.includes('refused'))
  expect(product.source.health().ok).toBe(false)
  const everything = JSON.stringify([product.entries, product.source.health()])
  expect(everything).toContain('127.0.0.1')
  expect(everything).not.toContain('wrong-secret')
  expect(everything).not.toContain('in-the-url')
})

const withCertificates = () =>
  startBroker(
    [
      'allow_anonymous false',
      'require_certificate true',
      'use_identity_as_username true',
      'cafile {folder}/ca.crt',
      'certfile {folder}/broker.crt',
      'keyfile {folder}/broker.key',
    ],
    {
      'ca.crt': read('ca.crt'),
      'broker.crt': read('broker.crt'),
      'broker.key': read('broker.key'),
    },
  )

test.each([5, 4] as const)('TLS with a client certificate, MQTT %d', async (version) => {
  const broker = await withCertificates()
  const url = `mqtts://127.0.0.1:${broker.port}`
  const certificates = { ca: read('ca.crt'), cert: read('depot.crt'), key: read('depot.key') }
  const utility = await createUtility(broker.port, version, {
    protocol: 'mqtts',
    ...certificates,
  })
  stops.push(() => utility.stop())
  const product = await startProduct({ url, version, ...certificates })
  await utility.send('depot/dn/event/e1', wireEvent('e1', soon(0, 30)))
  await until('the event is followed', () => utility.states('e1').includes('started'))
  expect(product.source.health().ok).toBe(true)
})

test.each([
  ['no certificate', (): object => ({ ca: read('ca.crt') })],
  [
    'a certificate of strangers',
    (): object => ({ ca: read('ca.crt'), cert: read('intruder.crt'), key: read('intruder.key') }),
  ],
  [
    'a broker that we do not know',
    (): object => ({ ca: read('strangers.crt'), cert: read('depot.crt'), key: read('depot.key') }),
  ],
])('TLS: no connection with %s', async (_name, certificates) => {
  const broker = await withCertificates()
  const product = await startProduct({
    url: `mqtts://127.0.0.1:${broker.port}`,
    ...certificates(),
  })
  const trouble = () => product.entries.filter(({ message }) => message === 'no connection')
  await until('it fails', () => trouble().length > 0)
  expect(product.source.health().ok).toBe(false)
})

test('certificate files that are none are a configuration error', async () => {
  const url = 'mqtts://127.0.0.1:1'
  await expect(startProduct({ url, cert: 'x', key: 'y' })).rejects.toMatchObject({
    code: 'config-invalid',
  })
})
