import type { EvseState } from '../domain/evse-state.ts'
import { largest, perPhase } from '../domain/phases.ts'
import { mayDrawA, type DrawState } from '../engine/may-draw.ts'
import { lineCurrents, measuredAt, type EvseControl } from './evse-control.ts'
import { isTrusted, type PhaseControl } from './phase-control.ts'
import type { ControlRules } from './rules.ts'

const drawState = (control: EvseControl, state: EvseState): DrawState => {
  const currentA = state.measured && lineCurrents(control, state.measured)
  return {
    ratingA: control.evse.maxA,
    failsafeA: control.failsafeA,
    online: state.ready,
    accepted: control.accepted,
    inFlight: control.inFlight,
    settleMs: control.response.followMs,
    measured:
      state.measured && currentA
        ? { drawA: largest(currentA), measuredAtMs: measuredAt(state.measured) }
        : null,
  }
}

/** Of a station that broke its word, while a vehicle may draw there. */
const distrustedA = ({ obedience, evse }: EvseControl, { session, ready }: EvseState): number =>
  session === null && ready ? 0 : Math.min(obedience.countsA, evse.maxA * 1.25)

/** What an EVSE may draw, per conductor. */
export const mayDraw = (
  control: EvseControl,
  state: EvseState,
  nowMs: number,
  rules: ControlRules,
): number =>
  Math.max(distrustedA(control, state), mayDrawA(drawState(control, state), nowMs, rules.draw))

/**
 * What an EVSE that switches phases may draw on each of the lines that a profile for one phase leaves
 * out. Such a profile counts as 0 there once it can be trusted, and in full before.
 */
export const mayDrawOthers = (
  control: EvseControl,
  phases: PhaseControl,
  state: EvseState,
  nowMs: number,
  rules: ControlRules,
): number => {
  const { accepted, inFlight } = control
  if (!isTrusted(phases)) return mayDraw(control, state, nowMs, rules)
  const measured = state.measured && lineCurrents(control, state.measured)
  return mayDrawA(
    {
      ...drawState(control, state),
      accepted: accepted && {
        ...accepted,
        limitA: accepted.phases === 1 ? 0 : accepted.limitA,
        previousA: accepted.previousOthersA,
      },
      inFlight: inFlight && { limitA: inFlight.othersA },
      measured:
        state.measured && measured
          ? {
              drawA: largest(perPhase((line) => (line === phases.line ? 0 : measured[line]))),
              measuredAtMs: measuredAt(state.measured),
            }
          : null,
    },
    nowMs,
    rules.draw,
  )
}
