import { describe, expect, test } from 'vitest'
import { readMeter } from '../../../src/tariffs/meter.ts'

const MIN_MS = 60_000

describe('energy of a stretch', () => {
  const meter = readMeter({
    startMs: 0,
    stepS: 900,
    importWh: [100, 200, 400],
    exportWh: [0, 8, 0],
  })

  test.each([
    ['all', 0, 45, 700, 8],
    ['one step', 15, 30, 200, 8],
    ['a part of a step', 15, 20, 200 / 3, 8 / 3],
    ['parts of two', 10, 20, 100 / 3 + 200 / 3, 8 / 3],
    ['more than was metered', -60, 600, 700, 8],
    ['before', -60, 0, 0, 0],
    ['after', 45, 60, 0, 0],
  ])('%s', (_, from, to, drawn, fed) => {
    expect(meter.importWh(from * MIN_MS, to * MIN_MS)).toBeCloseTo(drawn, 9)
    expect(meter.exportWh(from * MIN_MS, to * MIN_MS)).toBeCloseTo(fed, 9)
  })
})

test('what is not recorded is a gap, not zero', () => {
  const meter = readMeter([
    { startMs: 60 * MIN_MS, stepS: 900, importWh: [NaN, 50] },
    { startMs: 0, stepS: 900, importWh: [100, NaN, NaN] },
  ])
  expect(meter.gaps).toEqual([{ startMs: 15 * MIN_MS, endMs: 75 * MIN_MS }])
  expect(meter.coveredMs(0, 90 * MIN_MS)).toBe(30 * MIN_MS)
  expect(meter.importWh(0, 90 * MIN_MS)).toBe(150)
})

test('a step without export reading is not recorded either', () => {
  const meter = readMeter({ startMs: 0, stepS: 60, importWh: [1, 2], exportWh: [0, NaN] })
  expect(meter.gaps).toEqual([{ startMs: MIN_MS, endMs: 2 * MIN_MS }])
})

test('pieces may have different steps', () => {
  const meter = readMeter([
    { startMs: 0, stepS: 3600, importWh: [600] },
    { startMs: 60 * MIN_MS, stepS: 300, importWh: [1, 2] },
  ])
  expect(meter.stepS).toBe(3600)
  expect(meter.importWh(30 * MIN_MS, 65 * MIN_MS)).toBe(301)
})

test.each([
  ['negative energy', { startMs: 0, stepS: 60, importWh: [1, -2] }, /series 0: step 1 is -2 Wh/],
  ['negative export', { startMs: 0, stepS: 60, importWh: [1], exportWh: [-3] }, /step 0 is -3 Wh/],
  ['no steps', { startMs: 0, stepS: 60, importWh: [] }, /must have 1 to/],
  ['no length', { startMs: 0, stepS: 0, importWh: [1] }, /stepS must be/],
  ['no time', { startMs: NaN, stepS: 60, importWh: [1] }, /startMs must be/],
  [
    'unequal lists',
    { startMs: 0, stepS: 60, importWh: [1, 2], exportWh: [1] },
    /importWh has 2 steps and exportWh has 1/,
  ],
])('%s is refused', (_, series, message) => {
  expect(() => readMeter(series)).toThrow(message)
})

test('pieces that overlap are refused', () => {
  const piece = { startMs: 0, stepS: 60, importWh: [1, 2] }
  expect(() => readMeter([piece, { ...piece, startMs: 60_000 }])).toThrow(
    'metered series overlap at 1970-01-01T00:01:00.000Z',
  )
  expect(() => readMeter([])).toThrow('there is no metered series')
})
