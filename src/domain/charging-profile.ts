/** OCPP-neutral charging profile, in absolute time. */
export interface ChargingProfile {
  readonly id: number
  /** `tx-default` is our failsafe; `tx` steers one transaction; `station-max` caps the station. */
  readonly purpose: 'station-max' | 'tx-default' | 'tx'
  readonly stackLevel: number
  readonly transactionId: string | null
  /** End of validity; `null` = for ever (nothing above the failsafe). */
  readonly validToMs: number | null
  readonly schedule: ChargingSchedule
}

export interface ChargingSchedule {
  /** Absolute start, slightly in the past: station clocks are skewed. */
  readonly startMs: number
  /**
   * Counts from the start of the transaction, so that no clock can put it off: `startMs` is not sent.
   * Only for one limit without an end, for which it does not matter what a station counts from.
   */
  readonly isRelative?: true
  readonly durationS: number | null
  readonly unit: 'A' | 'W'
  /** 1 or 3, as OCPP counts phases. */
  readonly numberPhases: 1 | 3
  /**
   * Terminal to charge on with one phase (OCPP 2.x `phaseToUse`); only for stations that can choose
   * it, absent otherwise.
   */
  readonly phaseToUse?: 1 | 2 | 3
  /** First at 0, ascending. `limit` in `unit`: A per conductor, W in total. */
  readonly periods: readonly SchedulePeriod[]
}

export interface SchedulePeriod {
  readonly startS: number
  readonly limit: number
}

/** What a station says it will do (GetCompositeSchedule): evidence, never truth. */
export interface CompositeSchedule {
  readonly startMs: number | null
  readonly unit: 'A' | 'W'
  readonly periods: readonly SchedulePeriod[]
}

/** The four records of one installed profile; each is kept, none overwrites another. */
export interface ProfileRecord {
  readonly stationId: string
  readonly evseId: number
  readonly purpose: ChargingProfile['purpose']
  readonly desired: ChargingProfile | null
  readonly sent: { readonly profile: ChargingProfile; readonly atMs: number } | null
  /** Accepted by the station. */
  readonly reported: { readonly profile: ChargingProfile; readonly atMs: number } | null
  /** Seen on a meter or in a composite schedule. */
  readonly verified: { readonly limitA: number; readonly atMs: number; readonly by: string } | null
}
