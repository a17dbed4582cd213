import { beforeEach, describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/domain/reading.ts'
import { createVirtualClock, type VirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createMeters, type MeterEntry, type Meters } from '../../../src/meters/meters.ts'
import type { MeterSource } from '../../../src/ports/meter-source.ts'
import { recordingLog, type LogEntry } from '../../fixtures/recording-log.ts'

const START = Date.UTC(2026, 0, 1)

interface HandMeter extends MeterSource {
  say(values: Partial<Reading>): void
}

describe('all meters together', () => {
  let clock: VirtualClock
  let entries: LogEntry[]
  let kept: { reading: Reading; store: boolean }[]

  const handMeter = (id: string): HandMeter => {
    let accept: ((reading: Reading) => void) | null = null
    return {
      id,
      start: async (receive) => void (accept = receive),
      stop: async () => {},
      health: () => ({ ok: true, sinceMs: START, detail: 'by hand' }),
      say: (values) =>
        accept?.({
          meterId: id,
          measuredAtMs: clock.now(),
          receivedAtMs: clock.now(),
          quality: 'good',
          ...values,
        }),
    }
  }

  const metersOf = (entriesOf: readonly MeterEntry[]): Meters => {
    const recording = recordingLog()
    entries = recording.entries
    return createMeters(entriesOf, {
      clock,
      log: recording.log,
      supply: { kind: 'three-phase', voltageV: 230 },
      onReading: (reading, store) => void kept.push({ reading, store }),
    })
  }

  const after = (s: number): Promise<void> => clock.advanceTo(clock.now() + s * 1000)
  const messages = (): string[] => entries.map(({ level, message }) => `${level}: ${message}`)

  beforeEach(() => {
    clock = createVirtualClock(START)
    kept = []
  })

  test('the latest reading is normalised and has its age', async () => {
    const grid = handMeter('grid')
    const meters = metersOf([{ source: grid, settings: { wiring: 'L2' } }])
    expect(meters.latest('grid')).toBeNull()
    expect(meters.latest('unknown')).toBeNull()
    await meters.start()
    grid.say({ powerW: 2_300 })
    await after(4)
    expect(meters.latest('grid')).toEqual({
      reading: {
        meterId: 'grid',
        measuredAtMs: START,
        receivedAtMs: START,
        quality: 'uncertain',
        powerW: 2_300,
        currentA: [0, 10, 0],
      },
      ageS: 4,
      stale: false,
    })
    expect(meters.health()).toMatchObject([
      {
        meterId: 'grid',
        ok: true,
        ageS: 4,
        stale: false,
        derived: ['currentA'],
        readings: 1,
        bad: 0,
      },
    ])
    await meters.stop()
  })

  test('stale is said once when it begins and once when three samples ended it', async () => {
    const grid = handMeter('grid')
    const meters = metersOf([{ source: grid, settings: { staleAfterS: 15 } }])
    await meters.start()
    grid.say({ powerW: 100 })
    await after(60)
    expect(meters.latest('grid')).toMatchObject({ stale: true, ageS: 60, reading: { powerW: 100 } })
    expect(messages()).toEqual(['warn: the meter is stale: its limits fall back'])
    for (let i = 0; i < 3; i++) {
      expect(meters.latest('grid')?.stale).toBe(true)
      grid.say({ powerW: 200 })
      await after(1)
    }
    expect(meters.latest('grid')).toMatchObject({ stale: false, reading: { powerW: 200 } })
    expect(messages().slice(1)).toEqual(['info: the meter is fresh again'])
    await meters.stop()
  })

  test('what is worked out is as stale as what it is worked out from, however far', async () => {
    const [grid, slow, sum, more] = ['grid', 'slow', 'sum', 'more'].map(handMeter)
    const meters = metersOf([
      { source: grid, settings: { staleAfterS: 10 } },
      { source: slow, settings: { staleAfterS: 600 } },
      { source: sum, uses: ['grid', 'slow'] },
      { source: more, uses: ['sum'] },
    ])
    const staleNow = (): boolean[] =>
      ['slow', 'sum', 'more'].map((id) => meters.latest(id)?.stale ?? true)
    await meters.start()
    for (const source of [grid, slow, sum, more]) source.say({ powerW: 1_000 })
    await after(5)
    expect(staleNow()).toEqual([false, false, false])
    await after(7)
    expect(staleNow()).toEqual([false, true, true])
    expect(meters.health().map(({ stale }) => stale)).toEqual([true, false, true, true])
    for (let i = 0; i < 10; i++) {
      await after(9)
      grid.say({ powerW: 1_000 })
      // At the time of the oldest: that of the slow one.
      for (const source of [sum, more]) source.say({ powerW: 1_000, measuredAtMs: START })
    }
    expect(staleNow()).toEqual([false, false, false])
    await meters.stop()
  })

  test('an implausible reading is bad, counted, said once, and never the latest', async () => {
    const grid = handMeter('grid')
    const meters = metersOf([{ source: grid, settings: { maxA: 63 } }])
    await meters.start()
    grid.say({ currentA: [10, 10, 10] })
    await after(1)
    for (let i = 0; i < 5; i++) grid.say({ currentA: [10, 6_553.5, 10] })
    grid.say({ powerW: NaN })
    expect(meters.latest('grid')).toMatchObject({ reading: { currentA: [10, 10, 10] }, ageS: 1 })
    expect(meters.health()[0]).toMatchObject({ readings: 7, bad: 6 })
    expect(kept.at(-1)?.reading).toEqual({
      meterId: 'grid',
      measuredAtMs: START + 1_000,
      receivedAtMs: START + 1_000,
      quality: 'bad',
      reason: expect.stringMatching(/^powerW NaN is not within/),
    })
    grid.say({ currentA: [11, 10, 10] })
    grid.say({ quality: 'bad' })
    expect(messages()).toEqual([
      'warn: a reading of the meter cannot be trusted',
      'info: the readings of the meter are fine again',
      'warn: a reading of the meter cannot be trusted',
    ])
    expect(entries[0].fields).toMatchObject({
      meterId: 'grid',
      faults: ['currentA L2 6553.5 is not within -63 and 63'],
    })
    expect(entries[2].fields).toMatchObject({
      faults: ['its source calls it bad, or has no value'],
    })
    await meters.stop()
  })

  test('every reading is handed on with whether it is worth keeping', async () => {
    const grid = handMeter('grid')
    const meters = metersOf([{ source: grid, settings: { storeEveryS: 10 } }])
    await meters.start()
    for (let s = 0; s <= 20; s++) {
      grid.say({ powerW: 100, currentA: [0, 0, 0] })
      await after(1)
    }
    expect(kept).toHaveLength(21)
    expect(kept.flatMap(({ store }, s) => (store ? [s] : []))).toEqual([0, 10, 20])
    await meters.stop()
  })

  test('a source that cannot start or stop does not hold up the others', async () => {
    const good = handMeter('good')
    const broken: MeterSource = {
      id: 'broken',
      start: async () => Promise.reject(new Error('no licence')),
      stop: async () => Promise.reject(new Error('cannot stop')),
      health: () => ({ ok: false, sinceMs: START, detail: 'broken' }),
    }
    const meters = metersOf([{ source: broken }, { source: good }])
    await meters.start()
    good.say({ powerW: 1 })
    expect(meters.latest('good')).not.toBeNull()
    expect(meters.health()[0]).toMatchObject({
      meterId: 'broken',
      ok: false,
      ageS: null,
      stale: true,
    })
    await meters.stop()
    good.say({ powerW: 2 })
    expect(kept).toHaveLength(1)
    expect(messages()).toEqual([
      'error: the meter cannot be started',
      'error: a meter did not stop well',
    ])
  })

  test('two meters of one id are refused', () => {
    expect(() => metersOf([{ source: handMeter('a') }, { source: handMeter('a') }])).toThrow(
      'meters: "a" is there twice',
    )
  })

  test('a suspect reading counts, says why, and is logged once', async () => {
    const grid = handMeter('grid')
    const meters = metersOf([{ source: grid }])
    await meters.start()
    for (const powerW of [9_000, 9_100, -9_100, -9_050]) {
      grid.say({ powerW })
      await after(1)
    }
    expect(meters.latest('grid')?.reading).toMatchObject({
      powerW: -9_050,
      quality: 'suspect',
      reason: 'turned from 9.1 kW to -9.1 kW: its sign may have flipped',
    })
    expect(meters.health()[0].doubt).toMatch(/its sign may have flipped/)
    grid.say({ powerW: 9_000 })
    expect(meters.health()[0].doubt).toBeNull()
    expect(messages()).toEqual([
      'warn: the readings of the meter are suspect',
      'info: the readings of the meter are no longer suspect',
    ])
    await meters.stop()
  })
})
