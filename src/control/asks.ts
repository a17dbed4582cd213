import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import type { Draws } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import { mayDraw } from './draw-state.ts'
import { disobeys, lineCurrents, type EvseControl } from './evse-control.ts'
import { fillDraws, othersShare } from './line-draws.ts'
import { countsAsOne } from './phase-control.ts'
import type { ControlRules } from './rules.ts'
import { admissionRank, upTo, wantOf, type PlanLimit, type WantContext } from './wants.ts'
import { isStarting, restartReason } from './ladders/restart.ts'
import { minimumA } from './vehicle.ts'

/** The allocator's input arrays, and for each EVSE why it asks what it asks. */
export interface Asks {
  readonly draws: Draws
  readonly mayDrawA: Float64Array
  readonly reservedA: Float64Array
  /** Why it cannot be steered now; `null` = it can. */
  readonly obstacles: (Reason | null)[]
  readonly minA: Float64Array
  readonly maxA: Float64Array
  readonly surplusA: Float64Array
  readonly priority: Float64Array
  readonly rank: Float64Array
  /** What events leave to it alone; Infinity = they say nothing. */
  readonly eventA: Float64Array
  /** Why it asks no more than `maxA`, and no more than `surplusA`. */
  readonly because: Reason[]
  readonly surplusBecause: Reason[]
  /** What it would ask without the constraint that `because` names. */
  readonly freedA: Float64Array
  /** The limit that makes the plan ask no more. */
  readonly planLimits: (PlanLimit | null)[]
}

export const createAsks = (topology: Topology): Asks => {
  const array = () => new Float64Array(topology.evseCount)
  const reasons = () =>
    Array.from({ length: topology.evseCount }, (): Reason => ({ code: 'no-session' }))
  return {
    draws: {
      re: Float64Array.from(topology.re),
      im: Float64Array.from(topology.im),
      watts: Float64Array.from(topology.watts),
    },
    mayDrawA: array(),
    reservedA: array(),
    obstacles: Array.from({ length: topology.evseCount }, () => null),
    minA: array(),
    maxA: array(),
    surplusA: array(),
    priority: array(),
    rank: array(),
    eventA: array().fill(Infinity),
    because: reasons(),
    surplusBecause: reasons(),
    freedA: array(),
    planLimits: Array.from({ length: topology.evseCount }, () => null),
  }
}

/**
 * What every EVSE may draw now, and what of it is reserved: all of one that we cannot steer now
 * (offline, no transaction, never accepted a failsafe, refusing, disobeying). Before `fillAsks`.
 */
export const fillReserved = (
  asks: Asks,
  topology: Topology,
  site: Site,
  controls: readonly EvseControl[],
  states: readonly EvseState[],
  nowMs: number,
  rules: ControlRules,
): void => {
  for (let e = 0; e < controls.length; e++) {
    const control = controls[e]
    const state = states[e]
    asks.mayDrawA[e] = isPlanned(control, state) ? 0 : mayDraw(control, state, nowMs, rules)
    const others = othersShare(control, state, asks.mayDrawA[e], nowMs, rules)
    fillDraws(asks.draws, topology, site, control, state, others)
    asks.obstacles[e] = notSteerable(control, state, nowMs, rules, asks.mayDrawA[e])
    asks.reservedA[e] = asks.obstacles[e] ? asks.mayDrawA[e] : 0
  }
}

/** Fills the asks of this tick: of those that can be steered what they should and may get. */
export const fillAsks = (
  asks: Asks,
  controls: readonly EvseControl[],
  states: readonly EvseState[],
  context: WantContext,
): void => {
  for (let e = 0; e < controls.length; e++) {
    const control = controls[e]
    const state = states[e]
    const obstacle = asks.obstacles[e]
    const event = context.events.evseLimit(control.evse.key, countsAsOne(control.phases))
    const want = obstacle ? upTo(0, obstacle) : wantOf(control, state, event, context)
    asks.minA[e] = minimumA(control)
    asks.priority[e] = state.session?.priority ?? control.evse.priority
    asks.eventA[e] = event?.limitA ?? Infinity
    asks.maxA[e] = want.maxA
    asks.surplusA[e] = want.surplusA
    asks.because[e] = want.because
    asks.surplusBecause[e] = want.surplusBecause
    asks.freedA[e] = want.freedA
    asks.planLimits[e] = want.planLimit
    asks.rank[e] = admissionRank(control, context, want.maxA < asks.minA[e])
  }
}

/** Nothing is plugged in, and we would hear of it: nothing is drawn, whatever may be drawn. */
export const isIdle = ({ session, ready }: EvseState): boolean => session === null && ready

/** Per zone: watts reserved for EVSEs at which no car is plugged in. */
export const idlePower = (
  topology: Topology,
  asks: Asks,
  states: readonly EvseState[],
): Float64Array => {
  const { zones, zonesFrom } = topology
  const idleW = new Float64Array(topology.zoneCount)
  for (let e = 0; e < topology.evseCount; e++) {
    if (!isIdle(states[e])) continue
    const watts = asks.reservedA[e] * asks.draws.watts[e]
    for (let k = zonesFrom[e]; k < zonesFrom[e + 1]; k++) idleW[zones[k]] += watts
  }
  return idleW
}

/** Its station has never connected: a site is built over weeks. */
const isPlanned = ({ failsafeA }: EvseControl, { planned = false }: EvseState): boolean =>
  planned && failsafeA === null

/** One that is to be started again competes for power as if it had its transaction. */
const notStarted = (control: EvseControl, nowMs: number): Reason | null => {
  if (control.restart === null) return { code: 'no-session' }
  return isStarting(control.restart) ? null : restartReason(control.restart, nowMs)
}

const notSteerable = (
  control: EvseControl,
  state: EvseState,
  nowMs: number,
  rules: ControlRules,
  mayDrawA: number,
): Reason | null => {
  if (isPlanned(control, state)) return { code: 'planned' }
  if (control.evse.control === 'off') return { code: 'control-off' }
  if (!state.ready) return { code: 'offline', sinceMs: control.sinceMs }
  if (control.isUnsupported) return { code: 'cannot-be-steered' }
  if (control.failsafeA === null) return { code: 'never-accepted' }
  if (control.transactionId === null) return notStarted(control, nowMs)
  const currentA = state.measured && lineCurrents(control, state.measured)
  if (disobeys(control, nowMs, rules) && currentA) {
    return {
      code: 'disobeys',
      acceptedA: control.accepted?.limitA ?? control.failsafeA,
      measuredA: largest(currentA),
    }
  }
  // While a limit needs it, who did not take the last profile is not counted upon to take the next.
  if (nowMs < control.retryAtMs || (control.refusals > 0 && control.isPressed)) {
    const sinceMs = state.unansweredSinceMs ?? control.unansweredSinceMs
    if (sinceMs !== null) return { code: 'no-answer', sinceMs, allowsA: mayDrawA }
    return { code: 'failsafe', cause: 'the station refused its last profile' }
  }
  return null
}
