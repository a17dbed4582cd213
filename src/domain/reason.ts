import type { Phase } from './phases.ts'

/** Why a grant is what it is. The first reason of a list is the binding one; see `Grant`. */
export type Reason =
  | { readonly code: 'node-limit'; nodeId: string; phase: Phase; limitA: number; loadA: number }
  | { readonly code: 'node-power'; nodeId: string; limitW: number; loadW: number }
  /** `evses`: so many together are limited that are no node of the tree; absent = a node or all. */
  | { readonly code: 'event-limit'; eventId: string; limitW: number; evses?: number }
  | { readonly code: 'event-evse-limit'; eventId: string; limitA: number }
  /** An event limits the current of one phase of a node, other loads included. */
  | {
      readonly code: 'event-node-limit'
      eventId: string
      nodeId: string
      phase: Phase
      limitA: number
      loadA: number
    }
  | { readonly code: 'setpoint'; eventId: string; targetW: number; evses?: number }
  | { readonly code: 'evse-rating'; maxA: number }
  | { readonly code: 'vehicle-draws-less'; drawA: number }
  | { readonly code: 'below-minimum'; minA: number }
  | { readonly code: 'waiting-turn'; waitedS: number }
  | { readonly code: 'minimum-off-time'; remainingS: number }
  | {
      readonly code: 'plan'
      planId: string
      targetA: number
      untilMs: number
      cause: PlanCause
    }
  | { readonly code: 'phase-switch'; phases: 1 | 3; forS: number }
  | { readonly code: 'one-phase'; phase: Phase; budgetW: number; threePhasesW: number }
  | { readonly code: 'one-phase-unproven'; phase: Phase }
  | { readonly code: 'phases-fixed'; cause: PhasesFixed }
  | { readonly code: 'ramp'; targetA: number }
  | { readonly code: 'room-pending'; waitingForA: number }
  | { readonly code: 'need-met'; energyWh: number }
  | { readonly code: 'no-session' }
  | { readonly code: 'offline'; sinceMs: number }
  /** Its station has never connected. */
  | { readonly code: 'planned' }
  /** Of a node: EVSEs that cannot be controlled now keep this much of it for what they may draw. */
  | {
      readonly code: 'reserved'
      cause: 'offline' | 'never-accepted' | 'disobeys' | 'failsafe'
      phase: Phase
      amps: number
      keys: readonly string[]
    }
  | { readonly code: 'never-accepted' }
  /** Somebody else limits the station, by what it reported itself (OCPP 2.x NotifyChargingLimit). */
  | { readonly code: 'station-external-limit'; limitA: number; source: string }
  /** The station does not know charging profiles. */
  | { readonly code: 'cannot-be-steered' }
  /** The configuration leaves it to others. */
  | { readonly code: 'control-off' }
  /** What ends by the clock cannot be sent before the station's clock is known. */
  | { readonly code: 'clock-unknown'; failsafeA: number }
  /** By what it says itself the station would draw more than its failsafe when nothing is heard. */
  | { readonly code: 'failsafe-overruled'; failsafeA: number; limitA: number }
  | { readonly code: 'disobeys'; acceptedA: number; measuredA: number }
  | { readonly code: 'meter-stale'; meterId: string; ageS: number }
  | {
      readonly code: 'meter-contradicted'
      meterId: string
      cause: MeterContradiction
      meteredA: number
      devicesA: number
    }
  | { readonly code: 'failsafe'; cause: string }
  | {
      readonly code: 'transaction-ended'
      cause: TransactionEnd
      /** What it takes to go on: power, the answer to a remote start, a retry, or a person. */
      next: 'power' | 'answer' | 'retry' | 'person'
      /** Remote starts that were sent. */
      attempts: number
      /** Of the next remote start; `Infinity` = none follows. */
      nextAtMs: number
    }
  | { readonly code: 'no-answer'; sinceMs: number; allowsA: number }
  | { readonly code: 'start-current'; offerA: number }
  | { readonly code: 'wake-up'; forS: number }

/**
 * What makes a plan give a vehicle no more now: a limit or an event (named by a reason of its own),
 * a demand charge, hours with a better price, or nothing but that its need is met in time.
 */
export type PlanCause = 'limit' | 'demand-charge' | 'price' | 'need'

/**
 * Why an EVSE that may switch between one and three phases does not: its station says that it
 * cannot, refused one phase, never went to 0 A, drew on other phases than it was told, does not
 * measure its phases, or has switched as often as it may in this session.
 */
export type PhasesFixed =
  'unsupported' | 'refused' | 'not-paused' | 'ignored' | 'unmetered' | 'used-up'

/**
 * Why a meter is not believed: it shows less than the devices behind it draw, it stands still while
 * they change, it shows what its connection cannot carry, or a load seems to feed in.
 */
export type MeterContradiction = 'below-devices' | 'frozen' | 'implausible' | 'reversed'

/** Ended by its station because the limit was 0, or cut off by a reset or a power loss. */
export type TransactionEnd = 'at-zero' | 'interrupted'

export type ReasonCode = Reason['code']

/** Amperes for one EVSE now, with why. */
export interface Grant {
  readonly key: string
  /** Per conductor. */
  readonly limitA: number
  readonly reasons: readonly Reason[]
  /** How many of the first reasons bind together: only without all of them it rises. Absent = 1. */
  readonly together?: number
}
