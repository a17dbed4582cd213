/**
 * What somebody else (a weather service, a PV portal) expects, as a plain series: segments ascend
 * and do not overlap. A later series of the same source replaces the earlier one.
 */
export interface ForecastSeries {
  readonly sourceId: string
  /** The PV load that it is about. */
  readonly loadId: string
  /** Watts that the plant will give, or global irradiance in W/m2. */
  readonly quantity: 'pv-power' | 'irradiance'
  readonly segments: readonly ForecastSegment[]
}

export interface ForecastSegment {
  readonly startMs: number
  readonly endMs: number
  /** Mean over the segment, >= 0. */
  readonly value: number
}
