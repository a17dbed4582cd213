import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import type { Grant, Reason } from '../domain/reason.ts'
import type { Allocation } from '../engine/allocate.ts'
import { obeys } from '../engine/may-draw.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Storage } from '../ports/storage.ts'
import type { Asks } from './asks.ts'
import type { Binding } from '../engine/binding.ts'
import type { Topology } from '../engine/topology.ts'
import type { SiteCap } from './caps.ts'
import type { EventCaps } from './event-caps.ts'
import { inForceA, lineCurrents, measuredAt, toldPhases, type EvseControl } from './evse-control.ts'
import { isStarting, restartReason } from './ladders/restart.ts'
import { isTrusted } from './phase-control.ts'
import { phaseReasonsOf } from './phase-switching.ts'
import type { ProfileRecords } from './profile-records.ts'
import type { ControlRules } from './rules.ts'

interface Told {
  readonly limitA: number
  readonly code: Reason['code']
  readonly phases: 1 | 3
  /** Empty = it is not because of an event. */
  readonly eventId: string
}

/** What one tick has decided. */
export interface Decided {
  readonly nowMs: number
  readonly controls: readonly EvseControl[]
  readonly states: readonly EvseState[]
  readonly asks: Asks
  readonly events: EventCaps
  readonly allocation: Allocation
  readonly topology: Topology
  readonly caps: readonly SiteCap[]
  /** What keeps the grant of an EVSE from being larger. */
  readonly bindingOf: (evse: number) => Binding<SiteCap>
}

const HOUR_MS = 3_600_000

/** The limit that makes the plan of an EVSE what it is, as it stands now; `null` = it is gone. */
const behindPlan = (e: number, { asks, caps, topology }: Decided): Reason | null => {
  const limit = asks.planLimits[e]
  if (limit === null) return null
  const { nodeId, row, eventId } = limit
  const isIt = (cap: SiteCap): boolean =>
    nodeId === null
      ? cap.zone >= topology.nodeCount && topology.members[cap.zone].includes(e)
      : topology.zoneIds[cap.zone] === nodeId &&
        cap.row === row &&
        (eventId === null
          ? !('eventId' in cap.reason)
          : 'eventId' in cap.reason && cap.reason.eventId === eventId)
  return caps.find(isIt)?.reason ?? null
}

/** The first pause of an hour needs no rest, further ones twice as long each time. */
const restMs = (pauses: number, { firstRestMs, minOffMs }: ControlRules): number =>
  pauses < 2 ? 0 : Math.min(minOffMs, firstRestMs * 2 ** (pauses - 2))

/**
 * Turns an allocation into grants with their reasons, keeps the on, off and waiting times that
 * rotation needs, and tells the world what changed.
 */
export const createGrants = (deps: {
  readonly storage: Storage
  readonly fabric: Fabric
  readonly records: ProfileRecords
  readonly rules: ControlRules
}) => {
  const { storage, fabric, records, rules } = deps
  /** What was last told of each EVSE. */
  const told: Told[] = []

  const reasonsOf = (control: EvseControl, decided: Decided): Omit<Grant, 'key' | 'limitA'> => {
    const { nowMs, asks, states } = decided
    const { reasons, together } = limitReasons(control, decided)
    const e = control.index
    const sinceMs = states[e].unansweredSinceMs ?? control.unansweredSinceMs
    const first: Reason[] = []
    // It has no transaction to limit: that comes before what it would be limited by.
    if (control.restart !== null && isStarting(control.restart)) {
      first.push(restartReason(control.restart, nowMs))
    }
    // Also while the next attempt is under way.
    if (sinceMs !== null && states[e].ready && reasons[0].code !== 'no-answer') {
      first.push({ code: 'no-answer', sinceMs, allowsA: asks.mayDrawA[e] })
    }
    if (first.length > 0) return { reasons: [...first, ...reasons] }
    return together === undefined ? { reasons } : { reasons, together }
  }

  const limitReasons = (control: EvseControl, decided: Decided): Omit<Grant, 'key' | 'limitA'> => {
    const { asks, allocation, bindingOf, nowMs } = decided
    const e = control.index
    const hasSurplus = allocation.grantA[e] > asks.maxA[e] + 1e-9
    const own = hasSurplus ? asks.surplusBecause[e] : asks.because[e]
    if (asks.obstacles[e] !== null) return { reasons: [own] }
    const { caps, own: isOwn } = bindingOf(e)
    const limits = caps.map(({ reason }) => reason)
    const binding = isOwn ? [...limits, own] : limits
    const behind = isOwn && own.code === 'plan' && limits.length === 0 && behindPlan(e, decided)
    if (behind) return { reasons: [behind, own] }
    const more: Reason[] = []
    const { surplusA, minA } = asks
    const isLittle = isOwn && surplusA[e] > 0 && surplusA[e] < minA[e]
    if (isLittle || allocation.waiting[e] === 1) {
      more.push({ code: 'below-minimum', minA: minA[e] })
    }
    if (allocation.waiting[e] === 1) {
      const waitedS = Math.round((nowMs - (control.waitingSinceMs ?? nowMs)) / 1000)
      more.push({ code: 'waiting-turn', waitedS })
    }
    return { reasons: [...binding, ...more], together: binding.length }
  }

  /** A pause for want of power rests the longer the oftener it happens; one of the plan in full. */
  const pause = (control: EvseControl, active: ReadonlySet<string>, nowMs: number): void => {
    const { reasons, together = 1 } = control.grant
    const binding = reasons.slice(0, together)
    const isPlanned = binding.some(({ code }) => code === 'plan')
    const events = binding.flatMap((reason) => ('eventId' in reason ? [reason.eventId] : []))
    control.onSinceMs = null
    control.offSinceMs = nowMs
    control.pausedBy = events[0] ?? null
    control.pausedUnder = isPlanned ? [...active] : events
    control.pausesAtMs = [...control.pausesAtMs.filter((atMs) => atMs > nowMs - HOUR_MS), nowMs]
    control.restMs = isPlanned ? rules.minOffMs : restMs(control.pausesAtMs.length, rules)
  }

  /** Rotation counts what an EVSE is granted, from the moment it is. */
  const keepTimes = (
    control: EvseControl,
    grantA: number,
    { asks, events: { active }, nowMs }: Decided,
  ): void => {
    const steered = control.transactionId !== null && asks.reservedA[control.index] === 0
    const { code } = asks.because[control.index]
    // The pause of a switch, or before an offer anew, is no turn of somebody else.
    if (!steered || code === 'phase-switch' || code === 'wake-up') return
    if (grantA > 0) {
      control.onSinceMs ??= nowMs
      control.waitingSinceMs = null
      return
    }
    if (control.onSinceMs !== null) pause(control, active, nowMs)
    control.waitingSinceMs ??= nowMs
  }

  const verify = (control: EvseControl, state: EvseState, nowMs: number): void => {
    const { measured } = state
    const { accepted } = control
    const currentA = measured && lineCurrents(control, measured)
    if (!currentA || !accepted || control.verifiedAtMs >= accepted.acceptedAtMs) return
    const drawA = largest(currentA)
    const settled = measuredAt(measured) > accepted.acceptedAtMs + rules.draw.settleMs
    if (!settled || !obeys(drawA, inForceA(control, nowMs))) return
    if (control.phases && accepted.phases === 1 && !isTrusted(control.phases)) return
    control.verifiedAtMs = nowMs
    const { stationId, evseId } = control.evse
    records.verified(stationId, evseId, 'tx', drawA, nowMs, 'meter')
  }

  return {
    decide: (decided: Decided): void => {
      const { nowMs, controls, states, asks, allocation } = decided
      for (const control of controls) {
        const e = control.index
        const steered = asks.reservedA[e] === 0 && control.transactionId !== null
        const limitA = steered ? allocation.grantA[e] : asks.mayDrawA[e]
        const { reasons, together } = reasonsOf(control, decided)
        const ofPhases =
          control.phases && steered ? phaseReasonsOf(control.phases, states[e], rules) : []
        control.grant = {
          key: control.evse.key,
          limitA,
          reasons: [...reasons, ...ofPhases],
          ...(together !== undefined && { together }),
        }
        keepTimes(control, limitA, decided)
        verify(control, states[e], nowMs)
      }
    },

    /** Adds why the grant is not yet in force. */
    hold: (control: EvseControl, reason: Reason): void => {
      control.grant = { ...control.grant, reasons: [...control.grant.reasons, reason] }
    },

    /** Records and announces grants whose limit or binding reason changed. */
    publish: (nowMs: number, controls: readonly EvseControl[]): void => {
      for (const control of controls) {
        const { index, grant } = control
        const { limitA } = grant
        const phases = toldPhases(control)
        const reason = grant.reasons[0]
        const { code } = reason
        const eventId = 'eventId' in reason ? reason.eventId : ''
        const before = told[index]
        const isTold =
          before?.limitA === limitA &&
          before.code === code &&
          before.eventId === eventId &&
          before.phases === phases
        if (isTold) continue
        told[index] = { limitA, code, phases, eventId }
        storage.append({
          table: 'grant',
          row: { key: grant.key, atMs: nowMs, limitA, reasons: grant.reasons },
        })
        fabric.publish({ kind: 'grant', id: grant.key, atMs: nowMs, data: grant })
      }
    },
  }
}
