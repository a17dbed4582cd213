import { connect, type MqttClient } from 'mqtt'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Measurement, ReadMeter } from './measurement.ts'

export interface MqttPublisherOptions {
  readonly brokerUrl: string
  readonly username?: string
  readonly password?: string
  /** 5 = MQTT 5, 4 = MQTT 3.1.1 (the default: every broker speaks it). */
  readonly version?: 4 | 5
  /** 1000. */
  readonly periodMs?: number
  readonly meters: readonly { readonly topic: string; readonly read: ReadMeter }[]
}

export interface SimulatedMeters {
  start(): Promise<void>
  stop(): Promise<void>
}

const RECONNECT_MS = 1_000

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1000) / 1000 : value

/** `{"time": ISO, "quality": "good", "powerW": 12000, "currentA": [17.4, 17.4, 17.4], ...}` */
export const mqttPayload = (measurement: Measurement, atMs: number): string =>
  JSON.stringify({ time: new Date(atMs).toISOString(), quality: 'good', ...measurement }, rounded)

/**
 * Publishes simulated meters to an MQTT broker, all over one connection, one JSON object per meter
 * and period. While the broker is away nothing is kept: a meter does not report its past.
 */
export const createMqttPublisher = (
  options: MqttPublisherOptions,
  { clock, log }: { clock: Clock; log: Log },
): SimulatedMeters => {
  let client: MqttClient | null = null
  let cancel = (): void => {}

  const publishAll = (): void => {
    if (!client?.connected) return
    for (const { topic, read } of options.meters) {
      client.publish(topic, mqttPayload(read(), clock.now()))
    }
  }

  return {
    async start() {
      client = connect(options.brokerUrl, {
        protocolVersion: options.version ?? 4,
        reconnectPeriod: RECONNECT_MS,
        queueQoSZero: false,
        ...(options.username === undefined ? {} : { username: options.username }),
        ...(options.password === undefined ? {} : { password: options.password }),
      })
      client.on('connect', publishAll)
      client.on('error', (error) => log.debug({ err: error }, 'simulated meters: broker trouble'))
      cancel = clock.every(options.periodMs ?? 1_000, publishAll)
    },
    async stop() {
      cancel()
      await client?.endAsync(true)
      client = null
    },
  }
}
