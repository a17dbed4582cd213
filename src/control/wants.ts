import type { EvseState } from '../domain/evse-state.ts'
import type { PlanCause, Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import type { EventCaps } from './event-caps.ts'
import type { EvseControl } from './evse-control.ts'
import { pauseLeftMs } from '../engine/vehicle-start.ts'
import type { ControlRules } from './rules.ts'
import { drawsNothing, isVehicleWoken, minimumA } from './vehicle.ts'

/** What the plan wants of an EVSE now; `null` = it has no opinion. */
export interface PlanTarget {
  readonly planId: string
  readonly targetA: number
  /** Mean power of the plan's step, and watts per ampere that the plan reckoned with. */
  readonly plannedW: number
  readonly wattsPerAmp: number
  /** Charging more now costs nothing: what is left over may be taken, with a target of 0 as well. */
  readonly takesSurplus: boolean
  readonly untilMs: number
  /** What makes the plan give it no more now. */
  readonly cause: PlanCause
  /** The limit that does, if one does. */
  readonly limit: PlanLimit | null
}

/** A limit as a plan knows it. */
export interface PlanLimit {
  /** `null` = of a set of EVSEs that is no node. */
  readonly nodeId: string | null
  /** 0..2 = line, 3 = power. */
  readonly row: number
  /** The event whose limit it is; `null` = the node's own, or that of a set. */
  readonly eventId: string | null
}
export type PlanTargets = (key: string, nowMs: number) => PlanTarget | null

type EventLimit = NonNullable<ReturnType<EventCaps['evseLimit']>>

const eventReason = ({ eventId, limitA }: EventLimit): Reason => ({
  code: 'event-evse-limit',
  eventId,
  limitA,
})

/** What wants depend on besides the EVSE. */
export interface WantContext {
  readonly nowMs: number
  readonly site: Site
  readonly rules: ControlRules
  readonly events: EventCaps
  readonly targets: PlanTargets
}

/** What an EVSE should get and may get, amperes per conductor, and why no more. */
export interface Want {
  readonly maxA: number
  readonly surplusA: number
  readonly because: Reason
  readonly surplusBecause: Reason
  /** What it would ask without the constraint that `because` names; its vehicle is none. */
  readonly freedA: number
  /** The limit that makes the plan ask no more. */
  readonly planLimit: PlanLimit | null
}

export const upTo = (maxA: number, because: Reason, freedA = maxA): Want => ({
  maxA,
  surplusA: maxA,
  because,
  surplusBecause: because,
  freedA,
  planLimit: null,
})

/** What the EVSE of a session that can be steered should get now. `event`: what events leave to it. */
export const wantOf = (
  control: EvseControl,
  state: EvseState,
  event: EventLimit | null,
  { nowMs, site, rules, events, targets }: WantContext,
): Want => {
  const { evse, phases, vehicle } = control
  const minA = minimumA(control)
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
  const pauseMs = vehicle === null ? 0 : pauseLeftMs(vehicle.start, nowMs)
  if (pauseMs > 0) return upTo(0, { code: 'wake-up', forS: Math.ceil(pauseMs / 1000) })
  let maxA = evse.maxA
  let because: Reason = { code: 'evse-rating', maxA }
  const used = control.demand.wantA
  if (used < maxA) {
    maxA = used
    because = { code: 'vehicle-draws-less', drawA: used }
  }
  if (maxA < minA) {
    maxA = minA
    because = { code: 'start-current', offerA: minA }
  }
  let freedA = maxA
  const external = state.externalLimit
  if (external && external.limitA < maxA) {
    maxA = external.limitA
    because = { code: 'station-external-limit', ...external }
  }
  if (event && event.limitA < maxA) {
    freedA = maxA
    maxA = event.limitA
    because = eventReason(event)
    if (maxA < minA) return upTo(maxA, because, freedA)
  }
  // A vehicle that drew nothing has nothing to rest from.
  const rests = control.onSinceMs === null && (vehicle === null || vehicle.start.unusedA === 0)
  const restsMs = rests ? control.offSinceMs + control.restMs - nowMs : 0
  if (restsMs > 0) {
    return upTo(0, { code: 'minimum-off-time', remainingS: Math.ceil(restsMs / 1000) }, maxA)
  }
  const target = events.follow ? null : targets(evse.key, nowMs)
  if (!target) return upTo(maxA, because, freedA)
  const { planId, untilMs } = target
  const targetA = phases
    ? targetOn(target, site, phases.state.phases === 1, minA)
    : aboveMinimum(target.targetA, minA)
  if (targetA >= maxA) return upTo(maxA, because, freedA)
  const { cause, limit: planLimit } = target
  const reason: Reason = { code: 'plan', planId, targetA, untilMs, cause }
  const planned = { ...upTo(targetA, reason, maxA), planLimit }
  return target.takesSurplus
    ? { ...planned, surplusA: maxA, surplusBecause: because, freedA }
    : planned
}

/** A plan reckons with the smallest current of the EVSE; its vehicle may need more. */
const aboveMinimum = (targetA: number, minA: number): number =>
  targetA === 0 ? 0 : Math.max(targetA, minA)

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
/** Of those that the plan would let wait, which take what is left. */
const EXTRA = 2
const DRAWS_NOTHING = 5
/** Further apart than any two instants, so that the class decides and the time breaks ties. */
const CLASS = 1e14

/**
 * Who is admitted first within a priority: those in their minimum on-time, then those who wait
 * (longest first), then those who had a turn, then those that the plan would let wait in the same
 * order, last those whose vehicle draws nothing.
 *
 * @param isExtra the plan gives it nothing now: it takes what is left
 */
export const admissionRank = (
  control: EvseControl,
  { nowMs, rules }: Pick<WantContext, 'nowMs' | 'rules'>,
  isExtra = false,
): number => {
  const extra = isExtra ? EXTRA : 0
  // Asleep until now: its turn is short.
  if (isVehicleWoken(control, nowMs)) return SERVED_FIRST * CLASS
  if (drawsNothing(control)) {
    return control.vehicle?.isTried ? WAITING * CLASS : DRAWS_NOTHING * CLASS + control.index
  }
  if (control.onSinceMs !== null) {
    // A pause would end its transaction: others, who can be paused, make room for it.
    if (control.endsAtZero) return SERVED_FIRST * CLASS
    const turnOver = nowMs - control.onSinceMs >= rules.minOnMs
    return (turnOver ? HAD_ITS_TURN + extra : SERVED_FIRST) * CLASS + control.onSinceMs
  }
  return (WAITING + extra) * CLASS + (control.waitingSinceMs ?? nowMs)
}
