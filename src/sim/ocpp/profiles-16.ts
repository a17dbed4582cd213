import type {
  GetCompositeScheduleResponse,
  SetChargingProfileRequest,
} from 'typed-ocpp/dist/ocpp16/types.js'
import type { CompositeSchedule } from '../../domain/charging-profile.ts'
import type { InstalledProfile } from '../../engine/profile-stack.ts'

type WireProfile = SetChargingProfileRequest['csChargingProfiles']

export const PURPOSES_16: Record<
  WireProfile['chargingProfilePurpose'],
  InstalledProfile['purpose']
> = {
  ChargePointMaxProfile: 'station-max',
  TxDefaultProfile: 'tx-default',
  TxProfile: 'tx',
}

const time = (text: string | undefined): number | null =>
  text === undefined ? null : Date.parse(text)

export const phasesOf = (count: number | undefined): 1 | 2 | 3 | null =>
  count === 1 || count === 2 || count === 3 ? count : null

/** An OCPP 1.6 profile for a connector, as the station stores it. */
export const installed16 = (wire: WireProfile, connectorId: number): InstalledProfile => {
  const schedule = wire.chargingSchedule
  const recurring = wire.recurrencyKind === 'Weekly' ? 'weekly' : 'daily'
  const kinds = { Absolute: 'absolute', Relative: 'relative', Recurring: recurring } as const
  return {
    id: wire.chargingProfileId,
    evseId: connectorId,
    purpose: PURPOSES_16[wire.chargingProfilePurpose],
    stackLevel: wire.stackLevel,
    transactionId: wire.transactionId === undefined ? null : String(wire.transactionId),
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
    })),
  }
}

/** 1.6 knows one decimal. */
const oneDecimal = (value: number): number => Math.round(value * 10) / 10

export const composite16 = (
  composite: CompositeSchedule,
  connectorId: number,
  durationS: number,
  scheduleStart: string,
): GetCompositeScheduleResponse => ({
  status: 'Accepted',
  connectorId,
  scheduleStart,
  chargingSchedule: {
    duration: durationS,
    chargingRateUnit: composite.unit,
    chargingSchedulePeriod: composite.periods.map((period) => ({
      startPeriod: period.startS,
      limit: oneDecimal(period.limit),
    })),
  },
})
