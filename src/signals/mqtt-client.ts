import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { AppError } from '../errors.ts'

export interface BrokerOptions {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  readonly url: string
  /** 5 = MQTT 5, 4 = MQTT 3.1.1. */
  readonly version: 4 | 5
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  /** PEM: authority of the broker's certificate; without it the system's. */
  readonly ca?: string | Buffer
  /** PEM: our certificate and key, where the broker wants one. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly will?: Will
  readonly keepaliveS?: number
  /**
   * MQTT 5: how long the broker keeps our subscriptions and what they missed. 0 (the default) and
   * MQTT 3.1.1 start clean each time: retained messages then carry what was missed.
   */
  readonly sessionExpiryS?: number
  /** Messages kept while the broker is away. */
  readonly maxQueued?: number
  /** Larger payloads are refused (and by MQTT 5 never sent to us). */
  readonly maxPayloadBytes?: number
  readonly minBackoffMs?: number
  readonly maxBackoffMs?: number
}

/** What the broker says for us when our connection breaks. */
export interface Will {
  readonly topic: string
  readonly payload: string
  readonly qos?: 0 | 1
  readonly retain?: boolean
  /** MQTT 5: a quick reconnect keeps it unsaid. */
  readonly delayS?: number
}

export const MAX_PAYLOAD_BYTES = 1_048_576
const CONNECT_TIMEOUT_MS = 10_000

/** @throws AppError `config-invalid` */
export const checkOptions = (options: BrokerOptions): void => {
  if (!URL.canParse(options.url) || !/^(mqtts?|wss?):$/.test(new URL(options.url).protocol)) {
    // The text may hold a password: it is not repeated.
    throw new AppError(
      'config-invalid',
      'broker url must be like mqtts://broker.example:8883 (mqtt, mqtts, ws or wss)',
    )
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new AppError('config-invalid', 'a broker client certificate needs its key: give both')
  }
}

/** The address without credentials, for people. */
export const addressOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

const clientOptions = (options: BrokerOptions): IClientOptions => {
  const { version, will } = options
  const v5 = version === 5
  const sessionExpiryS = v5 ? (options.sessionExpiryS ?? 0) : 0
  return {
    protocolVersion: version,
    clientId: options.clientId,
    clean: sessionExpiryS === 0,
    keepalive: options.keepaliveS ?? 30,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(v5
      ? {
          properties: {
            sessionExpiryInterval: sessionExpiryS,
            receiveMaximum: 100,
            maximumPacketSize: (options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES) + 4096,
          },
        }
      : {}),
    ...(will
      ? {
          will: {
            topic: will.topic,
            payload: Buffer.from(will.payload),
            qos: will.qos ?? 1,
            retain: will.retain ?? false,
            ...(v5 && will.delayS ? { properties: { willDelayInterval: will.delayS } } : {}),
          },
        }
      : {}),
  }
}

/**
 * One attempt to connect; mqtt.js does not retry on its own.
 *
 * @throws AppError `config-invalid` for certificates that cannot be read
 */
export const createClient = (options: BrokerOptions): MqttClient => {
  try {
    return connect(options.url, clientOptions(options))
  } catch (cause) {
    // What the TLS layer cannot read (certificates, key) it says at once.
    throw new AppError(
      'config-invalid',
      `broker ${addressOf(options.url)}: ${cause instanceof Error ? cause.message : String(cause)};` +
        ' check its certificate and key files',
      { cause },
    )
  }
}
