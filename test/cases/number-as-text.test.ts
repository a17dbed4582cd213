import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMqttReader } from '../../src/meters/mqtt-reader.ts'

const { topic, messages } = JSON.parse(
  readFileSync(new URL('../fixtures/cases/number-as-text/messages.json', import.meta.url), 'utf8'),
) as { topic: string; messages: { payload: string; powerW: number | string }[] }

test.each(messages)('number-as-text: $payload', ({ payload, powerW }) => {
  const reader = createMqttReader({ id: 'm', topic, values: { powerW: { unit: 'W' } } })
  const { reading, wrong } = reader.read({
    topic,
    payload: Buffer.from(payload),
    retained: false,
    receivedAtMs: 1_000_000,
  })
  if (typeof powerW === 'number') {
    expect(wrong).toBeNull()
    expect(reading?.powerW).toBeCloseTo(powerW, 9)
    return
  }
  expect(reading).toBeNull()
  if (powerW === 'no reading') expect(wrong).toBeNull()
  else expect(wrong).toMatch(payload === '3.5 A' ? 'the message says A, W is configured' : /"/)
})
