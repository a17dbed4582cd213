import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import type { Draws } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { EventCaps } from './event-caps.ts'
import { mayDraw } from './draw-state.ts'
import { disobeys, lineCurrents, type EvseControl } from './evse-control.ts'
import { fillDraws, othersShare } from './line-draws.ts'
import { countsAsOne } from './phase-control.ts'
import type { ControlRules } from './rules.ts'

/** What the plan wants of an EVSE now; `null` = it has no opinion. */
export interface PlanTarget {
  readonly planId: string
  readonly targetA: number
  /** Mean power of the plan's step, and watts per ampere that the plan reckoned with. */
  readonly plannedW: number
  readonly wattsPerAmp: number
  /** Charging more now costs nothing: what is left over may be taken. */
  readonly takesSurplus: boolean
  readonly untilMs: number
}
export type PlanTargets = (key: string, nowMs: number) => PlanTarget | null

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
    eventA: array(),
    because: reasons(),
    surplusBecause: reasons(),
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
    asks.mayDrawA[e] = mayDraw(control, state, nowMs, rules)
    const others = othersShare(control, state, asks.mayDrawA[e], nowMs, rules)
    fillDraws(asks.draws, topology, site, control, state, others)
    asks.obstacles[e] = notSteerable(control, state, nowMs, rules)
    asks.reservedA[e] = asks.obstacles[e] ? asks.mayDrawA[e] : 0
  }
}

/** Fills the asks of this tick: of those that can be steered what they should and may get. */
export const fillAsks = (
  asks: Asks,
  site: Site,
  controls: readonly EvseControl[],
  states: readonly EvseState[],
  events: EventCaps,
  targets: PlanTargets,
  nowMs: number,
  rules: ControlRules,
): void => {
  for (let e = 0; e < controls.length; e++) {
    const control = controls[e]
    const state = states[e]
    const obstacle = asks.obstacles[e]
    const event = events.evseLimit(control.evse.key, countsAsOne(control.phases))
    const want = obstacle
      ? upTo(0, obstacle)
      : wanted(control, state, events, event, targets, site, nowMs, rules)
    asks.minA[e] = control.evse.minA
    asks.priority[e] = state.session?.priority ?? control.evse.priority
    asks.eventA[e] = event?.limitA ?? Infinity
    asks.maxA[e] = want.maxA
    asks.surplusA[e] = want.surplusA
    asks.because[e] = want.because
    asks.surplusBecause[e] = want.surplusBecause
    asks.rank[e] = admissionRank(control, nowMs, rules)
  }
}

/** Per node: watts reserved for EVSEs at which no car is plugged in. */
export const idlePower = (
  topology: Topology,
  asks: Asks,
  states: readonly EvseState[],
): Float64Array => {
  const idleW = new Float64Array(topology.nodeCount)
  for (let e = 0; e < topology.evseCount; e++) {
    if (states[e].session !== null || !states[e].ready) continue
    const watts = asks.reservedA[e] * asks.draws.watts[e]
    for (let n = topology.evseNode[e]; n >= 0; n = topology.parent[n]) idleW[n] += watts
  }
  return idleW
}

const notSteerable = (
  control: EvseControl,
  state: EvseState,
  nowMs: number,
  rules: ControlRules,
): Reason | null => {
  if (!state.ready) return { code: 'offline', sinceMs: control.sinceMs }
  if (control.failsafeA === null) return { code: 'never-accepted' }
  if (control.transactionId === null) return { code: 'no-session' }
  const currentA = state.measured && lineCurrents(control, state.measured)
  if (disobeys(control, nowMs, rules) && currentA) {
    return {
      code: 'disobeys',
      acceptedA: control.accepted?.limitA ?? control.failsafeA,
      measuredA: largest(currentA),
    }
  }
  if (nowMs < control.retryAtMs) {
    return { code: 'failsafe', cause: 'the station refused its last profile' }
  }
  return null
}

interface Want {
  readonly maxA: number
  readonly surplusA: number
  readonly because: Reason
  readonly surplusBecause: Reason
}

const upTo = (maxA: number, because: Reason): Want => ({
  maxA,
  surplusA: maxA,
  because,
  surplusBecause: because,
})

const wanted = (
  control: EvseControl,
  state: EvseState,
  events: EventCaps,
  event: ReturnType<EventCaps['evseLimit']>,
  targets: PlanTargets,
  site: Site,
  nowMs: number,
  rules: ControlRules,
): Want => {
  const { evse, phases } = control
  const need = state.session?.need
  if (need?.energyWh != null && need.source !== 'default') {
    if ((state.session?.energyWh ?? 0) >= need.energyWh) {
      return upTo(0, { code: 'need-met', energyWh: need.energyWh })
    }
  }
  if (phases && phases.state.next !== null) {
    const forS = Math.max(0, Math.ceil(rules.phases.pauseS - phases.state.zeroS))
    return upTo(0, { code: 'phase-switch', phases: phases.state.next, forS })
  }
  // An event that is over has nothing to do with flutter: what it paused may go on at once.
  const released = control.pausedBy !== null && !events.active(control.pausedBy)
  if (control.onSinceMs === null && nowMs - control.offSinceMs < rules.minOffMs && !released) {
    const remainingS = Math.ceil((rules.minOffMs - (nowMs - control.offSinceMs)) / 1000)
    return upTo(0, { code: 'minimum-off-time', remainingS })
  }
  let maxA = evse.maxA
  let because: Reason = { code: 'evse-rating', maxA }
  const used = control.demand.wantA
  if (used < maxA) {
    maxA = used
    because = { code: 'vehicle-draws-less', drawA: used }
  }
  if (event && event.limitA < maxA) {
    maxA = event.limitA
    because = { code: 'event-evse-limit', eventId: event.eventId, limitA: event.limitA }
  }
  const target = events.follow ? null : targets(evse.key, nowMs)
  if (!target) return upTo(maxA, because)
  const { planId, untilMs } = target
  const targetA = phases
    ? targetOn(target, site, phases.state.phases === 1, evse.minA)
    : target.targetA
  if (targetA >= maxA) return upTo(maxA, because)
  const planned = upTo(targetA, { code: 'plan', planId, targetA, untilMs })
  return target.takesSurplus ? { ...planned, surplusA: maxA, surplusBecause: because } : planned
}

/** A target that was planned for another number of phases, as amperes on those of now. */
const targetOn = (
  { targetA, plannedW, wattsPerAmp }: PlanTarget,
  { supply }: Site,
  onOnePhase: boolean,
  minA: number,
): number => {
  if (wattsPerAmp < 1.5 * supply.voltageV === onOnePhase) return targetA
  const plannedA = plannedW / (supply.voltageV * (onOnePhase ? 1 : 3))
  return plannedA >= minA || targetA === 0 ? plannedA : minA
}

const SERVED_FIRST = 0
const WAITING = 1
const HAD_ITS_TURN = 2
const DRAWS_NOTHING = 3
/** Further apart than any two instants, so that the class decides and the time breaks ties. */
const CLASS = 1e14

/**
 * Who is admitted first within a priority: those in their minimum on-time, then those who wait
 * (longest first), then those who had a turn, last those whose vehicle draws nothing.
 */
const admissionRank = (control: EvseControl, nowMs: number, rules: ControlRules): number => {
  if (control.idleSinceMs !== null && nowMs - control.idleSinceMs > 2 * rules.demand.lowForMs) {
    return DRAWS_NOTHING * CLASS + control.index
  }
  if (control.onSinceMs !== null) {
    const turnOver = nowMs - control.onSinceMs >= rules.minOnMs
    return (turnOver ? HAD_ITS_TURN : SERVED_FIRST) * CLASS + control.onSinceMs
  }
  return WAITING * CLASS + (control.waitingSinceMs ?? nowMs)
}
