import { createSecureContext } from 'node:tls'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { AppError } from '../errors.ts'
import { messageOf } from './link.ts'

/** Where a broker is, and as whom it is spoken to. */
export interface MqttAccess {
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
  /** MQTT 5 brokers never send us larger ones. */
  readonly maxPayloadBytes?: number
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
/** What a packet holds beside its payload. */
const MAX_HEAD_BYTES = 4_096
const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_S = 30

/**
 * @param where what the broker is called in the configuration, for the message
 * @throws AppError `config-invalid` when the URL or the certificates make no sense
 */
export const checkAccess = ({ url, ca, cert, key }: MqttAccess, where: string): void => {
  if (!URL.canParse(url) || !/^(mqtts?|wss?):$/.test(new URL(url).protocol)) {
    // The text may hold a password: it is not repeated.
    throw new AppError(
      'config-invalid',
      `${where}/url must be like mqtts://broker.example:8883 (mqtt, mqtts, ws or wss)`,
    )
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new AppError('config-invalid', `${where}: a client certificate and its key go together`)
  }
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert, key }),
    })
  } catch (cause) {
    throw new AppError(
      'config-invalid',
      `${where}: ${messageOf(cause)}; check its certificate and key files (PEM)`,
      { cause },
    )
  }
}

/** The address without credentials, for people. */
export const addressOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

/** One attempt to connect; mqtt.js does not retry on its own. */
export const createClient = (access: MqttAccess): MqttClient =>
  connect(access.url, clientOptions(access))

const clientOptions = (access: MqttAccess): IClientOptions => {
  const { version, clientId, username, password, ca, cert, key, will } = access
  const isFive = version === 5
  const sessionExpiryS = isFive ? (access.sessionExpiryS ?? 0) : 0
  const maxPayloadBytes = access.maxPayloadBytes ?? MAX_PAYLOAD_BYTES
  return {
    protocolVersion: version,
    clientId,
    clean: sessionExpiryS === 0,
    keepalive: access.keepaliveS ?? KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(isFive
      ? {
          properties: {
            sessionExpiryInterval: sessionExpiryS,
            receiveMaximum: 100,
            maximumPacketSize: maxPayloadBytes + MAX_HEAD_BYTES,
          },
        }
      : {}),
    ...(will ? { will: willOf(will, isFive) } : {}),
  }
}

const willOf = (
  { topic, payload, qos = 1, retain = false, delayS }: Will,
  isFive: boolean,
): IClientOptions['will'] => ({
  topic,
  payload: Buffer.from(payload),
  qos,
  retain,
  ...(isFive && delayS ? { properties: { willDelayInterval: delayS } } : {}),
})
