import type { ChargingProfile } from '../../domain/charging-profile.ts'
import { readNumberText } from '../../domain/number-text.ts'
import type { EvseStatus } from '../../domain/session.ts'
import type { AuthorizationStatus, Decision } from '../../csms/authorization.ts'
import {
  createSets,
  DEFAULT_MEASURAND,
  isUnit,
  normalise,
  signed,
  type MeterSet,
  type MeterValue,
} from '../../csms/sampled-value.ts'
import type { Request16, Response16 } from '../payloads16.ts'
import { readTime } from '../profile-shape.ts'
import { iso } from '../timestamp.ts'

type Status16 = Request16<'StatusNotification'>['status']
type WireMeterValue = Request16<'MeterValues'>['meterValue'][number]
type WireSample = WireMeterValue['sampledValue'][number]
type WireProfile = Request16<'SetChargingProfile'>['csChargingProfiles']
type IdTagInfo = Response16<'Authorize'>['idTagInfo']

export const STATUS: Readonly<Record<Status16, EvseStatus>> = {
  Available: 'available',
  Preparing: 'occupied',
  Charging: 'charging',
  SuspendedEV: 'suspended-ev',
  SuspendedEVSE: 'suspended-evse',
  Finishing: 'finishing',
  Reserved: 'reserved',
  Unavailable: 'unavailable',
  Faulted: 'faulted',
}

const AUTHORIZATION: Readonly<Record<AuthorizationStatus, IdTagInfo['status']>> = {
  accepted: 'Accepted',
  blocked: 'Blocked',
  expired: 'Expired',
  concurrent: 'ConcurrentTx',
  unknown: 'Invalid',
  invalid: 'Invalid',
}

/** Longest IdToken of OCPP 1.6. */
export const MAX_ID_TAG = 20

export const idTagInfo = ({ status, groupId, expiresAtMs }: Decision): IdTagInfo => ({
  status: AUTHORIZATION[status],
  ...(groupId !== null && groupId.length <= MAX_ID_TAG && { parentIdTag: groupId }),
  ...(expiresAtMs !== null && { expiryDate: iso(expiresAtMs) }),
})

const sample = (wire: WireSample): MeterValue | null => {
  const measurand = wire.measurand ?? DEFAULT_MEASURAND
  if (wire.format === 'SignedData') return signed(measurand, wire.phase, wire.value)
  const read = readNumber(wire.value)
  if (read === null) return null
  return normalise(measurand, wire.phase, read.unit ?? wire.unit, wire.location, read.value)
}

/**
 * A number as stations write it: `12.5`, `12,5`, `1.234,5`, `1,234,567`, `230 V`. The last point or
 * comma is the decimal one, unless all are alike and there are several. A unit behind it is nearer to
 * it than the one of the message. `null`: an empty text, or no number.
 */
const readNumber = (text: string): { value: number; unit?: string } | null => {
  if (PLAIN.test(text)) return { value: Number(text) }
  const read = readNumberText(text, 'last')
  if (read.kind !== 'number') return null
  if (read.unit === '') return { value: read.value }
  return isUnit(read.unit) ? { value: read.value, unit: read.unit } : null
}

/** Most of them: this is the hot path. */
const PLAIN = /^-?\d+(?:\.\d+)?$/

/** Meter values in base units; what is no number is left out. */
export const meterSets = (wire: readonly WireMeterValue[]): readonly MeterSet[] => {
  const collected = createSets()
  for (const { timestamp, sampledValue } of wire) {
    const statedMs = readTime(timestamp)
    collected.next()
    for (const each of sampledValue) {
      const values = collected.at(statedMs, each.context)
      const value = sample(each)
      if (value !== null) values.push(value)
    }
  }
  return collected.sets
}

const PURPOSE = {
  'station-max': 'ChargePointMaxProfile',
  'tx-default': 'TxDefaultProfile',
  tx: 'TxProfile',
} as const satisfies Record<ChargingProfile['purpose'], WireProfile['chargingProfilePurpose']>

export const purpose = (of: ChargingProfile['purpose']): WireProfile['chargingProfilePurpose'] =>
  PURPOSE[of]

/**
 * A shaped profile on the wire. What changes or ends is Absolute: what Relative is relative to
 * differs from model to model. `numberPhases` is always said: stations guess differently when it is missing.
 */
export const chargingProfile = (profile: ChargingProfile): WireProfile => {
  const { schedule, transactionId, validToMs } = profile
  const start = schedule.isRelative ? {} : { startSchedule: iso(schedule.startMs) }
  const validFrom = iso(schedule.startMs)
  return {
    chargingProfileId: profile.id,
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: PURPOSE[profile.purpose],
    chargingProfileKind: schedule.isRelative ? 'Relative' : 'Absolute',
    ...(transactionId !== null && { transactionId: Number(transactionId) }),
    ...(validToMs !== null && { validFrom, validTo: iso(validToMs) }),
    chargingSchedule: {
      ...(schedule.durationS !== null && { duration: schedule.durationS }),
      ...start,
      chargingRateUnit: schedule.unit,
      chargingSchedulePeriod: schedule.periods.map(({ startS, limit }) => ({
        startPeriod: startS,
        limit,
        numberPhases: schedule.numberPhases,
      })),
    },
  }
}

/** A transaction id that 1.6 can carry; `null` = it is of another version. */
export const transactionNumber = (transactionId: string): number | null =>
  /^-?\d{1,10}$/.test(transactionId) ? Number(transactionId) : null
