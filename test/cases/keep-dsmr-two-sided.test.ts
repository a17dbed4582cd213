import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { MeterConfig } from '../../src/config/schema-meters.ts'
import type { Reading } from '../../src/domain/reading.ts'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { createMqttReader } from '../../src/meters/mqtt-reader.ts'
import { createVirtualMeters } from '../../src/meters/virtual.ts'
import type { Quantity } from '../../src/meters/quantity.ts'

const text = (file: string): string =>
  readFileSync(new URL(`../fixtures/cases/keep-dsmr-two-sided/${file}`, import.meta.url), 'utf8')
const { meters } = parse(text('meter.yaml')) as { meters: MeterConfig[] }
const { messages } = JSON.parse(text('messages.json')) as {
  messages: { topic: string; payload: string }[]
}

test('keep-dsmr-two-sided: power taken less power given; currents get the sign of the power', async () => {
  const clock = createVirtualClock(Date.UTC(2026, 0, 1))
  const real = meters.filter((meter) => meter.kind === 'mqtt')
  const known = new Map(
    real.map(({ id, values }) => [id, new Set(Object.keys(values) as Quantity[])] as const),
  )
  const virtual = await createVirtualMeters(
    meters.filter((meter) => meter.kind === 'virtual'),
    known,
    { clock },
  )
  const readings: Reading[] = []
  for (const source of virtual.sources) {
    await source.start((reading) => {
      readings.push(reading)
    })
  }
  const readers = real.map((meter) => createMqttReader(meter))
  for (const { topic, payload } of messages) {
    const message = {
      topic,
      payload: Buffer.from(payload),
      retained: false,
      receivedAtMs: clock.now(),
    }
    for (const reader of readers) {
      if (!reader.topics.includes(topic)) continue
      const { reading, wrong } = reader.read(message)
      expect(wrong).toBeNull()
      if (reading) virtual.update(reading)
    }
  }
  const latest = readings.at(-1)
  expect(latest?.currentA).toEqual([-4, 5, 1])
  latest?.powerPerPhaseW?.forEach((watts, phase) => {
    expect(watts).toBeCloseTo([-930, 1250, 276][phase], 6)
  })
  expect(latest?.powerPerPhaseW).toHaveLength(3)
})
