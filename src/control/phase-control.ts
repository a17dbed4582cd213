import { PHASES, type PerPhase } from '../domain/phases.ts'
import type { PhasesFixed, Reason } from '../domain/reason.ts'
import type { Evse } from '../domain/site.ts'
import { terminalPhases } from '../domain/wiring.ts'
import { initialPhases, maySwitch, type PhaseState } from '../engine/phase-switch.ts'
import type { CommandResult } from '../ports/station-gateway.ts'
import type { ControlRules } from './rules.ts'

/**
 * What the controller remembers of an EVSE that may switch between three phases and one. An accepted
 * profile for one phase proves nothing: until the meter has shown that the current flows on the one
 * line alone, it counts on every line that the vehicle may use.
 */
export interface PhaseControl {
  /** Site line (0, 1, 2) of the one phase, and its terminal as OCPP counts them. */
  readonly line: 0 | 1 | 2
  readonly terminal: 1 | 2 | 3
  state: PhaseState
  decidedMs: number
  /** When the number of phases changed last. */
  changedMs: number
  /** What three phases could have had at the last tick, and need at least. */
  budgetW: number
  threePhasesW: number
  /** Measurements on one phase in this session: the told line alone, and others too. */
  sightings: number
  strays: number
  /** A vehicle that had used more lines was on the told one alone: this station obeys. */
  isProven: boolean
  /** A profile for one phase was accepted in this session. */
  hasAccepted: boolean
  /** Why it does not switch, as experience tells; see `fixedCause` for the rest. */
  fixed: 'refused' | 'not-paused' | 'ignored' | null
}

export const newPhaseControl = ({ wiring, phaseSwitch }: Evse): PhaseControl | null => {
  if (!phaseSwitch) return null
  const { line } = phaseSwitch
  return {
    line,
    terminal: (terminalPhases(wiring).indexOf(line) + 1) as 1 | 2 | 3,
    state: initialPhases(3),
    decidedMs: 0,
    changedMs: -Infinity,
    budgetW: Infinity,
    threePhasesW: 0,
    sightings: 0,
    strays: 0,
    isProven: false,
    hasAccepted: false,
    fixed: null,
  }
}

/** A new transaction begins on three phases. A station that ignores what it is told stays known. */
export const startPhases = (phases: PhaseControl): void => {
  phases.state = initialPhases(3)
  phases.changedMs = -Infinity
  phases.sightings = 0
  phases.strays = 0
  phases.hasAccepted = false
  if (phases.fixed !== 'ignored') phases.fixed = null
}

/** After a restart within a transaction: its last profile is for so many phases. */
export const restorePhases = (phases: PhaseControl, count: 1 | 3, isVerified: boolean): void => {
  phases.state = initialPhases(count)
  phases.hasAccepted = count === 1
  phases.sightings = isVerified ? SIGHTINGS : 0
}

/** Seen often enough to believe it. */
export const SIGHTINGS = 2
/** A contactor or a vehicle may take so long to follow; until then lines are not learned. */
const FOLLOWS_MS = 60_000

/** What it was told about phases can be counted on. */
export const isTrusted = ({ isProven, sightings }: PhaseControl): boolean =>
  isProven || sightings >= SIGHTINGS

/** Its amperes are those of one phase: it is told one, and that can be counted on. */
export const countsAsOne = (phases: PhaseControl | null): boolean =>
  phases?.state.phases === 1 && isTrusted(phases)

/** Whether the lines that carry current are a choice of the vehicle, not of what it was told. */
export const showsVehicleLines = ({ state, changedMs }: PhaseControl, measuredAtMs: number) =>
  state.phases === 3 && measuredAtMs > changedMs + FOLLOWS_MS

/**
 * One measurement of a vehicle that charges under an accepted profile for one phase.
 *
 * @param usedManyLines it was seen on more than one line before: now it shows that the station obeys
 */
export const observeOnePhase = (
  phases: PhaseControl,
  currentA: PerPhase,
  usedManyLines: boolean,
  rules: ControlRules,
): void => {
  const isUsed = (line: number): boolean => currentA[line] > rules.phaseUsedA
  if ([0, 1, 2].some((line) => line !== phases.line && isUsed(line))) {
    phases.sightings = 0
    phases.isProven = false
    if (++phases.strays >= SIGHTINGS) phases.fixed = 'ignored'
    return
  }
  if (!isUsed(phases.line)) return
  phases.strays = 0
  if (++phases.sightings >= SIGHTINGS && usedManyLines) phases.isProven = true
}

/** Why it cannot be switched to one phase now; `null` = it can. */
export const fixedCause = (
  phases: PhaseControl,
  switchesPhases: boolean | undefined,
  isUnmetered: boolean,
  rules: ControlRules,
): PhasesFixed | null => {
  if (phases.fixed !== null) return phases.fixed
  if (switchesPhases === false) return 'unsupported'
  if (isUnmetered) return 'unmetered'
  return maySwitch(phases.state, rules.phases) ? null : 'used-up'
}

/** What a grant says about phases, if there is something to say. */
export const phaseReasons = (phases: PhaseControl, cause: PhasesFixed | null): Reason[] => {
  const { state, line, budgetW, threePhasesW } = phases
  if (state.phases === 1) {
    const phase = PHASES[line]
    const told: Reason = { code: 'one-phase', phase, budgetW, threePhasesW }
    return isTrusted(phases) ? [told] : [told, { code: 'one-phase-unproven', phase }]
  }
  const isMissed = state.wishS > 0
  const isLearned = cause === 'refused' || cause === 'not-paused' || cause === 'ignored'
  return cause !== null && (isMissed || isLearned) ? [{ code: 'phases-fixed', cause }] : []
}

/** Takes note if a refused profile for one phase means that the station cannot; true if it does. */
export const refuseOnePhase = (
  phases: PhaseControl,
  { reason }: CommandResult & { ok: false },
): boolean => {
  // One that has taken such a profile before refuses this one for something else.
  if (phases.hasAccepted || (reason !== 'rejected' && reason !== 'call-error')) return false
  phases.fixed = 'refused'
  phases.state = { ...initialPhases(3), switches: phases.state.switches }
  return true
}
