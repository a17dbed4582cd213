import { expect, test } from 'vitest'
import { createFreshness } from '../../src/meters/freshness.ts'
import { createJoin } from '../../src/meters/join.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { loadOpcUa } from '../../src/meters/opcua-load.ts'
import { sampleOf } from '../../src/meters/opcua-value.ts'
import type { Slot } from '../../src/meters/slots.ts'

const SLOT: Slot = { quantity: 'powerW', phase: null, unit: 'W', factor: 1 }
const STALE_AFTER_S = 12

test('last-usable-value: it is as old as its source time, and keep-alives make it no younger', async () => {
  const opcua = await loadOpcUa(recordingLog().log)
  const { DataValue, Variant, DataType, StatusCodes } = opcua
  const join = createJoin({
    meterId: 'last',
    slots: [SLOT],
    currentAsPower: false,
    windowMs: Infinity,
  })
  const freshness = createFreshness(STALE_AFTER_S)
  const startMs = Date.UTC(2026, 10, 30, 12)
  const put = (statusCode: (typeof StatusCodes)['Good'], sourceMs: number, nowMs: number): void => {
    const data = new DataValue({
      statusCode,
      sourceTimestamp: new Date(sourceMs),
      value: new Variant({ dataType: DataType.Double, value: 5000 }),
    })
    const sample = sampleOf(opcua, data, SLOT)
    join.put(0, sample.value, sample.atMs ?? nowMs, sample.quality, sample.isHeld)
    const reading = join.reading(nowMs)
    if (reading) freshness.take(reading, nowMs)
  }
  put(StatusCodes.Good, startMs, startMs)
  expect(freshness.latest(startMs)?.stale).toBe(false)
  const cutMs = startMs + 5_000
  put(StatusCodes.UncertainLastUsableValue, cutMs - 600_000, cutMs)
  expect(freshness.latest(cutMs)?.stale).toBe(true)
  for (let s = 1; s < 600; s++) {
    const nowMs = cutMs + s * 1000
    join.confirm(nowMs)
    const reading = join.reading(nowMs)
    if (reading) freshness.take(reading, nowMs)
    expect(freshness.latest(nowMs)).toMatchObject({ stale: true })
  }
  // The line is mended.
  for (let s = 0; s < 3; s++) {
    const nowMs = cutMs + 700_000 + s * 1000
    put(StatusCodes.Good, nowMs, nowMs)
  }
  expect(freshness.latest(cutMs + 702_000)?.stale).toBe(false)
})
