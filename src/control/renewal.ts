import type { EvseState } from '../domain/evse-state.ts'
import type { AcceptedProfile, EvseControl } from './evse-control.ts'
import type { ControlRules } from './rules.ts'

/** A clock that is this much off what a profile was written for ends it too late or too early. */
const CLOCK_MOVED_MS = 3_000

export const isGenerous = ({ failsafeA }: EvseControl, limitA: number): boolean =>
  limitA > (failsafeA ?? 0)

/** How long an accepted profile may draw what it says at first, from its acceptance on. */
export const lifeMs = ({ validToMs, acceptedAtMs, tailMs = 0 }: AcceptedProfile): number =>
  validToMs - tailMs - acceptedAtMs

/** It lives longer than one that the site need not bear in silence. */
export const isLong = (accepted: AcceptedProfile, rules: ControlRules): boolean =>
  lifeMs(accepted) > rules.profileValidityMs + 1_000

/** Time for some attempts before a profile of this life ends; stations wear out flash. */
const leadMs = (life: number): number =>
  Math.min(life / 2, Math.max(15_000, Math.min(120_000, life / 4)))

/**
 * The last safe moment to renew: a generous profile before it ends, a restrictive one while it still
 * outlives every generous one.
 */
export const needsRenewal = (
  control: EvseControl,
  nowMs: number,
  { draw }: ControlRules,
): boolean => {
  const { accepted } = control
  if (!accepted || accepted.validToMs === Infinity) return false
  return isGenerous(control, accepted.limitA)
    ? accepted.validToMs - (accepted.tailMs ?? 0) - nowMs < leadMs(lifeMs(accepted))
    : accepted.validToMs - nowMs < draw.lookAheadMs + 60_000
}

/**
 * The profile was written for another connection, or for a clock that the station does not have; or
 * it has no end, because no clock was known.
 */
export const isMiswritten = (
  control: EvseControl,
  { generation, clockMs = 0 }: EvseState,
): boolean => {
  const { accepted, sentClockMs } = control
  if (accepted === null) return false
  if (control.sentGeneration !== generation) return true
  if (clockMs === null) return false
  if (accepted.validToMs === Infinity) return true
  return sentClockMs !== null && Math.abs(clockMs - sentClockMs) > CLOCK_MOVED_MS
}
