import type { Reading } from '../domain/reading.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { MeterSource } from '../ports/meter-source.ts'
import type { Broker, Message } from './broker.ts'
import { createHealth } from '../net/health.ts'
import { createMqttReader, type MqttMeterOptions } from './mqtt-reader.ts'

export type { MqttMeterOptions } from './mqtt-reader.ts'

/**
 * A meter that publishes its values over MQTT.
 *
 * A payload that cannot be used is counted and logged once; its values keep their former time and
 * age, they never become zero.
 *
 * @throws AppError `config-invalid`: no topic, a bad pointer, a unit that does not fit
 */
export const createMqttMeter = (
  options: MqttMeterOptions,
  broker: Broker,
  { clock, log: parentLog }: { clock: Clock; log: Log },
): MeterSource => {
  const log = parentLog.child({ meterId: options.id })
  const reader = createMqttReader(options)
  const state = createHealth(clock)
  const broken = new Map<string, string>()
  const refused = new Map<string, string>()
  const counts = { messages: 0, broken: 0, readings: 0 }
  let accept: ((reading: Reading) => void) | null = null
  let leave = async (): Promise<void> => {}

  const trouble = (): string | null => {
    for (const [topic, reason] of refused) return `topic ${topic} is refused: ${reason}`
    for (const [topic, reason] of broken) return `topic ${topic}: ${reason}`
    if (counts.messages === 0) return 'waiting for the first message'
    const missing = reader.missing()
    if (missing.length > 0) return `waiting for ${missing.join(', ')}`
    return counts.readings === 0 ? 'waiting for the first reading' : null
  }

  const assess = (): void => {
    const link = broker.health()
    if (!accept) return
    const detail = link.ok ? trouble() : link.detail
    state.set(
      detail === null,
      detail ?? `${counts.messages} messages, ${counts.broken} of them broken`,
    )
  }

  /** Logs changes only: a broken meter may send ten times a second. */
  const note = (topic: string, wrong: string | null): void => {
    if (wrong === null) {
      if (broken.delete(topic)) log.info({ topic }, 'the payloads of the meter are fine again')
      return
    }
    counts.broken += 1
    if (!broken.has(topic)) log.warn({ topic, wrong }, 'a payload of the meter cannot be used')
    broken.set(topic, wrong)
  }

  const receive = (message: Message): void => {
    if (!accept) return
    counts.messages += 1
    const { reading, wrong } = reader.read(message)
    note(message.topic, wrong)
    if (reading) {
      counts.readings += 1
      accept(reading)
    }
    assess()
  }

  return {
    id: options.id,
    async start(acceptReading) {
      accept = acceptReading
      leave = broker.listen(reader.topics, {
        message: receive,
        refused(topic, reason) {
          if (reason === null) refused.delete(topic)
          else refused.set(topic, reason)
          assess()
        },
      })
    },
    health() {
      assess()
      return state.get()
    },
    async stop() {
      accept = null
      await leave()
      leave = async () => {}
      state.set(false, 'stopped')
    },
  }
}
