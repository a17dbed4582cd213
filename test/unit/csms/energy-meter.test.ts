import { expect, test } from 'vitest'
import {
  anchorMeter,
  newEnergyMeter,
  proveScale,
  readRegister,
  startCount,
} from '../../../src/csms/energy-meter.ts'

const MINUTE_MS = 60_000
const RATED_W = 22_000

/** Reads a register each minute; returns what the session got. */
const deliver = (readings: readonly number[], powerW?: number): number => {
  const meter = newEnergyMeter()
  anchorMeter(meter, null, 0)
  readings.forEach((reading, index) => {
    readRegister(meter, reading, index * MINUTE_MS, RATED_W)
    if (powerW !== undefined && index > 0) proveScale(meter, powerW, MINUTE_MS)
  })
  return Math.round(meter.deliveredWh)
}

test.each([
  ['a lifetime register', [1_000_000, 1_000_180, 1_000_360], 360],
  ['the first reading only sets the mark', [5_000_000], 0],
  ['standing still', [1_000, 1_000, 1_000], 0],
  ['one wrong reading of zero', [1_000_000, 0, 1_000_100], 100],
  ['one wrong jump', [1_000_000, 9_000_000, 1_000_100], 100],
  ['a register that starts again with the session', [1_000_000, 20, 200, 380], 380],
  ['a register that was replaced by a higher one', [1_000, 5_000_000, 5_000_100], 100],
  ['kWh labelled Wh, against a start in Wh', [1_234_567, 1_234.6, 1_234.8], 233],
  ['negative readings', [1_000, -5, 1_100], 100],
  ['not a number', [1_000, Number.NaN, 1_100], 100],
])('%s', (_, readings, expected) => {
  expect(deliver(readings)).toBe(expected)
})

test('kWh labelled Wh from zero is found by the measured power', () => {
  const readings = Array.from({ length: 11 }, (_, minute) => minute * 0.18)
  expect(deliver(readings)).toBe(2)
  expect(deliver(readings, 10_800)).toBe(1_800)
})

test('power that agrees with the register leaves it alone', () => {
  const readings = Array.from({ length: 11 }, (_, minute) => 1_000 + minute * 180)
  expect(deliver(readings, 10_800)).toBe(1_800)
})

test('a proven scale is not doubted again', () => {
  const meter = newEnergyMeter()
  for (let minute = 0; minute <= 10; minute++) {
    readRegister(meter, 1_000_000 + minute * 180, minute * MINUTE_MS, RATED_W)
    if (minute > 0) proveScale(meter, 10_800, MINUTE_MS)
  }
  expect(meter.scaleProven).toBe(true)
  readRegister(meter, 1_001.9, 11 * MINUTE_MS, RATED_W)
  expect(meter.scale).toBe(1)
  expect(meter.implausible).toBe(1)
})

test('a new session counts from zero on the same register', () => {
  const meter = newEnergyMeter()
  anchorMeter(meter, null, 0)
  readRegister(meter, 1_000, 0, RATED_W)
  readRegister(meter, 1_200, MINUTE_MS, RATED_W)
  startCount(meter)
  readRegister(meter, 1_250, 2 * MINUTE_MS, RATED_W)
  expect(meter.deliveredWh).toBe(50)
})
