/**
 * Whether a charger that can switch between one and three phases should. Three phases need three
 * times the minimum power; below that, one phase still charges. Switching wears contactors and
 * some cars take it badly, so down is a matter of seconds, up one of minutes, and both are counted
 * (field practice: see docs/reference/planner.md).
 */
export interface PhaseRules {
  /** The budget must lack three phases this long before going down. */
  readonly downAfterS: number
  /** The budget must allow three phases, and `marginW` more, this long before going up. */
  readonly upAfterS: number
  readonly marginW: number
  /** At 0 A between the two. */
  readonly pauseS: number
  readonly maxSwitches: number
}

export const DEFAULT_PHASE_RULES: PhaseRules = {
  downAfterS: 30,
  upAfterS: 600,
  marginW: 200,
  pauseS: 10,
  maxSwitches: 6,
}

export interface PhaseState {
  readonly phases: 1 | 3
  /** How long the budget has spoken for the other number of phases. */
  readonly wishS: number
  /** Rest of the pause at 0 A; 0 = may charge. */
  readonly pauseS: number
  readonly switches: number
}

export const initialPhases = (phases: 1 | 3): PhaseState => ({
  phases,
  wishS: 0,
  pauseS: 0,
  switches: 0,
})

/**
 * State after `elapsedS` with a budget in watts. While `pauseS` is above 0 the charger must be at
 * 0 A; `phases` is already the new number. `minPowerW`: one phase at its minimum current.
 */
export const decidePhases = (
  state: PhaseState,
  budgetW: number,
  minPowerW: number,
  elapsedS: number,
  rules: PhaseRules,
): PhaseState => {
  const pauseS = Math.max(0, state.pauseS - elapsedS)
  const needW = 3 * minPowerW + (state.phases === 1 ? rules.marginW : 0)
  const wishes: 1 | 3 = budgetW >= needW ? 3 : 1
  if (wishes === state.phases) return { ...state, wishS: 0, pauseS }
  const wishS = state.wishS + elapsedS
  const enoughS = state.phases === 3 ? rules.downAfterS : rules.upAfterS
  const isAllowed = state.switches < rules.maxSwitches && pauseS === 0
  if (wishS < enoughS || !isAllowed) return { ...state, wishS, pauseS }
  return { phases: wishes, wishS: 0, pauseS: rules.pauseS, switches: state.switches + 1 }
}
