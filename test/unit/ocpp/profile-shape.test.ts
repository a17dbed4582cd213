import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_CAPABILITY } from '../../../src/domain/evse-state.ts'
import { inTakenUnit, otherAttempts } from '../../../src/ocpp/profile-attempts.ts'
import {
  convertUnit,
  profileFault,
  readComposite,
  shapeProfile,
  stepDown,
} from '../../../src/ocpp/profile-shape.ts'
import { FAILSAFE, TX } from './profiles.ts'

test.each([
  [16.9, 1, 16],
  [16, 1, 16],
  [0.3, 0.1, 0.3],
  [8.1, 0.1, 8.1],
  [8.19, 0.1, 8.1],
  [0, 1, 0],
  [-3, 1, 0],
  [11_039.9, 1, 11_039],
  [13, 5, 10],
])('%d A in steps of %d is %d', (limit, step, expected) => {
  expect(stepDown(limit, step)).toBe(expected)
})

test('a limit is never raised, and loses less than a step', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      fc.constantFrom(0.1, 0.5, 1, 100),
      (limit, step) => {
        const shaped = stepDown(limit, step)
        expect(shaped).toBeLessThanOrEqual(limit + 1e-6)
        expect(limit - shaped).toBeLessThan(step + 1e-6)
      },
    ),
  )
})

test('the stack level stays within what the station takes', () => {
  const shaped = (maxStackLevel: number) =>
    shapeProfile(TX, { ...DEFAULT_CAPABILITY, maxStackLevel }, 0).stackLevel
  expect([shaped(0), shaped(1), shaped(8)]).toEqual([0, 1, 1])
})

test("times are told in the station's own time", () => {
  const shaped = shapeProfile(TX, DEFAULT_CAPABILITY, 90_000)
  expect(shaped.schedule.startMs).toBe(TX.schedule.startMs + 90_000)
  expect(shaped.validToMs).toBe((TX.validToMs ?? 0) + 90_000)
  expect(shapeProfile(FAILSAFE, DEFAULT_CAPABILITY, 90_000).validToMs).toBeNull()
})

const scheduled = (given: object) => ({ ...TX, schedule: { ...TX.schedule, ...given } })

test.each([
  ['a good profile', TX, null],
  ['no period', scheduled({ periods: [] }), 'first period'],
  ['a late first period', scheduled({ periods: [{ startS: 1, limit: 6 }] }), 'first period'],
  [
    'two periods at once',
    scheduled({
      periods: [
        { startS: 0, limit: 6 },
        { startS: 0, limit: 8 },
      ],
    }),
    'ascend',
  ],
  ['no number', scheduled({ periods: [{ startS: 0, limit: Number.NaN }] }), 'limits'],
  ['a negative limit', scheduled({ periods: [{ startS: 0, limit: -1 }] }), 'limits'],
  ['no time', scheduled({ durationS: 0 }), 'duration'],
])('%s', (_, profile, fault) => {
  if (fault === null) expect(profileFault(profile)).toBeNull()
  else expect(profileFault(profile)).toContain(fault)
})

test('amperes and watts by the wiring', () => {
  const watts = convertUnit(TX.schedule, 'W', 690)
  expect(watts.unit).toBe('W')
  expect(watts.periods[1].limit).toBe(6 * 690)
  expect(convertUnit(watts, 'A', 690).periods[1].limit).toBeCloseTo(6)
  expect(convertUnit(TX.schedule, 'A', 690)).toBe(TX.schedule)
})

test('a station that takes watts only gets watts', () => {
  const powerOnly = { ...DEFAULT_CAPABILITY, rateUnits: ['W' as const] }
  expect(inTakenUnit(TX, powerOnly, 690).schedule.unit).toBe('W')
  expect(inTakenUnit(TX, DEFAULT_CAPABILITY, 690)).toBe(TX)
  // Without a place in the site nobody knows what an ampere is worth.
  expect(inTakenUnit(TX, powerOnly, null)).toBe(TX)
})

test('what is left to try', () => {
  const capable = { ...DEFAULT_CAPABILITY, maxStackLevel: 8 }
  const names = (...given: Parameters<typeof otherAttempts>) =>
    otherAttempts(...given).map(({ name }) => name)
  expect(names(TX, capable, [], 690)).toEqual(['stack-level-0', 'other-unit'])
  expect(names(TX, capable, ['stack-level-0'], 690)).toEqual(['other-unit'])
  expect(names(FAILSAFE, capable, [], null)).toEqual([])
  expect(names(TX, DEFAULT_CAPABILITY, [], null)).toEqual([])
})

test('no limit in a composite schedule', () => {
  expect(readComposite(null, 'W', [{ startPeriod: 0, limit: -1 }]).periods).toEqual([
    { startS: 0, limit: Infinity },
  ])
})
