/**
 * How much of an offer a vehicle really uses. A vehicle that has drawn clearly less than its offer
 * for a minute gets what it draws plus 15 %, the rest goes to others; one that draws its offer fully
 * again is offered more, doubling, until it stops following. Pure: state in, state out.
 */
export interface DemandState {
  /** Largest useful offer, amperes; `Infinity` = unknown. */
  readonly wantA: number
  /** Since when the vehicle has been drawing less than offered; `null` = it does not. */
  readonly lowSinceMs: number | null
  readonly lowPeakA: number
  readonly raisedAtMs: number
}

export interface DemandRules {
  /** A draw this much below the offer counts as low, amperes. */
  readonly slackA: number
  readonly lowForMs: number
  readonly headroom: number
  /** Time between two raises: the vehicle needs a while to follow. */
  readonly raiseEveryMs: number
}

export const DEFAULT_DEMAND_RULES: DemandRules = {
  slackA: 2,
  lowForMs: 60_000,
  headroom: 1.15,
  raiseEveryMs: 10_000,
}

export const NEW_DEMAND: DemandState = {
  wantA: Infinity,
  lowSinceMs: null,
  lowPeakA: 0,
  raisedAtMs: -Infinity,
}

/** One measurement: `drawA` under an offer of `offerA` that has been in force since `offeredSinceMs`. */
export const learnDemand = (
  state: DemandState,
  drawA: number,
  offerA: number,
  offeredSinceMs: number,
  measuredAtMs: number,
  minA: number,
  rules: DemandRules,
): DemandState => {
  if (offerA < minA) return state
  const full = drawA >= 0.95 * offerA - 0.25
  if (full) {
    const mayRaise =
      state.wantA !== Infinity && measuredAtMs >= state.raisedAtMs + rules.raiseEveryMs
    if (!mayRaise) return state.lowSinceMs === null ? state : { ...state, lowSinceMs: null }
    const raised = Math.max(offerA * 2, minA)
    return {
      wantA: raised >= 64 ? Infinity : raised,
      lowSinceMs: null,
      lowPeakA: 0,
      raisedAtMs: measuredAtMs,
    }
  }
  if (drawA > offerA - rules.slackA || measuredAtMs < offeredSinceMs + rules.raiseEveryMs) {
    return state.lowSinceMs === null ? state : { ...state, lowSinceMs: null }
  }
  const lowSinceMs = state.lowSinceMs ?? measuredAtMs
  const lowPeakA = state.lowSinceMs === null ? drawA : Math.max(state.lowPeakA, drawA)
  if (measuredAtMs - lowSinceMs < rules.lowForMs) return { ...state, lowSinceMs, lowPeakA }
  return {
    wantA: Math.max(minA, Math.ceil(lowPeakA * rules.headroom)),
    lowSinceMs: null,
    lowPeakA: 0,
    raisedAtMs: measuredAtMs,
  }
}
