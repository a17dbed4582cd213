import { describe, expect, test } from 'vitest'
import { createReplayGuard, MAX_AGE_MS } from '../../../../src/signals/mqtt/replay-guard.ts'
import { T0 } from '../../../fixtures/grid-site.ts'

describe('replays', () => {
  test.each([
    ['live and recent', -60_000, true, null],
    ['live and old', -MAX_AGE_MS - 1, true, /replay/],
    ['live, from the future', MAX_AGE_MS + 1, true, /clock/],
    ['stored and old', -86_400_000, false, null],
  ])('%s', (_name, age, live, expected) => {
    const verdict = createReplayGuard().check('id', 'e1 #0', T0 + age, live, T0)
    if (expected === null) expect(verdict).toBeNull()
    else expect(verdict).toMatch(expected)
  })

  test('an id names one document for ever, and a repeat of it is no replay', () => {
    const guard = createReplayGuard()
    expect(guard.check('id', 'e1 #0', T0, true, T0)).toBeNull()
    expect(guard.check('id', 'e1 #0', T0, true, T0)).toBeNull()
    expect(guard.check('id', 'e1 #1', T0, true, T0)).toMatch(/used before, for e1 #0/)
  })
})
