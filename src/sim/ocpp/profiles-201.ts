import type {
  ChargingProfilePurposeEnumType,
  ChargingProfileType,
} from 'typed-ocpp/dist/ocpp20/types.js'
import type { InstalledPeriod, InstalledProfile } from '../../engine/profile-stack.ts'
import { phasesOf } from './profiles-16.ts'

export const PURPOSES_201: Record<ChargingProfilePurposeEnumType, InstalledProfile['purpose']> = {
  ChargingStationMaxProfile: 'station-max',
  ChargingStationExternalConstraints: 'external',
  TxDefaultProfile: 'tx-default',
  TxProfile: 'tx',
}

const WIRE_PURPOSES: Record<InstalledProfile['purpose'], ChargingProfilePurposeEnumType> = {
  'station-max': 'ChargingStationMaxProfile',
  external: 'ChargingStationExternalConstraints',
  'tx-default': 'TxDefaultProfile',
  tx: 'TxProfile',
}

const time = (text: string | undefined): number | null =>
  text === undefined ? null : Date.parse(text)

const phaseToUse = (phase: number | undefined): Pick<InstalledPeriod, 'phaseToUse'> =>
  phase === 1 || phase === 2 || phase === 3 ? { phaseToUse: phase } : {}

const iso = (atMs: number): string => new Date(atMs).toISOString()

/** An OCPP 2.0.1 profile for an EVSE, as the station stores it; of several schedules the first. */
export const installed201 = (wire: ChargingProfileType, evseId: number): InstalledProfile => {
  const [schedule] = wire.chargingSchedule
  const recurring = wire.recurrencyKind === 'Weekly' ? 'weekly' : 'daily'
  const kinds = { Absolute: 'absolute', Relative: 'relative', Recurring: recurring } as const
  return {
    id: wire.id,
    evseId,
    purpose: PURPOSES_201[wire.chargingProfilePurpose],
    stackLevel: wire.stackLevel,
    transactionId: wire.transactionId ?? null,
    kind: kinds[wire.chargingProfileKind],
    validFromMs: time(wire.validFrom),
    validToMs: time(wire.validTo),
    startMs: time(schedule.startSchedule),
    durationS: schedule.duration ?? null,
    unit: schedule.chargingRateUnit,
    periods: schedule.chargingSchedulePeriod.map((period) => ({
      startS: period.startPeriod,
      limit: period.limit,
      numberPhases: phasesOf(period.numberPhases),
      ...phaseToUse(period.phaseToUse),
    })),
  }
}

/** A stored profile as the station reports it. */
export const reported201 = (profile: InstalledProfile): ChargingProfileType => ({
  id: profile.id,
  stackLevel: profile.stackLevel,
  chargingProfilePurpose: WIRE_PURPOSES[profile.purpose],
  chargingProfileKind:
    profile.kind === 'absolute'
      ? 'Absolute'
      : profile.kind === 'relative'
        ? 'Relative'
        : 'Recurring',
  ...(profile.kind === 'daily' ? { recurrencyKind: 'Daily' } : {}),
  ...(profile.kind === 'weekly' ? { recurrencyKind: 'Weekly' } : {}),
  ...(profile.validFromMs === null ? {} : { validFrom: iso(profile.validFromMs) }),
  ...(profile.validToMs === null ? {} : { validTo: iso(profile.validToMs) }),
  ...(profile.transactionId === null ? {} : { transactionId: profile.transactionId }),
  chargingSchedule: [
    {
      id: 1,
      ...(profile.startMs === null ? {} : { startSchedule: iso(profile.startMs) }),
      ...(profile.durationS === null ? {} : { duration: profile.durationS }),
      chargingRateUnit: profile.unit,
      chargingSchedulePeriod: profile.periods.map((period) => ({
        startPeriod: period.startS,
        limit: period.limit,
        ...(period.numberPhases === null ? {} : { numberPhases: period.numberPhases }),
        ...phaseToUse(period.phaseToUse),
      })),
    },
  ],
})
