import type { AuthorizationStatus, Decision } from '../../csms/authorization.ts'
import {
  createSets,
  DEFAULT_MEASURAND,
  normalise,
  signed,
  type MeterSet,
  type MeterValue,
} from '../../csms/sampled-value.ts'
import type { ChargingState } from '../../csms/status.ts'
import type { ChargingProfile, ChargingSchedule } from '../../domain/charging-profile.ts'
import type { EvseStatus, SessionNeed } from '../../domain/session.ts'
import type { Request201, Response201 } from '../payloads201.ts'
import { readTime } from '../profile-shape.ts'
import { iso } from '../timestamp.ts'

type Status201 = Request201<'StatusNotification'>['connectorStatus']
type WireMeterValue = Request201<'MeterValues'>['meterValue'][number]
type WireSample = WireMeterValue['sampledValue'][number]
type WireProfile = Request201<'SetChargingProfile'>['chargingProfile']
type WireSchedule = WireProfile['chargingSchedule'][number]
type WireNeeds = Request201<'NotifyEVChargingNeeds'>['chargingNeeds']
type ChargingState201 = NonNullable<
  Request201<'TransactionEvent'>['transactionInfo']['chargingState']
>
type IdTokenInfo = Response201<'Authorize'>['idTokenInfo']

export const STATUS: Readonly<Record<Status201, EvseStatus>> = {
  Available: 'available',
  Occupied: 'occupied',
  Reserved: 'reserved',
  Unavailable: 'unavailable',
  Faulted: 'faulted',
}

export const CHARGING_STATE: Readonly<Record<ChargingState201, ChargingState>> = {
  Charging: 'charging',
  EVConnected: 'ev-connected',
  SuspendedEV: 'suspended-ev',
  SuspendedEVSE: 'suspended-evse',
  Idle: 'idle',
}

const AUTHORIZATION: Readonly<Record<AuthorizationStatus, IdTokenInfo['status']>> = {
  accepted: 'Accepted',
  blocked: 'Blocked',
  expired: 'Expired',
  concurrent: 'ConcurrentTx',
  unknown: 'Unknown',
  invalid: 'Invalid',
}

export const idTokenInfo = ({ status, groupId, expiresAtMs }: Decision): IdTokenInfo => ({
  status: AUTHORIZATION[status],
  ...(groupId !== null && { groupIdToken: { idToken: groupId, type: 'Central' } }),
  ...(expiresAtMs !== null && { cacheExpiryDateTime: iso(expiresAtMs) }),
})

const sample = (wire: WireSample, values: MeterValue[]): void => {
  const measurand = wire.measurand ?? DEFAULT_MEASURAND
  const { unit, multiplier = 0 } = wire.unitOfMeasure ?? {}
  const value = multiplier === 0 ? wire.value : wire.value * 10 ** multiplier
  const normal = normalise(measurand, wire.phase, unit, wire.location, value)
  if (normal !== null) values.push(normal)
  if (wire.signedMeterValue) {
    values.push(signed(measurand, wire.phase, JSON.stringify(wire.signedMeterValue)))
  }
}

/** Meter values in base units. */
export const meterSets = (wire: readonly WireMeterValue[]): readonly MeterSet[] => {
  const collected = createSets()
  for (const { timestamp, sampledValue } of wire) {
    const statedMs = readTime(timestamp)
    collected.next()
    for (const each of sampledValue) sample(each, collected.at(statedMs, each.context))
  }
  return collected.sets
}

const PURPOSE = {
  'station-max': 'ChargingStationMaxProfile',
  'tx-default': 'TxDefaultProfile',
  tx: 'TxProfile',
} as const satisfies Record<ChargingProfile['purpose'], WireProfile['chargingProfilePurpose']>

export const purpose = (of: ChargingProfile['purpose']): (typeof PURPOSE)[keyof typeof PURPOSE] =>
  PURPOSE[of]

const OUR_PURPOSE: Readonly<Record<string, ChargingProfile['purpose']>> = {
  ChargingStationMaxProfile: 'station-max',
  TxDefaultProfile: 'tx-default',
  TxProfile: 'tx',
}

/**
 * A shaped profile on the wire: one schedule, Absolute where it changes or ends, `numberPhases` always said. The schedule has
 * the id of the profile: each profile has one, and ids of schedules must differ on a station.
 */
export const chargingProfile = (profile: ChargingProfile): WireProfile => {
  const { schedule, transactionId, validToMs } = profile
  const start = schedule.isRelative ? {} : { startSchedule: iso(schedule.startMs) }
  const validFrom = iso(schedule.startMs)
  return {
    id: profile.id,
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: PURPOSE[profile.purpose],
    chargingProfileKind: schedule.isRelative ? 'Relative' : 'Absolute',
    ...(transactionId !== null && { transactionId }),
    ...(validToMs !== null && { validFrom, validTo: iso(validToMs) }),
    chargingSchedule: [
      {
        id: profile.id,
        ...(schedule.durationS !== null && { duration: schedule.durationS }),
        ...start,
        chargingRateUnit: schedule.unit,
        chargingSchedulePeriod: schedule.periods.map(({ startS, limit }) => ({
          startPeriod: startS,
          limit,
          numberPhases: schedule.numberPhases,
          // Allowed with one phase only, and by stations that can choose it.
          ...(schedule.phaseToUse !== undefined && { phaseToUse: schedule.phaseToUse }),
        })),
      },
    ],
  }
}

/** A schedule of a station or a vehicle; `anchorMs` is its start when it names none. */
export const readSchedule = (wire: WireSchedule, anchorMs: number): ChargingSchedule => ({
  startMs: readTime(wire.startSchedule) ?? anchorMs,
  durationS: wire.duration ?? null,
  unit: wire.chargingRateUnit,
  numberPhases: wire.chargingSchedulePeriod[0]?.numberPhases === 1 ? 1 : 3,
  periods: wire.chargingSchedulePeriod.map(({ startPeriod, limit }) => ({
    startS: startPeriod,
    limit,
  })),
})

/** A profile that a station reports; `null` for a purpose that is not ours (external constraints). */
export const readProfile = (wire: WireProfile): ChargingProfile | null => {
  const ours = OUR_PURPOSE[wire.chargingProfilePurpose]
  const [schedule] = wire.chargingSchedule
  if (ours === undefined || schedule === undefined) return null
  return {
    id: wire.id,
    purpose: ours,
    stackLevel: wire.stackLevel,
    transactionId: wire.transactionId ?? null,
    validToMs: readTime(wire.validTo),
    schedule: readSchedule(schedule, 0),
  }
}

/** What a vehicle asks for by ISO 15118; energy in Wh. */
export const readNeed = (wire: WireNeeds): SessionNeed => {
  const { acChargingParameters: ac, dcChargingParameters: dc } = wire
  return {
    energyWh: ac?.energyAmount ?? (dc ? dcEnergyWh(dc) : null),
    departureMs: readTime(wire.departureTime),
    source: 'station',
  }
}

const dcEnergyWh = (dc: NonNullable<WireNeeds['dcChargingParameters']>): number | null => {
  if (dc.energyAmount !== undefined) return dc.energyAmount
  const { evEnergyCapacity, stateOfCharge, fullSoC = 100 } = dc
  return evEnergyCapacity === undefined || stateOfCharge === undefined
    ? null
    : (evEnergyCapacity * Math.max(0, fullSoC - stateOfCharge)) / 100
}
