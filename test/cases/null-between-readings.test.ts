import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createFreshness } from '../../src/meters/freshness.ts'
import { createMqttReader } from '../../src/meters/mqtt-reader.ts'

const { messages } = JSON.parse(
  readFileSync(
    new URL('../fixtures/cases/null-between-readings/messages.json', import.meta.url),
    'utf8',
  ),
) as { messages: { afterS: number; topic: string; payload: object }[] }

test('null-between-readings: a gap is over once three messages with values have come', () => {
  const reader = createMqttReader({
    id: 'live',
    topic: 'tibber/live',
    values: {
      powerW: { pointer: '/power', unit: 'W' },
      currentA: { pointer: ['/currentL1', '/currentL2', '/currentL3'], unit: 'A' },
    },
  })
  const freshness = createFreshness(6)
  const staleAt: number[] = []
  let lastMs = 0
  let sawGap = false
  for (const { afterS, topic, payload } of messages) {
    const atMs = afterS * 1000
    if (atMs - lastMs > 6_000) {
      sawGap = true
      expect(freshness.latest(atMs - 1)?.stale).toBe(true)
    } else if (!sawGap && lastMs > 0) expect(freshness.latest(atMs)?.stale).toBe(false)
    lastMs = atMs
    const { reading, wrong } = reader.read({
      topic,
      payload: Buffer.from(JSON.stringify(payload)),
      retained: false,
      receivedAtMs: atMs,
    })
    expect(wrong).toBeNull()
    if (reading) freshness.take(reading, atMs)
    if (sawGap && freshness.latest(atMs)?.stale) staleAt.push(atMs)
  }
  expect(sawGap).toBe(true)
  const latest = freshness.latest(lastMs)
  expect(latest?.stale).toBe(false)
  expect(latest?.reading.currentA).toBeDefined()
})
