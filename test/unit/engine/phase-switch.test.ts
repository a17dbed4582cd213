import { expect, test } from 'vitest'
import {
  decidePhases,
  DEFAULT_PHASE_RULES as RULES,
  initialPhases,
  type PhaseState,
} from '../../../../src/engine/plan/phase-switch.ts'

const ONE_PHASE_W = 6 * 230

const after = (state: PhaseState, seconds: number, budgetW: number): PhaseState => {
  let now = state
  for (let s = 0; s < seconds; s++) now = decidePhases(now, budgetW, ONE_PHASE_W, 1, RULES)
  return now
}

test('goes down after half a minute of too little, then pauses', () => {
  expect(after(initialPhases(3), 29, 3000).phases).toBe(3)
  const down = after(initialPhases(3), 30, 3000)
  expect(down).toEqual({ phases: 1, wishS: 0, pauseS: 10, switches: 1 })
  expect(after(down, 10, 3000).pauseS).toBe(0)
})

test('a dip shorter than that does nothing', () => {
  const dipped = after(after(initialPhases(3), 20, 3000), 1, 5000)
  expect(after(dipped, 29, 3000).phases).toBe(3)
})

test('goes up only after ten minutes with a margin', () => {
  const exactly = 3 * ONE_PHASE_W
  expect(after(initialPhases(1), 3600, exactly).phases).toBe(1)
  expect(after(initialPhases(1), 599, exactly + 200).phases).toBe(1)
  expect(after(initialPhases(1), 600, exactly + 200).phases).toBe(3)
})

test('switches no more than allowed in a session', () => {
  let state = initialPhases(3)
  for (let k = 0; k < 10; k++) state = after(after(state, 700, 2000), 700, 9000)
  expect(state.switches).toBe(6)
})
