import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { MqttClient } from 'mqtt'
import { addressOf, checkAccess, createClient } from '../../net/mqtt-client.ts'
import { Failure, UsageError } from '../failure.ts'

export interface BrokerAccess {
  readonly url: string
  readonly version: 4 | 5
  readonly username?: string
  readonly password?: string
  /** Files. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

const CONNECT_MS = 10_000

/** One attempt to connect. @throws UsageError, AppError `config-invalid`, Failure `broker-unreachable` */
export const connectOnce = async (options: BrokerAccess): Promise<MqttClient> => {
  const { url, version, username, password, ca, cert, key } = options
  const settings = {
    url,
    version,
    clientId: `busbar-cli-${randomUUID().slice(0, 8)}`,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca: fileText(ca) }),
    ...(cert === undefined ? {} : { cert: fileText(cert) }),
    ...(key === undefined ? {} : { key: fileText(key) }),
  }
  checkAccess(settings, 'broker')
  const client = createClient(settings)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const patience = setTimeout(() => reject(new Error('no answer')), CONNECT_MS)
  client.once('connect', () => resolve())
  client.on('error', reject)
  client.once('close', () => reject(new Error('it closed the connection')))
  try {
    await promise
    return client
  } catch (error) {
    client.end(true)
    throw refusal(error, options)
  } finally {
    clearTimeout(patience)
  }
}

const fileText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** CONNACK codes of MQTT 3.1.1 and 5 about the version, and about who we are. */
const VERSION_CODES: readonly unknown[] = [1, 132]
const DOOR_CODES: readonly unknown[] = [4, 5, 134, 135]

const refusal = (error: unknown, { url, version }: BrokerAccess): Failure => {
  const { message, code } = error as Error & { code?: unknown }
  const remedy = VERSION_CODES.includes(code)
    ? `it does not speak MQTT ${version}; try --mqtt-version ${version === 5 ? 4 : 5}`
    : DOOR_CODES.includes(code)
      ? 'give --username and --password, or --cert and --key'
      : 'is it running, and is the address right?'
  const why = message === '' ? String(code) : message
  return new Failure('broker-unreachable', `broker ${addressOf(url)}: ${why}; ${remedy}`)
}
