import { describe, expect, test } from 'vitest'
import {
  fixedCause,
  isTrusted,
  newPhaseControl,
  observeOnePhase,
  phaseReasons,
  refuseOnePhase,
  startPhases,
  type PhaseControl,
} from '../../../src/control/phase-control.ts'
import { DEFAULT_RULES as RULES } from '../../../src/control/rules.ts'
import type { Evse } from '../../../src/domain/site.ts'
import { initialPhases } from '../../../src/engine/phase-switch.ts'

const EVSE: Evse = {
  key: 'a/1',
  stationId: 'a',
  evseId: 1,
  nodeId: 'n',
  wiring: 'L3L1L2',
  current: 'AC',
  maxA: 32,
  minA: 6,
  failsafeA: 6,
  priority: 0,
  efficiency: 1,
  phaseSwitch: { line: 0 },
}
const onOne = (): PhaseControl => {
  const phases = newPhaseControl(EVSE)!
  phases.state = initialPhases(1)
  return phases
}
const TOLD = [10, 0, 0.4] as const
const STRAY = [10, 10, 10] as const

test('only those that may switch have a record; the terminal follows from the wiring', () => {
  const { phaseSwitch: _, ...fixed } = EVSE
  expect(newPhaseControl(fixed)).toBeNull()
  expect(newPhaseControl(EVSE)).toMatchObject({ line: 0, terminal: 2 })
})

describe('trust', () => {
  test('comes with the second sighting, and ends with the session', () => {
    const phases = onOne()
    observeOnePhase(phases, TOLD, false, RULES)
    expect(isTrusted(phases)).toBe(false)
    observeOnePhase(phases, [0, 0, 0], false, RULES)
    expect(isTrusted(phases)).toBe(false)
    observeOnePhase(phases, TOLD, false, RULES)
    expect(isTrusted(phases)).toBe(true)
    startPhases(phases)
    expect(isTrusted(phases)).toBe(false)
  })

  test('a vehicle that can use more lines proves the station, for later sessions too', () => {
    const phases = onOne()
    for (let k = 0; k < 2; k++) observeOnePhase(phases, TOLD, true, RULES)
    startPhases(phases)
    expect(isTrusted(phases)).toBe(true)
  })

  test('is gone with the first stray current; the second settles it for good', () => {
    const phases = onOne()
    for (let k = 0; k < 2; k++) observeOnePhase(phases, TOLD, true, RULES)
    observeOnePhase(phases, STRAY, true, RULES)
    expect(isTrusted(phases)).toBe(false)
    expect(phases.fixed).toBeNull()
    observeOnePhase(phases, STRAY, true, RULES)
    startPhases(phases)
    expect(phases.fixed).toBe('ignored')
  })
})

const refusal = (reason: 'rejected' | 'call-error' | 'timeout' | 'offline') =>
  ({ ok: false, reason, detail: '' }) as const

test.each([
  ['rejected', false, true],
  ['call-error', false, true],
  ['timeout', false, false],
  ['offline', false, false],
  ['rejected', true, false],
] as const)('%s, taken before: %s -> cannot: %s', (reason, hasAccepted, cannot) => {
  const phases = { ...onOne(), hasAccepted }
  expect(refuseOnePhase(phases, refusal(reason))).toBe(cannot)
  expect(phases.state.phases).toBe(cannot ? 3 : 1)
  startPhases(phases)
  expect(phases.fixed).toBeNull()
})

test('why it stays on three phases: experience first, then what the station says', () => {
  const phases = newPhaseControl(EVSE)!
  expect(fixedCause(phases, undefined, false, RULES)).toBeNull()
  expect(fixedCause(phases, true, false, RULES)).toBeNull()
  expect(fixedCause(phases, false, false, RULES)).toBe('unsupported')
  expect(fixedCause(phases, true, true, RULES)).toBe('unmetered')
  phases.state = { ...phases.state, switches: 5 }
  expect(fixedCause(phases, true, false, RULES)).toBe('used-up')
  phases.fixed = 'refused'
  expect(fixedCause(phases, false, true, RULES)).toBe('refused')
})

test('it is told when it matters', () => {
  const phases = newPhaseControl(EVSE)!
  expect(phaseReasons(phases, null)).toEqual([])
  expect(phaseReasons(phases, 'unsupported')).toEqual([])
  phases.state = { ...phases.state, wishS: 5 }
  expect(phaseReasons(phases, 'unsupported')).toEqual([
    { code: 'phases-fixed', cause: 'unsupported' },
  ])
  phases.state = { ...initialPhases(1) }
  phases.budgetW = 3_000
  phases.threePhasesW = 4_140
  const told = { code: 'one-phase', phase: 'L1', budgetW: 3_000, threePhasesW: 4_140 }
  expect(phaseReasons(phases, null)).toEqual([told, { code: 'one-phase-unproven', phase: 'L1' }])
  phases.isProven = true
  expect(phaseReasons(phases, null)).toEqual([told])
})
