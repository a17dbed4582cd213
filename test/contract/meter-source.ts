import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PerPhase } from '../../src/domain/phases.ts'
import type { Quality, Reading } from '../../src/domain/reading.ts'
import type { Log } from '../../src/ports/log.ts'
import type { MeterSource } from '../../src/ports/meter-source.ts'
import { recordingLog } from '../fixtures/recording-log.ts'

export interface Shown {
  readonly powerW: number
  readonly currentA: PerPhase
  readonly quality?: Quality
}

/** A source with the real thing that it measures. */
export interface MeterBench {
  readonly source: MeterSource
  /** The counterpart has these values from now on, and says so again and again. */
  show(values: Shown): void
  /** The other end goes away. */
  cut?(): Promise<void>
  /** The other end comes back. */
  restore?(): Promise<void>
  close(): Promise<void>
}

/** What this kind can do. */
export interface MeterContractOptions {
  /** Whether the counterpart can say that a value is bad. */
  readonly knowsBad: boolean
  /** Whether there is a connection that can break. */
  readonly connects: boolean
}

const PATIENCE = { timeout: 15_000, interval: 20 }

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What every meter must do, whatever it is. */
export const meterSourceContract = (
  name: string,
  open: (log: Log) => Promise<MeterBench>,
  { knowsBad, connects }: MeterContractOptions,
): void => {
  describe(`meter source contract: ${name}`, () => {
    let bench: MeterBench
    let readings: Reading[]

    beforeEach(async () => {
      bench = await open(recordingLog().log)
      readings = []
    })
    afterEach(async () => {
      await bench.source.stop()
      await bench.close()
    })

    const start = (): Promise<void> => bench.source.start((reading) => void readings.push(reading))

    /** Waits for a reading that came after the call. */
    const reading = async (wanted: (reading: Reading) => boolean): Promise<Reading> => {
      const from = readings.length
      return vi.waitFor(() => {
        const found = readings.slice(from).find(wanted)
        if (!found) throw new Error(`not among ${JSON.stringify(readings.slice(from).slice(-3))}`)
        return found
      }, PATIENCE)
    }
    const power =
      (watts: number) =>
      ({ powerW, quality }: Reading): boolean =>
        powerW === watts && quality === 'good'

    test('is silent and not well before it is started', async () => {
      bench.show({ powerW: 1, currentA: [1, 0, 0] })
      await pause(300)
      expect(readings).toEqual([])
      expect(bench.source.health().ok).toBe(false)
      expect(bench.source.health().detail).not.toBe('')
    })

    test('delivers what is measured, with its name, quality and both times', async () => {
      const beforeMs = Date.now()
      bench.show({ powerW: 6_900, currentA: [5, 10, 15] })
      await start()
      const first = await reading(power(6_900))
      expect(first).toMatchObject({ meterId: bench.source.id, currentA: [5, 10, 15] })
      expect(first.receivedAtMs).toBeGreaterThanOrEqual(beforeMs)
      expect(first.receivedAtMs).toBeLessThanOrEqual(Date.now())
      expect(first.measuredAtMs).toBeGreaterThan(beforeMs - 5_000)
      expect(first.measuredAtMs).toBeLessThanOrEqual(Date.now())
      await vi.waitFor(() => expect(bench.source.health().ok).toBe(true), PATIENCE)
      expect(bench.source.health().sinceMs).toBeLessThanOrEqual(Date.now())
    })

    test('follows the values, down to a real zero and below', async () => {
      bench.show({ powerW: 6_900, currentA: [10, 10, 10] })
      await start()
      await reading(power(6_900))
      bench.show({ powerW: 0, currentA: [0, 0, 0] })
      expect(await reading(power(0))).toMatchObject({ currentA: [0, 0, 0] })
      bench.show({ powerW: -2_300, currentA: [0, -10, 0] })
      expect(await reading(power(-2_300))).toMatchObject({ currentA: [0, -10, 0] })
    })

    test('keeps saying what does not change', async () => {
      bench.show({ powerW: 500, currentA: [1, 1, 1] })
      await start()
      const first = await reading(power(500))
      const later = await reading(
        (next) => power(500)(next) && next.measuredAtMs > first.measuredAtMs,
      )
      expect(later.receivedAtMs).toBeGreaterThan(first.receivedAtMs)
    })

    test('after stop nothing comes; stopping twice and starting again are fine', async () => {
      bench.show({ powerW: 500, currentA: [1, 1, 1] })
      await bench.source.stop()
      await start()
      await reading(power(500))
      await bench.source.stop()
      await bench.source.stop()
      const count = readings.length
      bench.show({ powerW: 600, currentA: [1, 1, 1] })
      await pause(400)
      expect(readings).toHaveLength(count)
      expect(bench.source.health().ok).toBe(false)
      await start()
      await reading(power(600))
    })

    if (knowsBad) {
      test('a bad value is bad, not good and not zero', async () => {
        bench.show({ powerW: 500, currentA: [1, 1, 1] })
        await start()
        await reading(power(500))
        const before = readings.length
        bench.show({ powerW: 0, currentA: [0, 0, 0], quality: 'bad' })
        await reading(({ quality }) => quality === 'bad')
        expect(readings.slice(before).filter(power(0))).toEqual([])
        bench.show({ powerW: 700, currentA: [1, 1, 1] })
        await reading(power(700))
      })
    }

    if (connects) {
      test('the other end may be away at first, and again later', async () => {
        await bench.cut?.()
        bench.show({ powerW: 500, currentA: [1, 1, 1] })
        await start()
        await pause(200)
        expect(bench.source.health().ok).toBe(false)
        expect(readings).toEqual([])
        await bench.restore?.()
        await reading(power(500))
        await bench.cut?.()
        await vi.waitFor(() => expect(bench.source.health().ok).toBe(false), PATIENCE)
        const count = readings.length
        bench.show({ powerW: 600, currentA: [1, 1, 1] })
        await pause(200)
        expect(readings).toHaveLength(count)
        await bench.restore?.()
        await reading(power(600))
        await vi.waitFor(() => expect(bench.source.health().ok).toBe(true), PATIENCE)
      })
    }
  })
}
