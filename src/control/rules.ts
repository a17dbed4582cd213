import { DEFAULT_DEMAND_RULES, type DemandRules } from '../engine/demand.ts'
import { DEFAULT_DRAW_RULES, type DrawRules } from '../engine/may-draw.ts'
import { DEFAULT_PHASE_RULES, type PhaseRules } from '../engine/phase-switch.ts'
import { DEFAULT_RESPONSE_RULES, type ResponseRules } from './vehicle-response.ts'

/** Timing and thresholds of the control loop. */
export interface ControlRules {
  /**
   * Life of a profile above the failsafe; the long one where the site bears it in silence, with every
   * load at its design. Safety looks as far ahead as the long one lives (`draw.lookAheadMs`).
   */
  readonly profileValidityMs: number
  readonly longValidityMs: number
  /** Profiles below the failsafe live longer, so that they outlast every generous one. */
  readonly restrictiveValidityMs: number
  /** Time between two rises of one EVSE. Decreases always go out. */
  readonly riseEveryMs: number
  /** Smaller changes wait until they are needed or grow. */
  readonly deadBandA: number
  readonly deadBandFraction: number
  readonly minOnMs: number
  /** Longest rest after a pause; a pause that the plan wants rests so long. */
  readonly minOffMs: number
  /** Rest after the second pause of an hour for want of power; twice as long after each further one. */
  readonly firstRestMs: number
  /** After a refused or unanswered command; twice as long after each further one in a row. */
  readonly retryAfterMs: number
  /** The same where a limit needs the station to draw less, however often it refused. */
  readonly urgentRetryMs: number
  /** A station that does not know profiles is asked again after so long. */
  readonly unsupportedRetryMs: number
  /** Draw above the accepted limit for this long is disobedience. */
  readonly disobeyAfterMs: number
  /** A line counts as used by the vehicle above this current. */
  readonly phaseUsedA: number
  /** Free capacity is given out once it has been free this long. */
  readonly holdMs: number
  /** Rewriting happens at the latest when this part of the margin is used up. */
  readonly guard: number
  readonly startBeforeMs: number
  /** Transactions that a station ended by itself are started again. */
  readonly remoteStart: boolean
  readonly draw: DrawRules
  readonly response: ResponseRules
  readonly demand: DemandRules
  readonly phases: PhaseRules
}

/**
 * Life of a profile below the failsafe: long enough to outlast all generous ones from any moment on,
 * and to be renewed seldom.
 */
export const restrictiveLife = (lookAheadMs: number): number =>
  lookAheadMs + Math.max(lookAheadMs, 600_000)

export const DEFAULT_RULES: ControlRules = {
  profileValidityMs: 180_000,
  longValidityMs: 900_000,
  restrictiveValidityMs: restrictiveLife(900_000),
  riseEveryMs: 10_000,
  deadBandA: 1,
  deadBandFraction: 0.05,
  minOnMs: 15 * 60_000,
  minOffMs: 10 * 60_000,
  firstRestMs: 60_000,
  retryAfterMs: 30_000,
  urgentRetryMs: 10_000,
  unsupportedRetryMs: 3_600_000,
  disobeyAfterMs: 7_000,
  phaseUsedA: 1,
  holdMs: 10_000,
  guard: 0.5,
  startBeforeMs: 60_000,
  remoteStart: true,
  draw: DEFAULT_DRAW_RULES,
  response: DEFAULT_RESPONSE_RULES,
  demand: DEFAULT_DEMAND_RULES,
  phases: DEFAULT_PHASE_RULES,
}
