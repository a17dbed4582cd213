import type { ChargingProfile } from '../domain/charging-profile.ts'
import { phaseCount } from '../domain/wiring.ts'
import type { EvseControl } from './evse-control.ts'
import { restorePhases } from './phase-control.ts'
import type { ProfileRecords } from './profile-records.ts'

/**
 * After a restart: what each station last accepted, and what was sent without a known answer, count
 * again as they did before.
 */
export const restoreControl = (
  control: EvseControl,
  records: ProfileRecords,
  nowMs: number,
): void => {
  if (control.evse.control === 'off') return
  const { stationId, evseId } = control.evse
  const failsafe = records.get(stationId, evseId, 'tx-default')
  if (failsafe.reported) control.failsafeA = limitOf(control, failsafe.reported.profile)

  const { sent, reported, verified } = records.get(stationId, evseId, 'tx')
  const latest = sent ?? reported
  if (!latest) return
  control.transactionId = latest.profile.transactionId
  if (reported && reported.profile.transactionId === control.transactionId) {
    control.accepted = {
      limitA: limitOf(control, reported.profile),
      validToMs: (reported.profile.validToMs ?? Infinity) + setBack(reported.atMs, nowMs),
      acceptedAtMs: Math.min(reported.atMs, nowMs),
      previousA: 0,
      phases: reported.profile.schedule.numberPhases,
      previousOthersA: 0,
      segments: [],
    }
  }
  if (sent && (!reported || sent.atMs > reported.atMs)) {
    const limitA = limitOf(control, sent.profile)
    const phases = sent.profile.schedule.numberPhases
    control.inFlight = {
      limitA,
      othersA: phases === 1 ? 0 : limitA,
      phases,
      validToMs: sent.profile.validToMs ?? Infinity,
      sentAtMs: sent.atMs,
      unknown: true,
    }
  }
  if (control.phases) {
    const isVerified = verified !== null && reported?.profile.schedule.numberPhases === 1
    restorePhases(control.phases, latest.profile.schedule.numberPhases, isVerified)
  }
}

/** Written later than now: the clock was set back since, and the profile ends as much earlier. */
const setBack = (atMs: number, nowMs: number): number => Math.min(0, nowMs - atMs)

/** Highest limit of a profile in amperes per conductor of this EVSE. */
const limitOf = (control: EvseControl, profile: ChargingProfile): number => {
  const highest = Math.max(...profile.schedule.periods.map((period) => period.limit))
  const { unit, numberPhases } = profile.schedule
  const perAmpW = (control.wattsPerAmp * numberPhases) / phaseCount(control.evse.wiring)
  return unit === 'A' ? highest : highest / perAmpW
}
