import { describe, expect, test } from 'vitest'
import { DEFAULT_DRAW_RULES, mayDrawA, type DrawState } from '../../../src/engine/may-draw.ts'

const NOW = 1_000_000_000
const LONG = NOW + DEFAULT_DRAW_RULES.lookAheadMs

const state = (over: Partial<DrawState>): DrawState => ({
  ratingA: 32,
  failsafeA: 6,
  online: true,
  accepted: null,
  inFlight: null,
  measured: null,
  ...over,
})
const accepted = (limitA: number, validToMs: number, previousA = 0, agoMs = 60_000) => ({
  limitA,
  validToMs,
  acceptedAtMs: NOW - agoMs,
  previousA,
})
const measured = (drawA: number, agoMs = 1000) => ({ drawA, measuredAtMs: NOW - agoMs })

describe('what an EVSE may draw', () => {
  const table: [string, Partial<DrawState>, number][] = [
    ['its rating when it never accepted anything', { failsafeA: null }, 32],
    ['its rating when it never accepted anything, offline', { failsafeA: null, online: false }, 32],
    ['its failsafe without a profile', {}, 6],
    ['nothing with a failsafe of zero', { failsafeA: 0 }, 0],
    ['what it accepted', { accepted: accepted(20, NOW + 90_000) }, 20],
    [
      'what it accepted, also when unreachable',
      { accepted: accepted(20, NOW + 1), online: false },
      20,
    ],
    ['its failsafe once the profile has run out', { accepted: accepted(20, NOW) }, 6],
    ['a pause that outlives every generous profile', { accepted: accepted(0, LONG) }, 0],
    ['its failsafe for a pause that does not', { accepted: accepted(0, LONG - 1) }, 6],
    [
      'its failsafe for a pause when unreachable',
      { accepted: accepted(0, LONG), online: false },
      6,
    ],
    ['a rise that is on its way', { accepted: accepted(10, LONG), inFlight: { limitA: 25 } }, 25],
    [
      'the old limit while a decrease is on its way',
      { accepted: accepted(20, LONG), inFlight: { limitA: 8 } },
      20,
    ],
    ['the old draw until the vehicle has had time', { accepted: accepted(8, LONG, 20, 4000) }, 20],
    [
      'what is measured after a decrease',
      { accepted: accepted(8, LONG, 20, 4000), measured: measured(11) },
      11,
    ],
    [
      'the limit when the vehicle has followed',
      { accepted: accepted(8, LONG, 20, 4000), measured: measured(7.9) },
      8,
    ],
    ['the new limit once the time is over', { accepted: accepted(8, LONG, 20, 5000) }, 8],
    [
      'what it draws when it disobeys',
      { accepted: accepted(10, LONG), measured: measured(16) },
      16,
    ],
    [
      'the limit within the tolerance of its meter',
      { accepted: accepted(10, LONG), measured: measured(11.4) },
      10,
    ],
    [
      'the limit when the measurement is too old',
      { accepted: accepted(10, LONG), measured: measured(16, 91_000) },
      10,
    ],
    [
      'the limit when it was measured before it was accepted',
      { accepted: accepted(10, LONG, 0, 500), measured: measured(16) },
      10,
    ],
  ]
  test.each(table)('%s', (_, over, expected) => {
    expect(mayDrawA(state(over), NOW, DEFAULT_DRAW_RULES)).toBe(expected)
  })
})
