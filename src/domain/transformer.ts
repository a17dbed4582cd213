/**
 * How an oil-immersed distribution transformer heats up (IEC 60076-7, loading guide). Rises are in
 * kelvin at rated load, above the ambient air and above the top oil.
 */
export interface Transformer {
  readonly ratedVa: number
  /** Highest load that is ever permitted, as a part of the rating; 1 = never above it. */
  readonly maxFactor: number
  readonly hotSpotLimitC: number
  /** Air around it, by month from January, degrees Celsius. */
  readonly ambientC: readonly number[]
  /** Load losses at rated current over no-load losses. */
  readonly lossRatio: number
  readonly topOilRiseK: number
  readonly hotSpotRiseK: number
  readonly oilExponent: number
  readonly windingExponent: number
  /** How fast oil and windings follow, seconds: k11 tau_o and k22 tau_w of the standard. */
  readonly oilTimeS: number
  readonly windingTimeS: number
}

/**
 * Of a distribution transformer with natural cooling (ONAN): 20 degrees of air, 55 K and 23 K make
 * 98 degrees at the hot spot, which is normal ageing. Nameplate and test report know better.
 */
export const ONAN_TRANSFORMER = {
  maxFactor: 1,
  hotSpotLimitC: 98,
  lossRatio: 5,
  topOilRiseK: 55,
  hotSpotRiseK: 23,
  oilExponent: 0.8,
  windingExponent: 1.6,
  oilTimeS: 180 * 60,
  windingTimeS: 8 * 60,
} as const satisfies Partial<Transformer>
