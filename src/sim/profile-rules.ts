import type { ProfileCapability } from '../domain/evse-state.ts'
import type { InstalledProfile } from '../engine/profile-stack.ts'
import type { StationFaults } from './faults.ts'

export type OcppVersion = '1.6' | '2.0.1'

/** What a station looks at when it decides about a charging profile. */
export interface ProfileContext {
  readonly version: OcppVersion
  readonly capability: ProfileCapability
  readonly faults: StationFaults
  readonly evseIds: readonly number[]
  readonly stack: readonly InstalledProfile[]
  /** Transaction of the profile's EVSE; `undefined` = none runs, `null` = its id is not known yet. */
  readonly transactionId: string | null | undefined
}

type Rule = (profile: InstalledProfile, context: ProfileContext) => string | null

const scheduleRule: Rule = ({ periods, kind, startMs, purpose }, { version }) => {
  if (periods.length === 0 || periods[0].startS !== 0) return 'the first period must start at 0'
  if (periods.some((period, i) => i > 0 && period.startS <= periods[i - 1].startS)) {
    return 'periods must ascend'
  }
  if (periods.some((period) => period.limit < 0)) return 'limits must not be negative'
  if (version === '1.6') return null
  // 2.0.1 K01.FR.40, .41 and .38; 1.6 takes an absolute schedule without a start as relative.
  if (kind === 'relative' && startMs !== null) return 'a relative schedule has no start'
  if (kind !== 'relative' && startMs === null) return 'startSchedule is missing'
  if (kind === 'relative' && purpose === 'station-max') return 'a station maximum is not relative'
  return null
}

const purposeRule: Rule = (profile, { version, evseIds, stack, transactionId }) => {
  const { evseId, purpose } = profile
  if (evseId !== 0 && !evseIds.includes(evseId)) return `there is no EVSE ${evseId}`
  if (purpose === 'external') return 'external constraints are not for the central system'
  if (purpose === 'station-max') return evseId === 0 ? null : 'a station maximum is for EVSE 0'
  if (purpose === 'tx') {
    if (evseId === 0) return 'a transaction profile needs an EVSE'
    if (transactionId === undefined) return 'no transaction runs'
    if (version === '2.0.1' && profile.transactionId === null) return 'transactionId is missing'
    if (profile.transactionId === null || profile.transactionId === transactionId) return null
    return 'another transaction runs'
  }
  if (version === '1.6') return null
  // K01.FR.52/.53: the same level on the station and on one EVSE would be ambiguous.
  const clash = stack.some(
    (old) =>
      old.purpose === 'tx-default' &&
      old.id !== profile.id &&
      old.stackLevel === profile.stackLevel &&
      (old.evseId === 0) !== (evseId === 0),
  )
  return clash ? 'a default profile of this level is installed elsewhere' : null
}

const capabilityRule: Rule = (profile, { capability, stack, version }) => {
  if (!capability.rateUnits.includes(profile.unit)) return `limits in ${profile.unit} are unknown`
  if (profile.stackLevel > capability.maxStackLevel) return 'the stack level is too high'
  if (profile.periods.length > capability.maxPeriods) return 'too many periods'
  if (!capability.choosesPhase && profile.periods.some((period) => period.phaseToUse)) {
    return 'phaseToUse is unknown'
  }
  const replaces = stack.some(
    (old) =>
      old.id === profile.id ||
      (version === '1.6' &&
        old.purpose === profile.purpose &&
        old.stackLevel === profile.stackLevel &&
        old.evseId === profile.evseId),
  )
  return !replaces && stack.length >= capability.maxProfiles ? 'the store is full' : null
}

const faultRule: Rule = ({ periods, stackLevel }, { faults }) => {
  if (faults.refusesOnePhase && periods.some((period) => period.numberPhases === 1)) {
    return 'three phases only'
  }
  if (faults.refusesZero && periods.some((period) => period.limit === 0)) return 'no limit of 0'
  if (faults.refusesDecimals && periods.some((period) => !Number.isInteger(period.limit))) {
    return 'whole numbers only'
  }
  return stackLevel > (faults.rejectsStackLevelAbove ?? Infinity) ? 'unsupported level' : null
}

/** Why the station rejects a profile, or `null` when it accepts. Source: OCPP 1.6 5.16, 2.0.1 K01. */
export const rejection: Rule = (profile, context) =>
  scheduleRule(profile, context) ??
  purposeRule(profile, context) ??
  capabilityRule(profile, context) ??
  faultRule(profile, context)
