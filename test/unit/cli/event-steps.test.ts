import { describe, expect, test } from 'vitest'
import { isFollowed, isSettled, stepText, type Step } from '../../../src/cli/event/steps.ts'
import { signalText, valueText } from '../../../src/cli/event/words.ts'
import { createTimes } from '../../../src/cli/text.ts'

const step = (state: string, more: Partial<Step> = {}): Step => ({
  modification: 0,
  state,
  at: '2026-11-22T08:00:01Z',
  code: null,
  reason: null,
  committedW: null,
  ...more,
})

const NOW = 1_000
const SOON = 2_000
const DEADLINE = 10_000
const LATER = 20_000

describe('whether anything more is to come before the deadline', () => {
  test.each([
    [[], NOW, LATER, false],
    [['received'], NOW, LATER, false],
    [['received', 'accepted'], SOON, LATER, false],
    [['received', 'accepted'], LATER, LATER + 1, true],
    [['received', 'partial'], LATER, LATER + 1, true],
    [['received', 'accepted', 'started'], NOW, LATER, true],
    [['received', 'accepted', 'started'], NOW, SOON, false],
    [['received', 'accepted', 'started', 'completed'], NOW, SOON, true],
    [['rejected'], NOW, LATER, true],
    [['received', 'expired'], NOW, LATER, true],
    [['received', 'opted-out'], NOW, LATER, true],
    [['received', 'accepted', 'started', 'aborted'], NOW, LATER, true],
    // A cancellation: received, and cancelled when it has stopped.
    [['received'], NOW, NOW, false],
    [['received', 'cancelled'], NOW, NOW, true],
  ])('%j, starts at %i, ends at %i', (states, startMs, endMs, wanted) => {
    const steps = states.map((state) => step(state))
    expect(isSettled(steps, { startMs, endMs }, DEADLINE)).toBe(wanted)
  })
})

test.each([
  [[], false],
  [['received'], true],
  [['received', 'partial', 'started'], true],
  [['received', 'cancelled'], true],
  [['rejected'], false],
  [['received', 'expired'], false],
  [['received', 'accepted', 'aborted'], false],
])('%j is followed: %s', (states, wanted) => {
  expect(isFollowed(states.map((state) => step(state)))).toBe(wanted)
})

test('a step is one line', () => {
  const times = createTimes(0, 'UTC')
  expect(stepText(step('received'), times)).toBe('08:00:01  received')
  expect(
    stepText(
      step('partial', { committedW: [25_000, 9_000], code: 'infeasible', reason: 'failsafes' }),
      times,
    ),
  ).toBe('08:00:01  partial: commits to 25.0 kW, 9.0 kW (infeasible: failsafes)')
})

test.each([
  [20_000, 'W', '20.0 kW'],
  [16, 'A', '16 A'],
  [0.405, 'fraction', '40.5 %'],
  [2, 'level', '2'],
  [-0.02, 'currency/kWh', '-0.02 EUR/kWh'],
  [350, 'g/kWh', '350 g/kWh'],
  [null, 'W', 'nothing'],
] as const)('%s in %s', (value, unit, wanted) => {
  expect(valueText(value, { unit, currency: 'EUR' })).toBe(wanted)
})

test('an event says what holds now, else what comes, else what was', () => {
  const signal = { kind: 'import-limit', unit: 'W', scope: 'evse', currency: null } as const
  const interval = (id: number, hour: string, value: number) => ({
    id,
    start: `2026-11-22T${hour}:00:00Z`,
    end: `2026-11-22T${hour}:30:00Z`,
    value,
  })
  const intervals = [interval(0, '10', 1_000), interval(1, '12', 2_000)]
  const event = { signal, intervals, targets: [] }
  const at = (time: string): string => signalText(event, Date.parse(`2026-11-22T${time}:00Z`))
  expect(at('09:00')).toBe('import limit 1.0 kW for each EVSE')
  expect(at('10:15')).toBe('import limit 1.0 kW for each EVSE')
  expect(at('11:00')).toBe('import limit 2.0 kW for each EVSE')
  expect(at('13:00')).toBe('import limit 2.0 kW for each EVSE')
})

const MINUTE = { id: 0, start: '2026-11-22T10:00:00Z', end: '2026-11-22T10:01:00Z' }

test.each([
  ['import-limit', 'A', 6, ['GARAGE-1'], 'import limit 6 A for controlled chargers at GARAGE-1'],
  [
    'level',
    'level',
    2,
    ['a', 'b', 'c', 'd'],
    'level 2 for controlled chargers at a, b, c and 1 more',
  ],
  ['no-charge', 'level', 1, ['street'], 'no charge at street'],
  ['alert', 'level', 1, [], 'alert'],
  ['price', 'currency/kWh', 0.3, [], 'price 0.3 EUR/kWh'],
  ['soc-target', 'fraction', 0.5, ['CP1/1'], 'soc target 50 % at CP1/1'],
] as const)('%s says where only if that is a question', (kind, unit, value, targets, wanted) => {
  const signal = { kind, unit, scope: 'controllable', currency: 'EUR' } as const
  const event = { signal, intervals: [{ ...MINUTE, value }], targets: [...targets] }
  expect(signalText(event, 0)).toBe(wanted)
})
