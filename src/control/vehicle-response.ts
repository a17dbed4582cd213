import { obeys } from '../engine/may-draw.ts'

/**
 * How a station and its vehicle respond to a new limit: how long they take to come down to it, and
 * how much above it they settle. Learned from the EVSE's own samples, kept from session to session.
 *
 * A sample bounds the time from one side only: still above the limit, it took longer; at or below,
 * it took less. Over a few cuts the bounds close in on it, however rarely samples come.
 */
export interface VehicleResponse {
  /** A cut has been followed so long after it was accepted. */
  readonly followMs: number
  /** `followMs` was measured, and is not the default. */
  readonly isKnown: boolean
  /** What it draws per ampere of its limit once it is steady, at least 1. */
  readonly takes: number
  readonly cuts: readonly Cut[]
  readonly last: { readonly drawA: number; readonly limitA: number } | null
}

interface Cut {
  readonly acceptedAtMs: number
  readonly longerThanMs: number
  /** Infinity = not followed yet. */
  readonly atMostMs: number
}

export interface ResponseRules {
  /** IEC 61851-1 gives a vehicle 5 s. */
  readonly followMs: number
  readonly longestFollowMs: number
  /** An unknown vehicle gets so long before it counts as disobedient. */
  readonly unknownFollowMs: number
  /** Above this it is no tolerance of a meter but disobedience. */
  readonly mostTakes: number
}

export const DEFAULT_RESPONSE_RULES: ResponseRules = {
  followMs: 5_000,
  longestFollowMs: 60_000,
  unknownFollowMs: 20_000,
  mostTakes: 1.15,
}

export const newResponse = (rules: ResponseRules): VehicleResponse => ({
  followMs: rules.followMs,
  isKnown: false,
  takes: 1,
  cuts: [],
  last: null,
})

/** One sample under a limit that was accepted at `acceptedAtMs` in the place of `previousA`. */
export interface ResponseSample {
  readonly drawA: number
  readonly limitA: number
  readonly previousA: number
  readonly acceptedAtMs: number
  readonly measuredAtMs: number
}

const KEPT_CUTS = 6
const SMALLEST_CUT_A = 1
const FORGET = 0.9

/** Takes what a sample says of the cut that it falls into. */
const observeCut = (cuts: readonly Cut[], sample: ResponseSample): readonly Cut[] => {
  const { drawA, limitA, previousA, acceptedAtMs, measuredAtMs } = sample
  const tookMs = measuredAtMs - acceptedAtMs
  const newest = cuts.at(-1)
  const isOpen = newest?.acceptedAtMs === acceptedAtMs
  if (!isOpen && previousA - limitA < SMALLEST_CUT_A) return cuts
  const cut = isOpen ? newest : { acceptedAtMs, longerThanMs: 0, atMostMs: Infinity }
  if (cut.atMostMs !== Infinity) return cuts
  const next = obeys(drawA, limitA)
    ? { ...cut, atMostMs: tookMs }
    : { ...cut, longerThanMs: tookMs }
  return [...(isOpen ? cuts.slice(0, -1) : cuts), next].slice(-KEPT_CUTS)
}

export const learnResponse = (
  response: VehicleResponse,
  sample: ResponseSample,
  rules: ResponseRules,
): VehicleResponse => {
  const { drawA, limitA } = sample
  const cuts = observeCut(response.cuts, sample)
  const followed = cuts.filter(({ atMostMs }) => atMostMs !== Infinity)
  const last = { drawA, limitA }
  let { followMs, isKnown } = response
  if (cuts !== response.cuts && followed.length > 0) {
    const most = Math.min(...followed.map(({ atMostMs }) => atMostMs))
    const least = Math.max(...followed.map(({ longerThanMs }) => longerThanMs))
    isKnown = true
    followMs = Math.min(
      rules.longestFollowMs,
      Math.max(rules.followMs, least === 0 ? most : Math.max(most, least + 1_000)),
    )
  }
  const takes = steadyTakes(response, sample, rules)
  return { followMs, isKnown, takes, cuts, last }
}

/** Two samples alike under one limit: what it settles at. */
const steadyTakes = (
  { takes, last }: VehicleResponse,
  { drawA, limitA }: ResponseSample,
  rules: ResponseRules,
): number => {
  const isSteady =
    last !== null &&
    last.limitA === limitA &&
    limitA > 0 &&
    Math.abs(drawA - last.drawA) <= 0.02 * limitA
  if (!isSteady || drawA > rules.mostTakes * limitA) return takes
  return Math.max(1, drawA / limitA, 1 + (takes - 1) * FORGET)
}
