import { expect, test } from 'vitest'
import { createSettling } from '../../../src/control/settling.ts'
import type { EvseState } from '../../../src/domain/evse-state.ts'
import { MINUTE, SITE, T0 } from '../../fixtures/grid-site.ts'
import { session, states } from './planning/bench.ts'

const SECOND = 1_000

/** Two transactions; each station is heard from a second on (`null` = never). */
const heardFrom = (first: number | null, second: number | null) => (s: number) => {
  const [a, b, ...others] = states(SITE, [session('a'), session('b')])
  const of = (state: EvseState, from: number | null): EvseState => {
    const isHeard = from !== null && s >= from
    const measured = { atMs: T0, receivedAtMs: T0, powerW: 0 }
    return { ...state, ready: isHeard, measured: isHeard ? measured : null } as EvseState
  }
  return [of(a, first), of(b, second), ...others]
}

/** The second in which it is over. */
const settledAt = (statesAt: (s: number) => readonly EvseState[]): number => {
  const hasSettled = createSettling()
  for (let s = 0; s < 5 * 60; s++) if (hasSettled(T0 + s * SECOND, statesAt(s))) return s
  return Infinity
}

test('a site without transactions has nothing to wait for', () => {
  expect(settledAt(() => states(SITE, []))).toBe(0)
})

test('a restart waits until everybody is heard, and what was held of before has passed', () => {
  expect(settledAt(heardFrom(2, 7))).toBe(22)
})

test('but not for ever', () => {
  expect(settledAt(heardFrom(2, null))).toBe(MINUTE / SECOND)
})

test('once over it stays over', () => {
  const hasSettled = createSettling()
  expect(hasSettled(T0, states(SITE, []))).toBe(true)
  expect(hasSettled(T0 + SECOND, heardFrom(null, null)(0))).toBe(true)
})
