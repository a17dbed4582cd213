import type { ChargingProfile, ChargingSchedule } from '../domain/charging-profile.ts'
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

/** One limit from the start of the transaction, without an end: no clock plays a part in it. */
const endless = (limitA: number, limits: ScheduleLimits): ChargingSchedule => ({
  ...buildSchedule([{ startMs: 0, endMs: 1000, limitA }], { ...limits, leadMs: 0 }),
  durationS: null,
  isRelative: true,
})

/**
 * The permanent default profile: what the EVSE may draw when it no longer hears from us. Like all of
 * ours it is at the highest level that the station takes: a default of an earlier central system
 * above it would win.
 */
export const failsafeProfile = (
  evse: Evse,
  site: Site,
  capability: ProfileCapability,
): ChargingProfile => ({
  id: profileId(evse.evseId, 'tx-default'),
  purpose: 'tx-default',
  stackLevel: capability.maxStackLevel,
  transactionId: null,
  validToMs: null,
  schedule: endless(
    evse.failsafeA,
    scheduleLimits(evse, site, capability, phaseCount(evse.wiring), 0),
  ),
})

/** The phases that a profile is for; `terminal`: of one phase, where the station can choose it. */
export interface ProfilePhases {
  readonly count: 1 | 3
  readonly terminal: 1 | 2 | 3 | null
}

/**
 * The profile of a running transaction. `segments` end when it expires; a single one that never ends
 * makes a profile without an end.
 */
export const transactionProfile = (
  evse: Evse,
  site: Site,
  capability: ProfileCapability,
  transactionId: string,
  { count, terminal }: ProfilePhases,
  segments: readonly LimitSegment[],
  leadMs: number,
): ChargingProfile => {
  const limits = scheduleLimits(evse, site, capability, count, leadMs)
  const { endMs } = segments[segments.length - 1]
  const isEndless = endMs === Infinity
  return {
    id: profileId(evse.evseId, 'tx'),
    purpose: 'tx',
    stackLevel: capability.maxStackLevel,
    transactionId,
    validToMs: isEndless ? null : endMs,
    schedule: {
      ...(isEndless ? endless(segments[0].limitA, limits) : buildSchedule(segments, limits)),
      ...(terminal !== null && { phaseToUse: terminal }),
    },
  }
}
