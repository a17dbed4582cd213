import type { ProfileFilter } from '../../ports/station-gateway.ts'
import {
  byStatus,
  done,
  PROFILE_HINTS,
  refusal,
  type Command,
  type StartToken,
  type ToStation,
} from '../command.ts'
import type { Request201, Response201 } from '../payloads201.ts'
import { readComposite, readTime } from '../profile-shape.ts'
import { call } from './device-model.ts'
import { chargingProfile, purpose } from './map.ts'

type Trigger = Request201<'TriggerMessage'>['requestedMessage']
type TokenType = Request201<'RequestStartTransaction'>['idToken']['type']

const TRIGGERS: ReadonlySet<string> = new Set<Trigger>([
  'BootNotification',
  'FirmwareStatusNotification',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'PublishFirmwareStatusNotification',
  'SignChargingStationCertificate',
  'SignCombinedCertificate',
  'SignV2GCertificate',
  'StatusNotification',
  'TransactionEvent',
])

const TOKEN_TYPES: ReadonlySet<string> = new Set<TokenType>([
  'Central',
  'eMAID',
  'ISO14443',
  'ISO15693',
  'KeyCode',
  'Local',
  'MacAddress',
  'NoAuthorization',
])

/** Longest id of a transaction or token (identifierString). */
const MAX_ID = 36

const idToken = ({
  idToken,
  type,
}: StartToken): Request201<'RequestStartTransaction'>['idToken'] => ({
  idToken,
  // OCPP 2.0.1 F02: a token that only the central system knows is of type Central.
  type: type !== null && TOKEN_TYPES.has(type) ? (type as TokenType) : 'Central',
})

/** What we ask of stations of OCPP 2.0.1. */
export const toStation201: ToStation = {
  setChargingProfile: (evseId, profile) => {
    const { transactionId } = profile
    if (profile.purpose === 'tx') {
      // K01.FR.03, K01.FR.16.
      if (transactionId === null) return refusal('a TxProfile needs the id of a transaction')
      if (transactionId.length > MAX_ID) return refusal('the id of the transaction is too long')
      if (evseId === 0) return refusal('a TxProfile needs an EVSE above 0')
    }
    return call(
      'SetChargingProfile',
      {
        // The station's maximum can only be on EVSE 0.
        evseId: profile.purpose === 'station-max' ? 0 : evseId,
        chargingProfile: chargingProfile(profile),
      },
      byStatus(['Accepted'], PROFILE_HINTS),
    )
  },

  clearChargingProfile: ({ profileId, evseId, purpose: of, stackLevel }) =>
    call(
      'ClearChargingProfile',
      // K10.FR.02: an id or criteria, not both.
      profileId !== undefined
        ? { chargingProfileId: profileId }
        : {
            chargingProfileCriteria: {
              ...(evseId !== undefined && { evseId }),
              ...(of !== undefined && { chargingProfilePurpose: purpose(of) }),
              ...(stackLevel !== undefined && { stackLevel }),
            },
          },
      byStatus(['Accepted', 'Unknown']),
    ),

  getCompositeSchedule: (evseId, durationS, unit) =>
    call(
      'GetCompositeSchedule',
      { evseId, duration: durationS, chargingRateUnit: unit },
      (response) => {
        const { schedule } = response
        const accepted = byStatus(['Accepted'])(response)
        if (!accepted.ok) return accepted
        return done(
          readComposite(
            readTime(schedule?.scheduleStart),
            schedule?.chargingRateUnit ?? unit,
            schedule?.chargingSchedulePeriod ?? [],
          ),
        )
      },
    ),

  remoteStart: (evseId, token, profile, remoteStartId) => {
    if (token.idToken.length > MAX_ID) {
      return refusal(`OCPP 2.0.1 takes tokens of up to ${MAX_ID} characters`)
    }
    return call(
      'RequestStartTransaction',
      {
        idToken: idToken(token),
        remoteStartId,
        ...(evseId !== null && { evseId }),
        // F01.FR.08: a TxProfile, of a transaction that has no id yet.
        ...(profile && { chargingProfile: chargingProfile({ ...profile, transactionId: null }) }),
      },
      byStatus(['Accepted'], {
        Rejected: 'no vehicle is plugged in, or the EVSE is not available',
      }),
    )
  },

  remoteStop: (transactionId) =>
    transactionId.length > MAX_ID
      ? refusal(`OCPP 2.0.1 takes transaction ids of up to ${MAX_ID} characters`)
      : call(
          'RequestStopTransaction',
          { transactionId },
          byStatus(['Accepted'], { Rejected: 'it knows no such transaction; it may have ended' }),
        ),

  reset: (kind) =>
    call(
      'Reset',
      { type: kind === 'immediate' ? 'Immediate' : 'OnIdle' },
      byStatus(['Accepted', 'Scheduled']),
    ),

  unlock: (evseId, connectorId) =>
    call(
      'UnlockConnector',
      { evseId, connectorId },
      byStatus(['Unlocked'], {
        OngoingAuthorizedTransaction: 'stop the transaction first',
      }),
    ),

  changeAvailability: (evseId, operative) =>
    call(
      'ChangeAvailability',
      {
        operationalStatus: operative ? 'Operative' : 'Inoperative',
        ...(evseId !== null && evseId > 0 && { evse: { id: evseId } }),
      },
      byStatus(['Accepted', 'Scheduled']),
    ),

  trigger: (message, evseId) => {
    if (!TRIGGERS.has(message)) return refusal(`OCPP 2.0.1 cannot trigger "${message}"`)
    return call(
      'TriggerMessage',
      {
        requestedMessage: message as Trigger,
        ...(evseId !== null && evseId > 0 && { evse: triggerEvse(message, evseId) }),
      },
      byStatus(['Accepted'], { NotImplemented: 'it does not know this trigger' }),
    )
  },

  dataTransfer: (vendorId, messageId, data) =>
    call(
      'DataTransfer',
      {
        vendorId,
        ...(messageId !== null && { messageId }),
        ...(data !== null && data !== undefined && { data: data as Record<string, unknown> }),
      },
      byStatus(['Accepted']),
    ),
}

/** F06.FR.12: a StatusNotification is of a connector. */
const triggerEvse = (message: string, id: number): { id: number; connectorId?: number } =>
  message === 'StatusNotification' ? { id, connectorId: 1 } : { id }

/** The profiles that a station holds; it reports them in parts (ReportChargingProfiles). */
export const getChargingProfiles = (
  requestId: number,
  filter: ProfileFilter,
): Command<Response201<'GetChargingProfiles'>> =>
  call(
    'GetChargingProfiles',
    {
      requestId,
      ...(filter.evseId !== undefined && { evseId: filter.evseId }),
      chargingProfile:
        filter.profileId !== undefined
          ? { chargingProfileId: [filter.profileId] }
          : {
              ...(filter.purpose !== undefined && {
                chargingProfilePurpose: purpose(filter.purpose),
              }),
              ...(filter.stackLevel !== undefined && { stackLevel: filter.stackLevel }),
            },
    },
    byStatus(['Accepted', 'NoProfiles']),
  )
