import { expect, test } from 'vitest'
import type { EvseMeasurement, Reading } from '../../src/domain/reading.ts'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { createStationMeter, type SubscribeToEvse } from '../../src/meters/station.ts'
import { meterSourceContract, type Shown } from './meter-source.ts'

const createFeed = () => {
  const listeners = new Map<string, Set<(measurement: EvseMeasurement) => void>>()
  const subscribe: SubscribeToEvse = (evseKey, listener) => {
    const known = listeners.get(evseKey) ?? new Set()
    listeners.set(evseKey, known.add(listener))
    return () => void known.delete(listener)
  }
  return {
    subscribe,
    say: (evseKey: string, measurement: EvseMeasurement): void =>
      listeners.get(evseKey)?.forEach((listener) => listener(measurement)),
    count: (evseKey: string): number => listeners.get(evseKey)?.size ?? 0,
  }
}

meterSourceContract(
  'station',
  async () => {
    const feed = createFeed()
    let shown: Shown = { powerW: 0, currentA: [0, 0, 0] }
    const timer = setInterval(() => {
      const atMs = Date.now()
      feed.say('CP1/1', { measuredAtMs: atMs, receivedAtMs: atMs, ...shown })
      feed.say('CP2/1', { measuredAtMs: atMs, receivedAtMs: atMs, powerW: 99 })
    }, 20)
    return {
      source: createStationMeter({ id: 'cp1', evseKey: 'CP1/1' }, feed.subscribe, {
        clock: systemClock,
      }),
      show: (values) => void (shown = values),
      close: async () => clearInterval(timer),
    }
  },
  { knowsBad: false, connects: false },
)

test('station: all that a charger measures becomes a reading, in its own words', async () => {
  const feed = createFeed()
  const source = createStationMeter({ id: 'cp1', evseKey: 'CP1/2' }, feed.subscribe, {
    clock: createVirtualClock(0),
  })
  const readings: Reading[] = []
  await source.start((reading) => void readings.push(reading))
  expect(source.health().detail).toBe('waiting for the first meter values of CP1/2')
  const times = { measuredAtMs: 5, receivedAtMs: 9 }
  feed.say('CP1/2', { ...times, offeredA: 16, soc: 0.5 })
  expect(readings).toEqual([])
  feed.say('CP1/2', {
    ...times,
    currentA: [16, 0, 0],
    powerW: 3_680,
    voltageV: [230, 0, 0],
    energyWh: 12_345,
    soc: 0.5,
    offeredA: 16,
  })
  expect(readings).toEqual([
    {
      meterId: 'cp1',
      ...times,
      quality: 'good',
      currentA: [16, 0, 0],
      powerW: 3_680,
      voltageV: [230, 0, 0],
      energyImportWh: 12_345,
      soc: 0.5,
    },
  ])
  await source.stop()
  expect(feed.count('CP1/2')).toBe(0)
})
