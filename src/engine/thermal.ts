import type { Transformer } from '../domain/transformer.ts'

/**
 * Hot-spot temperature of a transformer and the load that it permits (IEC 60076-7, clause 8.2.2,
 * exponential equations, with k21 = 1 as for distribution transformers: no overshoot).
 *
 *     oil  follows  ambient + topOilRise ((1 + R K^2) / (1 + R))^x    with its time constant
 *     rise follows  hotSpotRise K^y                                   with that of the windings
 *     hot spot = oil + rise                                           K = load over rating
 *
 * Both are exact for a load that stands still meanwhile. Everything rises with every load of the
 * past, so of all loads within some caps the caps themselves are the hottest: it is enough to keep
 * them below the limit.
 */
export interface ThermalState {
  readonly oilC: number
  /** Hot spot above top oil. */
  readonly riseK: number
}

export const hotSpotC = ({ oilC, riseK }: ThermalState): number => oilC + riseK

/** Where a load of `factor` times the rating ends up. */
export const steadyState = (model: Transformer, factor: number, ambientC: number): ThermalState => {
  const { lossRatio, topOilRiseK, hotSpotRiseK, oilExponent, windingExponent } = model
  const losses = (1 + lossRatio * factor ** 2) / (1 + lossRatio)
  return {
    oilC: ambientC + topOilRiseK * losses ** oilExponent,
    riseK: hotSpotRiseK * factor ** windingExponent,
  }
}

const approach = (from: number, to: number, part: number): number => to + (from - to) * part

/** The state after `seconds` at a load of `factor` times the rating. */
export const advance = (
  model: Transformer,
  state: ThermalState,
  factor: number,
  ambientC: number,
  seconds: number,
): ThermalState => {
  const end = steadyState(model, factor, ambientC)
  return {
    oilC: approach(state.oilC, end.oilC, Math.exp(-seconds / model.oilTimeS)),
    riseK: approach(state.riseK, end.riseK, Math.exp(-seconds / model.windingTimeS)),
  }
}

const ROUNDS = 24

/** Largest value in [0, most] for which `holds` is true, from below; 0 when it never is. */
const largest = (most: number, holds: (value: number) => boolean): number => {
  if (holds(most)) return most
  let low = 0
  let high = most
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

/** The hottest that a transformer which kept its limits can be: for one of unknown past. */
export const hottestState = (model: Transformer, ambientC: number): ThermalState =>
  steadyState(
    model,
    largest(
      model.maxFactor,
      (factor) => hotSpotC(steadyState(model, factor, ambientC)) <= model.hotSpotLimitC,
    ),
    ambientC,
  )

/** The winding follows within minutes: a step is looked at this finely. */
const FINE_S = 60

/** What is permitted could go on for so long: else full steps were paid for with empty ones. */
const LASTS_S = 3_600

/**
 * Whether a load stays below the limit for a while. Oil and rise may move in opposite directions;
 * the larger of both ends of each is above everything between.
 */
const stays = (
  model: Transformer,
  state: ThermalState,
  factor: number,
  ambientC: number,
  seconds: number,
): boolean => {
  const parts = Math.ceil(seconds / FINE_S)
  let now = state
  for (let part = 0; part < parts; part++) {
    const next = advance(model, now, factor, ambientC, seconds / parts)
    const most = Math.max(now.oilC, next.oilC) + Math.max(now.riseK, next.riseK)
    if (most > model.hotSpotLimitC) return false
    now = next
  }
  return true
}

export interface ThermalOutlook {
  readonly stepS: number
  /** Per step, degrees Celsius. */
  readonly ambientC: Float64Array
  /** What flows in any case (base load), as a part of the rating. */
  readonly least: Float64Array
  /** What can flow at most: base load and everything that is steered at full power. */
  readonly most: Float64Array
}

/**
 * The load that each step permits, as a part of the rating: as much as the hot spot allows when
 * all that was permitted before is used. Never above `maxFactor` nor above `most`. Any load within
 * the result keeps the hot spot below its limit, provided that it was so at the start and that
 * `least` leaves room. O(steps * minutes).
 */
export const permittedLoad = (
  model: Transformer,
  start: ThermalState,
  { stepS, ambientC, least, most }: ThermalOutlook,
): Float64Array => {
  const lastsS = Math.max(stepS, LASTS_S)
  let state = start
  return most.map((reach, t) => {
    const top = Math.min(model.maxFactor, reach)
    const factor = largest(top, (load) => stays(model, state, load, ambientC[t], lastsS))
    // A base load above the limit heats all the same.
    state = advance(model, state, Math.max(factor, least[t]), ambientC[t], stepS)
    return factor
  })
}
