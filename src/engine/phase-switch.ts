/**
 * Whether a charger that can switch between one and three phases should. Three phases need three
 * times the minimum power; below that, one phase still charges. Switching wears contactors and
 * some cars take it badly, so it happens at 0 A only, down is a matter of seconds, up one of
 * minutes, and both are counted (field practice: see docs/guides/phase-switching.md).
 *
 *     3 --(three too much for downAfterS, one is possible)--> pause --(pauseS at 0 A)--> 1
 *     1 --(three possible with marginW more for upAfterS)---> pause --(pauseS at 0 A)--> 3
 *
 * Pure: state in, state out.
 */
export interface PhaseRules {
  /** The budget must lack three phases this long before going down. */
  readonly downAfterS: number
  /** The budget must allow three phases, and `marginW` more, this long before going up. */
  readonly upAfterS: number
  readonly marginW: number
  /** At 0 A between the two. */
  readonly pauseS: number
  /** A charger that has not reached 0 A by then is left as it is. */
  readonly giveUpS: number
  readonly maxSwitches: number
}

export const DEFAULT_PHASE_RULES: PhaseRules = {
  downAfterS: 30,
  upAfterS: 600,
  marginW: 200,
  pauseS: 10,
  giveUpS: 120,
  maxSwitches: 6,
}

export interface PhaseState {
  /** The number that holds now; during a pause the one from before. */
  readonly phases: 1 | 3
  /** What it is being switched to: it must be at 0 A; `null` = it is not. */
  readonly next: 1 | 3 | null
  /** How long the budget has spoken for the other number of phases. */
  readonly wishS: number
  /** Of the pause: how long it has lasted, and how long at 0 A without a break. */
  readonly pausingS: number
  readonly zeroS: number
  /** Begun in this session. */
  readonly switches: number
}

export const initialPhases = (phases: 1 | 3): PhaseState => ({
  phases,
  next: null,
  wishS: 0,
  pausingS: 0,
  zeroS: 0,
  switches: 0,
})

/** What a charger could have now, watts, and what it needs at least, with each number of phases. */
export interface PhaseBudget {
  readonly oneW: number
  readonly threeW: number
  readonly oneNeedsW: number
  readonly threeNeedW: number
}

/** The number that a budget speaks for; where neither can charge, the present one. */
export const wishedPhases = (
  phases: 1 | 3,
  { oneW, threeW, oneNeedsW, threeNeedW }: PhaseBudget,
  rules: PhaseRules,
): 1 | 3 => {
  if (threeW >= threeNeedW + (phases === 1 ? rules.marginW : 0)) return 3
  return oneW >= oneNeedsW ? 1 : phases
}

/** Whether another switch is allowed: going down always leaves one for coming back. */
export const maySwitch = ({ phases, switches }: PhaseState, rules: PhaseRules): boolean =>
  switches + (phases === 3 ? 2 : 1) <= rules.maxSwitches

export interface PhaseSight {
  /** `null`: nobody wants power, or nothing can be said; then there is no wish. */
  readonly budget: PhaseBudget | null
  /** The charger can be switched; without it wishes are counted only. */
  readonly canSwitch: boolean
  /** Nothing flows and nothing may. */
  readonly isAtZero: boolean
}

/** State after `elapsedS` in which this was seen. */
export const decidePhases = (
  state: PhaseState,
  { budget, canSwitch, isAtZero }: PhaseSight,
  elapsedS: number,
  rules: PhaseRules,
): PhaseState => {
  if (state.next !== null) return pause(state, state.next, isAtZero, elapsedS, rules)
  const wished = budget === null ? state.phases : wishedPhases(state.phases, budget, rules)
  if (wished === state.phases) return state.wishS === 0 ? state : { ...state, wishS: 0 }
  const wishS = state.wishS + elapsedS
  const enoughS = state.phases === 3 ? rules.downAfterS : rules.upAfterS
  return canSwitch && wishS >= enoughS && maySwitch(state, rules)
    ? beginSwitch(state, wished)
    : { ...state, wishS }
}

/** Switches whatever the budget says, and even when the switches of the session are used up. */
export const beginSwitch = (state: PhaseState, next: 1 | 3): PhaseState => ({
  ...state,
  next,
  wishS: 0,
  pausingS: 0,
  zeroS: 0,
  switches: state.switches + 1,
})

const pause = (
  state: PhaseState,
  next: 1 | 3,
  isAtZero: boolean,
  elapsedS: number,
  rules: PhaseRules,
): PhaseState => {
  const pausingS = state.pausingS + elapsedS
  const zeroS = isAtZero ? state.zeroS + elapsedS : 0
  if (zeroS >= rules.pauseS) return { ...state, phases: next, next: null, pausingS, zeroS }
  if (pausingS >= rules.giveUpS) return { ...state, next: null, pausingS, zeroS }
  return { ...state, pausingS, zeroS }
}

/** A pause that came to its end without the charger ever having been at 0 A long enough. */
export const gaveUp = (before: PhaseState, after: PhaseState): boolean =>
  before.next !== null && after.next === null && after.phases === before.phases
