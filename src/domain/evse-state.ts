import type { EvseMeasurement } from './reading.ts'
import type { EvseStatus, Session } from './session.ts'
import type { Evse } from './site.ts'

/** What we know of a station's charging profile support; defaults are what unknown stations get. */
export interface ProfileCapability {
  readonly rateUnits: readonly ('A' | 'W')[]
  readonly maxStackLevel: number
  readonly maxPeriods: number
  readonly maxProfiles: number
  /** Smallest step of a limit that the station honours, in its rate unit. */
  readonly stepA: number
  readonly stepW: number
  /** Whether it can go from three phases to one during a transaction; absent = it does not say. */
  readonly switchesPhases?: boolean
  /** Whether it can choose the phase that it charges on (2.x); absent = no. */
  readonly choosesPhase?: boolean
  /** Refuses profiles of kind Relative; absent = it takes them. */
  readonly refusesRelative?: boolean
}

export const DEFAULT_CAPABILITY: ProfileCapability = {
  rateUnits: ['A'],
  maxStackLevel: 0,
  maxPeriods: 6,
  maxProfiles: 4,
  stepA: 1,
  stepW: 1,
}

/** What the central system knows of one EVSE at this moment. */
export interface EvseState {
  readonly evse: Evse
  /** The station holds an authenticated connection and its boot was accepted. */
  readonly ready: boolean
  /** Its station has never connected: it draws nothing and reserves nothing until it does. */
  readonly planned?: boolean
  /** Rises with every connection: a change means that profiles must be re-asserted. */
  readonly generation: number
  readonly status: EvseStatus
  readonly session: Session | null
  readonly measured: EvseMeasurement | null
  readonly capability: ProfileCapability
  /**
   * The station's clock less ours, ms; `null` = not known yet: nothing that ends by the clock can be
   * sent. Absent = it agrees.
   */
  readonly clockMs?: number | null
  /** What somebody else lets it draw now, as the station reports; `null` or absent = no such limit. */
  readonly externalLimit?: ExternalLimitNow | null
  /** The last transaction of this stay, when it has ended; absent = none has. */
  readonly ended?: EndedTransaction | null
  /** Vendor, model and firmware of the station, which share their quirks; absent = not known. */
  readonly product?: string | null
  /** Since when the station has left all commands unanswered; absent = it answers. */
  readonly unansweredSinceMs?: number | null
}

export interface ExternalLimitNow {
  /** Per conductor. */
  readonly limitA: number
  /** EMS, SO, CSO, Other. */
  readonly source: string
}

/** How a transaction ended while the vehicle stayed. */
export interface EndedTransaction {
  readonly transactionId: string
  readonly idToken: string | null
  /** OCPP's reason, as the station gave it, or ours. */
  readonly reason: string | null
  readonly atMs: number
}
