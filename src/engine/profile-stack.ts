import type { ChargingProfile, SchedulePeriod } from '../domain/charging-profile.ts'

/** A charging profile as a station holds it, of any kind that OCPP 1.6 and 2.0.1 know. */
export interface InstalledProfile {
  readonly id: number
  /** EVSE (1.6: connector); 0 = the whole station, or every EVSE for `tx-default`. */
  readonly evseId: number
  /** `external`: a constraint that did not come from the central system (2.x). */
  readonly purpose: ChargingProfile['purpose'] | 'external'
  readonly stackLevel: number
  /** `null` binds a `tx` profile to whatever transaction runs. */
  readonly transactionId: string | null
  readonly kind: 'absolute' | 'relative' | 'daily' | 'weekly'
  readonly validFromMs: number | null
  readonly validToMs: number | null
  /** `null` = from the start of the transaction (always so for `relative`). */
  readonly startMs: number | null
  /** `null` = the last period never ends. */
  readonly durationS: number | null
  readonly unit: 'A' | 'W'
  /** First at 0, ascending. */
  readonly periods: readonly InstalledPeriod[]
}

export interface InstalledPeriod extends SchedulePeriod {
  /** Phases that a limit in watts is for; `null` = 3, as OCPP assumes. */
  readonly numberPhases: 1 | 2 | 3 | null
  /** Terminal to charge on with one phase (2.x); absent = the station's choice. */
  readonly phaseToUse?: 1 | 2 | 3
}

/** A domain profile as the station that accepts it holds it. */
export const asInstalled = (profile: ChargingProfile, evseId: number): InstalledProfile => {
  const { schedule } = profile
  return {
    id: profile.id,
    evseId,
    purpose: profile.purpose,
    stackLevel: profile.stackLevel,
    transactionId: profile.transactionId,
    kind: 'absolute',
    validFromMs: null,
    validToMs: profile.validToMs,
    startMs: schedule.startMs,
    durationS: schedule.durationS,
    unit: schedule.unit,
    periods: schedule.periods.map((period) => ({
      ...period,
      numberPhases: schedule.numberPhases,
      ...(schedule.phaseToUse !== undefined && { phaseToUse: schedule.phaseToUse }),
    })),
  }
}

/**
 * The stack after a new profile. The same id replaces (2.0.1 K01.FR.05); in 1.6 so does the same
 * purpose and level on the same connector (1.6, 5.16.3).
 */
export const installProfile = (
  stack: readonly InstalledProfile[],
  profile: InstalledProfile,
  version: '1.6' | '2.0.1',
): readonly InstalledProfile[] => {
  const replaces = (old: InstalledProfile): boolean =>
    old.id === profile.id ||
    (version === '1.6' &&
      old.purpose === profile.purpose &&
      old.stackLevel === profile.stackLevel &&
      old.evseId === profile.evseId)
  return [...stack.filter((old) => !replaces(old)), profile]
}

export interface ProfileCriteria {
  /** When given, the other criteria are ignored. */
  readonly profileId?: number
  readonly evseId?: number
  readonly purpose?: InstalledProfile['purpose']
  readonly stackLevel?: number
}

/** Whether a clear or a report with these criteria (all must hold) is about the profile. */
export const matchesCriteria = (profile: InstalledProfile, criteria: ProfileCriteria): boolean =>
  criteria.profileId === undefined
    ? (criteria.evseId === undefined || criteria.evseId === profile.evseId) &&
      (criteria.purpose === undefined || criteria.purpose === profile.purpose) &&
      (criteria.stackLevel === undefined || criteria.stackLevel === profile.stackLevel)
    : criteria.profileId === profile.id
