/** What each session should draw over the horizon, and what that costs. */
export interface Plan {
  readonly id: string
  readonly createdAtMs: number
  readonly startMs: number
  readonly stepS: number
  readonly steps: number
  readonly method: 'optimal' | 'greedy'
  readonly sessions: readonly PlannedSession[]
  /** Sum of what we steer per step, watts; positive = draw. */
  readonly controlledW: readonly number[]
  /** Forecast of everything else at the grid connection (load minus PV) per step, watts. */
  readonly baseW: readonly number[]
  readonly cost: number
  /** Certified lower bound of the cost; `null` for the greedy. */
  readonly lowerBound: number | null
  /** What binds, in the order of its cost. */
  readonly bottlenecks: readonly Bottleneck[]
}

export interface PlannedSession {
  readonly sessionId: string
  readonly key: string
  /** Watts per step. */
  readonly powerW: readonly number[]
  readonly energyWh: number
  /** Wanted but impossible, with the reason for a person. */
  readonly unservedWh: number
  readonly unservedBecause: string | null
}

/** "Feeder B phase L2 between 17:15 and 18:00 costs 0.11 EUR/kWh". */
export interface Bottleneck {
  readonly nodeId: string | null
  readonly kind: 'phase' | 'power' | 'peak' | 'event'
  readonly phase: 'L1' | 'L2' | 'L3' | null
  readonly startMs: number
  readonly endMs: number
  /** Currency per kWh that one more kWh through it would save. */
  readonly pricePerKwh: number
}
