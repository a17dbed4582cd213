/**
 * What an EVSE may draw, per conductor: the number that every limit is checked against. It is never
 * what we wish, only what the station accepted, and it looks ahead: for the time that a generous
 * profile lives (`lookAheadMs`), so that the sum of all stays within every limit even if Busbar
 * falls silent this instant and the profiles run out one after the other.
 */
export interface DrawState {
  readonly ratingA: number
  /** Permanent default profile that the station accepted; `null` = never: it may draw its rating. */
  readonly failsafeA: number | null
  readonly online: boolean
  /** Profile of the running transaction that the station accepted; `null` = none. */
  readonly accepted: AcceptedLimit | null
  /** Sent, not answered or with unknown outcome: counts if it is higher. */
  readonly inFlight: { readonly limitA: number } | null
  /** It follows a lower limit within this time; absent = as the rules say. */
  readonly settleMs?: number
  /** Latest draw by the EVSE's own meter, per conductor (largest line); `null` = unknown. */
  readonly measured: { readonly drawA: number; readonly measuredAtMs: number } | null
}

export interface AcceptedLimit {
  readonly limitA: number
  readonly validToMs: number
  readonly acceptedAtMs: number
  /** What it might draw before this limit was accepted; counts until the vehicle has followed. */
  readonly previousA: number
}

export interface DrawRules {
  readonly lookAheadMs: number
  /** A vehicle that nobody knows follows a lower limit within this time (IEC 61851-1: 5 s). */
  readonly settleMs: number
  /** Readings older than this say nothing about now. */
  readonly freshMs: number
}

export const DEFAULT_DRAW_RULES: DrawRules = {
  lookAheadMs: 900_000,
  settleMs: 5_000,
  freshMs: 90_000,
}

/** Tolerance of a charger's own meter: 10 % and half an ampere. */
export const obeys = (drawA: number, limitA: number): boolean => drawA <= limitA * 1.1 + 0.5

export const mayDrawA = (state: DrawState, nowMs: number, rules: DrawRules): number => {
  const fallbackA = state.failsafeA ?? state.ratingA
  let amps = fallbackA
  const { accepted, measured } = state
  const settleMs = state.settleMs ?? rules.settleMs
  if (accepted && accepted.validToMs > nowMs) {
    // A limit below the fallback protects only while it outlives every generous profile, and only
    // for the transaction that it was made for: an unreachable EVSE may have a new one by now.
    const holds = state.online && accepted.validToMs >= nowMs + rules.lookAheadMs
    amps = holds ? accepted.limitA : Math.max(accepted.limitA, fallbackA)
    if (nowMs < accepted.acceptedAtMs + settleMs && accepted.previousA > amps) {
      const followed = measured !== null && measured.measuredAtMs > accepted.acceptedAtMs
      amps = followed
        ? Math.max(amps, Math.min(accepted.previousA, measured.drawA))
        : accepted.previousA
    }
  }
  if (state.inFlight) amps = Math.max(amps, state.inFlight.limitA)
  if (
    measured &&
    nowMs - measured.measuredAtMs <= rules.freshMs &&
    !obeys(measured.drawA, amps) &&
    measured.measuredAtMs > (accepted?.acceptedAtMs ?? 0) + settleMs
  ) {
    amps = measured.drawA
  }
  return amps
}
