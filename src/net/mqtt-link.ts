import type { IConnackPacket, IPublishPacket, MqttClient } from 'mqtt'
import type { Clock } from '../ports/clock.ts'
import { createLink, type Link, type LinkDeps } from './link.ts'
import { addressOf, checkAccess, createClient, type MqttAccess } from './mqtt-client.ts'

export interface MqttLinkOptions extends MqttAccess {
  /** Of the configuration, for messages. */
  readonly id: string
  readonly minRetryMs?: number
  readonly maxRetryMs?: number
}

/** What becomes of each connection. */
export interface MqttHandlers {
  /** The broker took us: to be subscribed anew each time. */
  readonly connected: (client: MqttClient, connack: IConnackPacket) => void
  /** That connection is over, whoever ended it. */
  readonly disconnected: () => void
  readonly message: (topic: string, payload: Buffer, packet: IPublishPacket) => void
}

/** For a polite end; then the socket is closed whatever the broker does. */
const END_MS = 500

/**
 * A connection to an MQTT broker that is kept up: each attempt is a fresh client, so nothing of a
 * broken connection lingers. Nothing is opened before `open`.
 *
 * @throws AppError `config-invalid` when the URL or the certificates make no sense
 */
export const createMqttLink = (
  options: MqttLinkOptions,
  handlers: MqttHandlers,
  deps: LinkDeps,
): Link => {
  const { id, url, minRetryMs, maxRetryMs } = options
  checkAccess(options, `brokers/${id}`)
  return createLink(
    async (lost, signal) => {
      const accepted = Promise.withResolvers<void>()
      let isOpen = false
      const over = (reason: string): void => {
        accepted.reject(new Error(reason))
        if (isOpen) handlers.disconnected()
        isOpen = false
        lost(reason)
      }
      const client = createClient(options)
      // Before anything can arrive: a broker that kept messages sends them at once.
      client.on('message', handlers.message)
      client.on('connect', (connack) => {
        isOpen = true
        handlers.connected(client, connack)
        accepted.resolve()
      })
      // They stay: a late socket error must find a listener.
      client.on('error', ({ message }) => over(message))
      client.on('disconnect', ({ reasonCode }) => over(`the broker sent us away (${reasonCode})`))
      client.on('close', () => over('the connection broke'))
      signal.addEventListener('abort', () => accepted.reject(new Error('closed')), { once: true })
      try {
        await accepted.promise
      } catch (error) {
        client.end(true)
        throw error
      }
      return async () => {
        over('closed')
        client.removeAllListeners('message')
        await end(client, deps.clock)
      }
    },
    {
      address: addressOf(url),
      ...(minRetryMs === undefined ? {} : { minRetryMs }),
      ...(maxRetryMs === undefined ? {} : { maxRetryMs }),
    },
    deps,
  )
}

/** Politely, unless the broker owes us a confirmation: then that would take as long as it likes. */
const end = async (client: MqttClient, clock: Clock): Promise<void> => {
  const isOwed = Object.keys(client.outgoing).length > 0
  const cancel = clock.after(END_MS, () => client.stream.destroy())
  await client.endAsync(!client.connected || isOwed)
  cancel()
}
