import type { EvseState } from '../domain/evse-state.ts'
import { largest } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Allocation } from '../engine/allocate.ts'
import { obeys } from '../engine/may-draw.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Storage } from '../ports/storage.ts'
import type { Asks } from './asks.ts'
import type { CapReason } from './caps.ts'
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
  readonly capReason: CapReason
  /** Why so many amperes more find no room; `null` = they would. */
  readonly blocking: (evse: number, amps: number) => Reason | null
}

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

  const reasonsOf = (control: EvseControl, decided: Decided): Reason[] => {
    const { nowMs, asks, states } = decided
    const reasons = limitReasons(control, decided)
    const e = control.index
    const sinceMs = states[e].unansweredSinceMs ?? control.unansweredSinceMs
    // Also while the next attempt is under way.
    if (sinceMs !== null && states[e].ready && reasons[0].code !== 'no-answer') {
      reasons.unshift({ code: 'no-answer', sinceMs, allowsA: asks.mayDrawA[e] })
    }
    // It has no transaction to limit: that comes before what it would be limited by.
    return control.restart !== null && isStarting(control.restart)
      ? [restartReason(control.restart, nowMs), ...reasons]
      : reasons
  }

  const limitReasons = (control: EvseControl, decided: Decided): Reason[] => {
    const { asks, allocation, capReason, blocking, nowMs } = decided
    const e = control.index
    const hasSurplus = allocation.grantA[e] > asks.maxA[e] + 1e-9
    const own = hasSurplus ? asks.surplusBecause[e] : asks.because[e]
    const stoppedBy = allocation.stoppedBy[e]
    if (asks.surplusA[e] > 0 && asks.surplusA[e] < asks.minA[e]) {
      return [own, { code: 'below-minimum', minA: asks.minA[e] }]
    }
    if (own.code === 'minimum-off-time') {
      // Its rest would not help: the event leaves nothing.
      const cap = blocking(e, asks.minA[e])
      return cap !== null && 'eventId' in cap ? [cap, own] : [own]
    }
    if (asks.surplusA[e] === 0 || stoppedBy < 0) return [own]
    const cap = capReason(stoppedBy >> 2, stoppedBy & 3)
    if (allocation.waiting[e] === 0) return [cap]
    const waitedS = Math.round((nowMs - (control.waitingSinceMs ?? nowMs)) / 1000)
    return [cap, { code: 'below-minimum', minA: asks.minA[e] }, { code: 'waiting-turn', waitedS }]
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
    if (control.onSinceMs !== null) {
      const [reason] = control.grant.reasons
      control.onSinceMs = null
      control.offSinceMs = nowMs
      control.pausedBy = 'eventId' in reason ? reason.eventId : null
      control.pausedUnder =
        'eventId' in reason ? [reason.eventId] : reason.code === 'plan' ? [...active] : []
    }
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
        const reasons = reasonsOf(control, decided)
        if (control.phases && steered) {
          reasons.push(...phaseReasonsOf(control.phases, states[e], rules))
        }
        control.grant = { key: control.evse.key, limitA, reasons }
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
