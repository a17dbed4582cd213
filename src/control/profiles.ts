import type { ChargingProfile } from '../domain/charging-profile.ts'
import type { ProfileCapability } from '../domain/evse-state.ts'
import type { Evse, Site } from '../domain/site.ts'
import { phaseCount, wattsPerAmp } from '../domain/wiring.ts'
import { buildSchedule, type LimitSegment, type ScheduleLimits } from '../engine/schedule.ts'

/**
 * Profile ids are fixed for the life of an installation, one per EVSE and purpose: a profile is
 * always replaced in place and can be addressed after any restart.
 */
export const profileId = (evseId: number, purpose: ChargingProfile['purpose']): number => {
  if (purpose === 'station-max') return 1
  return evseId * 10 + (purpose === 'tx-default' ? 1 : 2)
}

/** Watts per ampere at the outlet when `phases` of its phases carry current. */
const wattsPerAmpOn = ({ wiring, efficiency }: Evse, { supply }: Site, phases: 1 | 3): number =>
  (wattsPerAmp(wiring, supply) * efficiency * phases) / phaseCount(wiring)

const scheduleLimits = (
  evse: Evse,
  site: Site,
  capability: ProfileCapability,
  numberPhases: 1 | 3,
  leadMs: number,
): ScheduleLimits => {
  const unit = capability.rateUnits.includes('A') && evse.current === 'AC' ? 'A' : 'W'
  return {
    unit,
    step: unit === 'A' ? capability.stepA : capability.stepW,
    maxPeriods: capability.maxPeriods,
    wattsPerAmp: wattsPerAmpOn(evse, site, numberPhases),
    numberPhases,
    minA: evse.minA,
    leadMs,
  }
}

/** The permanent default profile: what the EVSE may draw when it no longer hears from us. */
export const failsafeProfile = (
  evse: Evse,
  site: Site,
  capability: ProfileCapability,
  nowMs: number,
  leadMs: number,
): ChargingProfile => {
  const segment = { startMs: nowMs, endMs: nowMs + 1000, limitA: evse.failsafeA }
  const limits = scheduleLimits(evse, site, capability, phaseCount(evse.wiring), leadMs)
  return {
    id: profileId(evse.evseId, 'tx-default'),
    purpose: 'tx-default',
    stackLevel: 0,
    transactionId: null,
    validToMs: null,
    schedule: { ...buildSchedule([segment], limits), durationS: null },
  }
}

/** The phases that a profile is for; `terminal`: of one phase, where the station can choose it. */
export interface ProfilePhases {
  readonly count: 1 | 3
  readonly terminal: 1 | 2 | 3 | null
}

/** The bounded profile of a running transaction. `segments` end when it expires. */
export const transactionProfile = (
  evse: Evse,
  site: Site,
  capability: ProfileCapability,
  transactionId: string,
  { count, terminal }: ProfilePhases,
  segments: readonly LimitSegment[],
  leadMs: number,
): ChargingProfile => ({
  id: profileId(evse.evseId, 'tx'),
  purpose: 'tx',
  stackLevel: 0,
  transactionId,
  validToMs: segments[segments.length - 1].endMs,
  schedule: {
    ...buildSchedule(segments, scheduleLimits(evse, site, capability, count, leadMs)),
    ...(terminal !== null && { phaseToUse: terminal }),
  },
})
