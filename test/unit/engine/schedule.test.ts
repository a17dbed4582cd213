import { expect, test } from 'vitest'
import { notAboveAfter } from '../../../src/engine/schedule.ts'

const SEGMENTS = [
  { startMs: 0, endMs: 100, limitA: 20 },
  { startMs: 100, endMs: 500, limitA: 8 },
]

test.each([
  [
    50,
    [
      [0, 50, 20],
      [50, 100, 6],
      [100, 500, 6],
    ],
  ],
  [
    100,
    [
      [0, 100, 20],
      [100, 500, 6],
    ],
  ],
  [
    300,
    [
      [0, 100, 20],
      [100, 300, 8],
      [300, 500, 6],
    ],
  ],
  [
    500,
    [
      [0, 100, 20],
      [100, 500, 8],
    ],
  ],
] as const)('not above 6 A after %i', (atMs, expected) => {
  expect(
    notAboveAfter(SEGMENTS, 6, atMs).map(({ startMs, endMs, limitA }) => [startMs, endMs, limitA]),
  ).toEqual(expected)
})

test('what is lower stays', () => {
  expect(notAboveAfter(SEGMENTS, 10, 0).map(({ limitA }) => limitA)).toEqual([10, 8])
})
