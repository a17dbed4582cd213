import { expect, test } from 'vitest'
import { createMqttReader } from '../../../src/meters/mqtt-reader.ts'
import { mqttPayload } from '../../../src/sim/meters/mqtt-publisher.ts'

const AT = Date.UTC(2026, 6, 1)

test('a simulated meter says what a configured one understands', () => {
  const payload = mqttPayload(
    { powerW: 12_000.0004, currentA: [17.39, 0, -1], soc: 0.25, quality: 'uncertain' },
    AT,
  )
  expect(JSON.parse(payload)).toEqual({
    time: '2026-07-01T00:00:00.000Z',
    quality: 'uncertain',
    powerW: 12_000,
    currentA: [17.39, 0, -1],
    soc: 0.25,
  })
  const reader = createMqttReader({
    id: 'grid',
    topic: 'sim/grid',
    values: {
      powerW: { unit: 'W', pointer: '/powerW' },
      currentA: { unit: 'A', pointer: '/currentA' },
    },
    time: { pointer: '/time' },
    quality: { pointer: '/quality', good: ['good'], uncertain: ['uncertain'] },
  })
  const { reading } = reader.read({
    topic: 'sim/grid',
    payload: Buffer.from(payload),
    retained: false,
    receivedAtMs: AT + 5,
  })
  expect(reading).toEqual({
    meterId: 'grid',
    measuredAtMs: AT,
    receivedAtMs: AT + 5,
    quality: 'uncertain',
    powerW: 12_000,
    currentA: [17.39, 0, -1],
  })
})
