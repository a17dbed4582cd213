import { expect, test } from 'vitest'
import {
  beginSwitch,
  decidePhases,
  DEFAULT_PHASE_RULES as RULES,
  gaveUp,
  initialPhases,
  wishedPhases,
  type PhaseState,
} from '../../../src/engine/phase-switch.ts'

const ONE_W = 6 * 230
const THREE_W = 3 * ONE_W

const budgetOf = (watts: number) => ({
  oneW: watts,
  threeW: watts,
  oneNeedsW: ONE_W,
  threeNeedW: THREE_W,
})

/** Second by second; at 0 A whenever it pauses. */
const after = (
  state: PhaseState,
  seconds: number,
  watts: number | null,
  seen: { canSwitch?: boolean; isAtZero?: boolean } = {},
): PhaseState => {
  let now = state
  for (let s = 0; s < seconds; s++) {
    const budget = watts === null ? null : budgetOf(watts)
    now = decidePhases(
      now,
      { budget, canSwitch: true, isAtZero: now.next !== null, ...seen },
      1,
      RULES,
    )
  }
  return now
}

test('goes down after half a minute of too little, and only after ten seconds at 0 A', () => {
  expect(after(initialPhases(3), 29, 3000).next).toBeNull()
  const pausing = after(initialPhases(3), 30, 3000)
  expect(pausing).toMatchObject({ phases: 3, next: 1, switches: 1 })
  expect(after(pausing, 9, 3000)).toMatchObject({ phases: 3, next: 1 })
  expect(after(pausing, 10, 3000)).toMatchObject({ phases: 1, next: null, switches: 1 })
})

test('the ten seconds count without a break', () => {
  const nearly = after(after(initialPhases(3), 30, 3000), 9, 3000)
  const disturbed = after(nearly, 1, 3000, { isAtZero: false })
  expect(after(disturbed, 9, 3000).phases).toBe(3)
  expect(after(disturbed, 10, 3000).phases).toBe(1)
})

test('gives up when it never comes to 0 A', () => {
  const pausing = after(initialPhases(3), 30, 3000)
  const before = after(pausing, 119, 3000, { isAtZero: false })
  expect(before.next).toBe(1)
  const left = after(before, 1, 3000, { isAtZero: false })
  expect(left).toMatchObject({ phases: 3, next: null, switches: 1 })
  expect(gaveUp(before, left)).toBe(true)
  expect(gaveUp(pausing, after(pausing, 10, 3000))).toBe(false)
})

test('a dip shorter than that does nothing', () => {
  const dipped = after(after(initialPhases(3), 20, 3000), 1, 5000)
  expect(dipped.wishS).toBe(0)
  expect(after(dipped, 29, 3000).next).toBeNull()
})

test('goes up only after ten minutes with a margin', () => {
  expect(after(initialPhases(1), 3600, THREE_W).next).toBeNull()
  expect(after(initialPhases(1), 599, THREE_W + 200).next).toBeNull()
  const pausing = after(initialPhases(1), 600, THREE_W + 200)
  expect(pausing).toMatchObject({ phases: 1, next: 3 })
  expect(after(pausing, 10, 0).phases).toBe(3)
})

test.each([
  { phases: 3, watts: THREE_W, wished: 3 },
  { phases: 3, watts: THREE_W - 1, wished: 1 },
  { phases: 3, watts: ONE_W, wished: 1 },
  { phases: 3, watts: ONE_W - 1, wished: 3 },
  { phases: 1, watts: ONE_W - 1, wished: 1 },
  { phases: 1, watts: THREE_W + 199, wished: 1 },
  { phases: 1, watts: THREE_W + 200, wished: 3 },
] as const)('$watts W on $phases speak for $wished', ({ phases, watts, wished }) => {
  expect(wishedPhases(phases, budgetOf(watts), RULES)).toBe(wished)
})

test('has no wish where nothing can be said', () => {
  expect(after(after(initialPhases(3), 29, 3000), 1, null).wishS).toBe(0)
})

test('counts the wish of one that cannot switch', () => {
  expect(after(initialPhases(3), 100, 3000, { canSwitch: false })).toMatchObject({
    phases: 3,
    next: null,
    wishS: 100,
  })
})

test('switches no more than allowed in a session, and ends on three phases', () => {
  let state = initialPhases(3)
  for (let k = 0; k < 10; k++) state = after(after(state, 700, 2000), 700, 9000)
  expect(state).toMatchObject({ switches: 6, phases: 3 })
  const odd = { ...RULES, maxSwitches: 1 }
  const seen = { budget: budgetOf(2000), canSwitch: true, isAtZero: false }
  expect(decidePhases({ ...initialPhases(3), wishS: 600 }, seen, 1, odd).next).toBeNull()
})

test('a switch that must be is made and counted', () => {
  expect(beginSwitch({ ...initialPhases(1), switches: 6, wishS: 3 }, 3)).toEqual({
    phases: 1,
    next: 3,
    wishS: 0,
    pausingS: 0,
    zeroS: 0,
    switches: 7,
  })
})
