/** What the grid says, as a domain value. *Absent* (`null`), *zero* and *inactive* differ. */
export type SignalKind =
  | 'import-limit'
  | 'export-limit'
  | 'setpoint'
  | 'reduce-by'
  | 'level'
  | 'price'
  | 'export-price'
  | 'carbon'
  | 'soc-target'
  | 'no-charge'
  | 'alert'

export type SignalUnit = 'W' | 'A' | 'fraction' | 'level' | 'currency/kWh' | 'g/kWh'

/**
 * `connection`: all that flows through the grid connection; `controllable`: the sum of what we
 * steer; `evse`: each EVSE for itself; `phase`: each phase of the grid connection.
 */
export type SignalScope = 'connection' | 'controllable' | 'evse' | 'phase'

export interface Signal {
  readonly kind: SignalKind
  /** The unit of every interval value. `fraction`: 0..1 of the scope's rating. */
  readonly unit: SignalUnit
  readonly scope: SignalScope
  /** ISO 4217, for prices. */
  readonly currency: string | null
}

/**
 * The end of an interval that holds until it is cancelled: the last day that every calendar and store
 * can name, so that all arithmetic with ends stays as it is.
 */
export const OPEN_END_MS = Date.UTC(9999, 11, 31)

export interface SignalInterval {
  readonly id: number
  readonly startMs: number
  /** `OPEN_END_MS` = until it is cancelled; only the last interval of an event may be so. */
  readonly endMs: number
  /** 0 is zero power; `null` says nothing about this interval. */
  readonly value: number | null
}

export type EventClass = 'emergency' | 'mandatory' | 'contract' | 'economic' | 'test'

/** A versioned set of signal intervals from one authority. */
export interface GridEvent {
  /** Signal source that delivered it; with `eventId` the identity. */
  readonly authority: string
  readonly eventId: string
  readonly modification: number
  readonly status: 'issued' | 'cancelled'
  readonly cancelAtMs: number | null
  readonly eventClass: EventClass
  /** 0 is the highest. */
  readonly priority: number
  readonly optOut: boolean
  readonly programId: string | null
  /** Node ids, EVSE keys or station ids; empty = the whole site. */
  readonly targets: readonly string[]
  readonly issuedAtMs: number
  /** A first delivery after this time is void. */
  readonly notAfterMs: number
  readonly ackByMs: number | null
  readonly signal: Signal
  /** Ascending, not overlapping. */
  readonly intervals: readonly SignalInterval[]
  readonly randomize: { startMs: number; endMs: number; direction: 'late' | 'either' } | null
  readonly ramp: { downWPerMin: number | null; upWPerMin: number | null } | null
  readonly recovery: { holdMs: number; maxW: number | null; staggerMs: number } | null
  readonly test: boolean
}

export const eventStart = (event: GridEvent): number => event.intervals[0].startMs
export const eventEnd = (event: GridEvent): number => event.intervals.at(-1)!.endMs

/** Whether it holds until its authority takes it back. */
export const isOpenEnded = (event: Pick<GridEvent, 'intervals'>): boolean =>
  event.intervals.at(-1)!.endMs >= OPEN_END_MS

/** Lifecycle that the authority sees (grid-signals profile, section 6.3). */
export type EventState =
  | 'received'
  | 'accepted'
  | 'partial'
  | 'opted-out'
  | 'rejected'
  | 'started'
  | 'completed'
  | 'aborted'
  | 'superseded'
  | 'cancelled'
  | 'expired'

export type EventCode =
  | 'schema'
  | 'unauthorized'
  | 'unknownTarget'
  | 'stale'
  | 'expired'
  | 'unsupported'
  | 'infeasible'
  | 'conflict'
  | 'commsLost'
  | 'userOverride'
  | 'safety'
  | 'noCapacity'

/** One step of an event's life, sent to the authority as an acknowledgement. */
export interface EventTransition {
  readonly authority: string
  readonly eventId: string
  readonly modification: number
  readonly state: EventState
  readonly atMs: number
  readonly code: EventCode | null
  readonly reason: string | null
  /** What we can commit per interval, for `partial` and `accepted`. */
  readonly committed: readonly { intervalId: number; powerW: number }[] | null
}
