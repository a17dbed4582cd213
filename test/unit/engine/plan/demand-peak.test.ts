import { expect, test } from 'vitest'
import type { DemandCharge } from '../../../../src/domain/price.ts'
import { demandPeak, onlinePeak } from '../../../../src/engine/plan/demand-peak.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Midnight where it is UTC+01:00. */
const MIDNIGHT_MS = Date.UTC(2026, 0, 1) - HOUR_MS
const charge: DemandCharge = {
  pricePerKw: 15,
  windowS: 3600,
  billedW: 4000,
  periodEndMs: MIDNIGHT_MS + 30 * DAY_MS,
}
const day = (fromMs: number) => ({ startMs: fromMs, stepS: 900, steps: 96, offsetMs: HOUR_MS })

test('windows lie on the local clock', () => {
  expect(demandPeak(charge, day(MIDNIGHT_MS))).toMatchObject({
    pricePerKw: 15,
    billedW: 4000,
    windowSteps: 4,
    offset: 0,
  })
  expect(demandPeak(charge, day(MIDNIGHT_MS + 900_000)).offset).toBe(3)
})

test('steps after the period, and outside of the hours that count, are free', () => {
  const late = demandPeak(charge, day(MIDNIGHT_MS + 29.5 * DAY_MS))
  expect([...late.mask]).toEqual([...Array<number>(48).fill(1), ...Array<number>(48).fill(0)])
  const span = { startMs: MIDNIGHT_MS + HOUR_MS, endMs: MIDNIGHT_MS + 2 * HOUR_MS }
  const few = demandPeak({ ...charge, counts: [span] }, day(MIDNIGHT_MS))
  expect([...few.mask].flatMap((counts, t) => (counts ? [t] : []))).toEqual([4, 5, 6, 7])
})

test('a plan of a day sees the part of the price that is left to the days of the period', () => {
  expect(onlinePeak(charge, day(MIDNIGHT_MS)).pricePerKw).toBeCloseTo(0.5)
  expect(onlinePeak(charge, day(MIDNIGHT_MS + 20 * DAY_MS)).pricePerKw).toBeCloseTo(1.5)
  expect(onlinePeak(charge, day(MIDNIGHT_MS + 29.5 * DAY_MS)).pricePerKw).toBe(15)
  // The next period has all its days, whatever is left of this one.
  const startMs = MIDNIGHT_MS + 30 * DAY_MS
  const next = { ...charge, periodEndMs: startMs + 30 * DAY_MS }
  const counts = [{ startMs, endMs: next.periodEndMs }]
  expect(onlinePeak({ ...next, counts }, day(startMs - DAY_MS / 2)).pricePerKw).toBeCloseTo(0.5)
})

test('what was reached in the period before will nearly be reached again', () => {
  const levelW = (billedW: number, previousW?: number): number =>
    onlinePeak({ ...charge, billedW, ...(previousW && { previousW }) }, day(MIDNIGHT_MS)).billedW
  expect(levelW(4000)).toBe(4000)
  expect(levelW(4000, 3000)).toBe(4000)
  expect(levelW(4000, 10_000)).toBe(7500)
})
