/** What OCPP 1.6 and 2.x report about an EVSE, in one vocabulary. */
export type EvseStatus =
  | 'available'
  | 'occupied'
  | 'charging'
  | 'suspended-ev'
  | 'suspended-evse'
  | 'finishing'
  | 'reserved'
  | 'unavailable'
  | 'faulted'
  | 'unknown'

/** What the driver asked for, or what we assume. */
export interface SessionNeed {
  /** Energy still wanted over the whole session; `null` = until the vehicle is full. */
  readonly energyWh: number | null
  readonly departureMs: number | null
  /** `default`: nobody said anything. */
  readonly source: 'driver' | 'api' | 'station' | 'history' | 'default'
}

/** One vehicle's stay at an EVSE. */
export interface Session {
  readonly id: string
  readonly stationId: string
  readonly evseId: number
  /** Our transaction id while one is open; `null` before it starts and after it ends. */
  readonly transactionId: string | null
  readonly idToken: string | null
  readonly connectedAtMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  /** Delivered so far. */
  readonly energyWh: number
  readonly need: SessionNeed
  /** Higher is served first; starts as the EVSE's priority. */
  readonly priority: number
}

/** Sequence numbers from `first` to `last`, both included. */
export interface SeqRange {
  readonly first: number
  readonly last: number
}

/** OCPP transaction. The id is ours for 1.6 (a number as text) and the station's for 2.x. */
export interface Transaction {
  readonly transactionId: string
  readonly stationId: string
  readonly evseId: number
  readonly connectorId: number
  readonly sessionId: string | null
  readonly idToken: string | null
  readonly startedAtMs: number
  readonly meterStartWh: number | null
  readonly endedAtMs: number | null
  readonly meterStopWh: number | null
  readonly stopReason: string | null
  /** Last sequence number of OCPP 2.x; `null` for 1.6. */
  readonly seqNo: number | null
  /** Sequence numbers that never arrived (2.x), as ascending ranges. */
  readonly gaps: readonly SeqRange[]
  /** `orphan`: ended without a start that we know. */
  readonly state: 'open' | 'ended' | 'orphan'
}
