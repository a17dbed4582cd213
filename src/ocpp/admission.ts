import type { Protocol } from './dialect.ts'

/** Where a connection comes from, for the decision whether it is welcome. */
export interface Remote {
  readonly address: string
  readonly secure: boolean
}

/** What is known of a station, as far as the door is concerned. */
export interface KnownStation {
  readonly kind: 'known'
  /** The identity that the rest of the program uses (an alias is resolved here). */
  readonly stationId: string
  /**
   * The lowest security profile that it may use: 0 none, 1 password, 2 TLS and password, 3 client
   * certificate. A connection that is more secure than asked is welcome.
   */
  readonly securityProfile: 0 | 1 | 2 | 3
  /** Hashes of `hashPassword` or `digestPassword`; several while a change is under way. */
  readonly passwordHashes: readonly string[]
  /** Common names, beside the identity, that its certificate may have (a serial number). */
  readonly certificateNames?: readonly string[]
  /** By our preference. */
  readonly protocols: readonly Protocol[]
  /** For stations that send no sub-protocol; absent: they are turned away. */
  readonly protocolIfNoneOffered?: Protocol
  /** False for models that cannot bear pings; they are never taken for silent either. */
  readonly pings?: boolean
  /** For models that drop the line when an answer comes too fast. */
  readonly replyDelayMs?: number
}

/** Nobody we know: connected, visible and powerless. Its credentials cannot be checked. */
export interface QuarantinedStation {
  readonly kind: 'quarantine'
  readonly stationId: string
  readonly protocols: readonly Protocol[]
  readonly protocolIfNoneOffered?: Protocol
}

export type Admission = KnownStation | QuarantinedStation | { readonly kind: 'refuse' }

/** Must be cheap; a promise is possible, but a storm then waits for it. */
export type Lookup = (identity: string, remote: Remote) => Admission | Promise<Admission>
