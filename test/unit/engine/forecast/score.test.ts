import { expect, test } from 'vitest'
import {
  pinball,
  scoreForecasts,
  type ForecastRecord,
} from '../../../../src/engine/forecast/score.ts'
import { scoreTable } from '../../../../src/engine/forecast/score-table.ts'
import { DAY_MS } from './calendars.ts'

const record = (given: Partial<ForecastRecord> = {}): ForecastRecord => ({
  kind: 'load',
  subject: 'grid',
  madeAtMs: 0,
  leadS: 3_600,
  quantiles: [
    [0.1, 8],
    [0.5, 10],
    [0.9, 15],
  ],
  baseline: 14,
  actual: 12,
  ...given,
})

test('the pinball loss leans to one side', () => {
  expect(pinball(0.9, 10, 20)).toBeCloseTo(9)
  expect(pinball(0.9, 20, 10)).toBeCloseTo(1)
  expect(pinball(0.5, 3, 5)).toBe(1)
})

test('by hand', () => {
  const [row] = scoreForecasts([record(), record({ actual: 20, baseline: null })])
  expect(row).toMatchObject({ kind: 'load', leadS: 3_600, count: 2, mae: 6, bias: -6 })
  // The simple rule spoke once: it was off by 2, and so were we.
  expect(row).toMatchObject({ baselineMae: 2, skill: 0 })
  const [low, middle, high] = row.levels
  expect(low).toMatchObject({ level: 0.1, coverage: 0, baselineLoss: expect.closeTo(1.8) })
  expect(low.loss).toBeCloseTo((0.1 * 4 + 0.1 * 12) / 2)
  expect(middle.loss).toBeCloseTo((0.5 * 2 + 0.5 * 10) / 2)
  expect(high).toMatchObject({ coverage: 0.5, loss: expect.closeTo((0.1 * 3 + 0.9 * 5) / 2) })
})

test('kinds and leads are rows of their own, in order; the last days by themselves', () => {
  const rows = scoreForecasts(
    [
      record({ kind: 'pv', leadS: 900, actual: 10 }),
      record({ leadS: 86_400 }),
      record({ madeAtMs: 20 * DAY_MS, actual: 11 }),
      record({ madeAtMs: 1 * DAY_MS, actual: 30 }),
    ],
    { recentMs: 7 * DAY_MS },
  )
  expect(rows.map(({ kind, leadS, count }) => [kind, leadS, count])).toEqual([
    ['load', 3_600, 2],
    ['load', 86_400, 1],
    ['pv', 900, 1],
  ])
  expect(rows[0]).toMatchObject({ mae: 10.5, recent: { count: 1, mae: 1 } })
  expect(rows[1].recent).toBeNull()
})

test('records that hold no number are left out', () => {
  expect(
    scoreForecasts([
      record({ actual: Number.NaN }),
      record({ quantiles: [] }),
      record({ quantiles: [[0.5, Infinity]] }),
      record({ quantiles: [[50, 1]] }),
      record({ baseline: Number.NaN }),
    ]),
  ).toEqual([])
})

test('the table for people', () => {
  const watts = { quantiles: [[0.5, 10_000]] as const, baseline: 14_000, actual: 12_000 }
  const text = scoreTable(
    scoreForecasts([
      record(watts),
      record({ kind: 'departure', leadS: 0, quantiles: [[0.5, 7]], baseline: 8, actual: 7.5 }),
      record({
        kind: 'departure',
        leadS: 14_400,
        quantiles: [[0.5, 7]],
        baseline: null,
        actual: 7,
      }),
    ]),
  )
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    // prettier-ignore
    ['forecast', 'made', 'count', 'unit', 'error', 'simple', 'better', 'bias', 'P50 loss', 'simple', 'came', 'recent', 'simple'],
    // prettier-ignore
    ['departure', 'at plug-in', '1', 'h', '0.50', '0.50', '0 %', '-0.50', '0.25', '0.25', '0.0 %', '0.50', '0.50'],
    // prettier-ignore
    ['departure', 'after 4 h', '1', 'h', '0.00', '-', '-', '0.00', '0.00', '-', '100.0 %', '0.00', '-'],
    // prettier-ignore
    ['load', '1 h ahead', '1', 'kW', '2.00', '2.00', '0 %', '-2.00', '1.00', '1.00', '0.0 %', '2.00', '2.00'],
  ])
  expect(scoreTable([])).toBe('There is nothing to score yet.')
})
