import { expect, test } from 'vitest'
import type { ChargingSchedule } from '../../../../src/domain/charging-profile.ts'
import { staysWithin } from '../../../../src/ocpp/v201/ev-schedule.ts'

const schedule = (
  periods: readonly (readonly [number, number])[],
  given: Partial<ChargingSchedule> = {},
): ChargingSchedule => ({
  startMs: 0,
  durationS: null,
  unit: 'A',
  numberPhases: 3,
  periods: periods.map(([startS, limit]) => ({ startS, limit })),
  ...given,
})

test.each([
  ['below', schedule([[0, 10]]), schedule([[0, 16]]), true],
  ['equal', schedule([[0, 16]]), schedule([[0, 16]]), true],
  ['above', schedule([[0, 20]]), schedule([[0, 16]]), false],
  ['rounded', schedule([[0, 16.1]]), schedule([[0, 16]]), true],
  [
    'above later, where ours falls',
    schedule([[0, 16]]),
    schedule([
      [0, 16],
      [60, 6],
    ]),
    false,
  ],
  [
    'over before ours falls',
    schedule([[0, 16]], { durationS: 60 }),
    schedule([
      [0, 16],
      [60, 6],
    ]),
    true,
  ],
  [
    'shifted by its start',
    schedule([[0, 16]], { startMs: 60_000 }),
    schedule([
      [0, 20],
      [60, 6],
    ]),
    false,
  ],
  [
    'beyond what we said',
    schedule([
      [0, 10],
      [600, 99],
    ]),
    schedule([[0, 16]], { durationS: 600 }),
    true,
  ],
  ['in another unit', schedule([[0, 9_999]], { unit: 'W' }), schedule([[0, 16]]), true],
])('a vehicle schedule that is %s', (_, vehicle, ours, expected) => {
  expect(staysWithin(vehicle, ours)).toBe(expected)
})
