import type { CommandResult } from '../../ports/station-gateway.ts'
import type { StationVariable } from '../../csms/capability.ts'
import { byStatus, done, PROFILE_HINTS, refusal, type Command, type ToStation } from '../command.ts'
import type { Request16, Response16, ToStation16 } from '../payloads16.ts'
import { readComposite, readTime } from '../profile-shape.ts'
import { chargingProfile, MAX_ID_TAG, purpose, transactionNumber } from './map.ts'

/** A CALL of 1.6, typed by its schemas. */
const call = <A extends ToStation16, T>(
  action: A,
  payload: Request16<A>,
  read: (response: Response16<A>) => CommandResult<T>,
): Command<T> => ({ action, payload, read })

type Trigger = Request16<'TriggerMessage'>['requestedMessage']

/** 2.x names of triggers -> 1.6. */
const TRIGGERS: Readonly<Record<string, Trigger>> = {
  BootNotification: 'BootNotification',
  FirmwareStatusNotification: 'FirmwareStatusNotification',
  Heartbeat: 'Heartbeat',
  LogStatusNotification: 'DiagnosticsStatusNotification',
  MeterValues: 'MeterValues',
  StatusNotification: 'StatusNotification',
  TransactionEvent: 'MeterValues',
}

const TRIGGER_HINTS = { NotImplemented: 'it does not know this trigger' }
const STOP_HINTS = { Rejected: 'it knows no such transaction; it may have ended' }
const START_HINTS = { Rejected: 'no vehicle is plugged in, or the connector is not available' }

/** What we ask of stations of OCPP 1.6, where an EVSE is a connector. */
export const toStation16: ToStation = {
  setChargingProfile: (evseId, profile) => {
    const { transactionId } = profile
    if (profile.purpose === 'tx') {
      if (transactionId === null || transactionNumber(transactionId) === null) {
        return refusal('a TxProfile needs the number of a running transaction')
      }
      if (evseId === 0) return refusal('a TxProfile needs a connector above 0')
    }
    return call(
      'SetChargingProfile',
      {
        // OCPP 1.6 3.13.1: the station's maximum can only be on connector 0.
        connectorId: profile.purpose === 'station-max' ? 0 : evseId,
        csChargingProfiles: chargingProfile(profile),
      },
      byStatus(['Accepted'], PROFILE_HINTS),
    )
  },

  clearChargingProfile: ({ profileId, evseId, purpose: of, stackLevel }) =>
    call(
      'ClearChargingProfile',
      // An id makes the station ignore all else.
      profileId !== undefined
        ? { id: profileId }
        : {
            ...(evseId !== undefined && { connectorId: evseId }),
            ...(of !== undefined && { chargingProfilePurpose: purpose(of) }),
            ...(stackLevel !== undefined && { stackLevel }),
          },
      byStatus(['Accepted', 'Unknown']),
    ),

  getCompositeSchedule: (evseId, durationS, unit) =>
    call(
      'GetCompositeSchedule',
      { connectorId: evseId, duration: durationS, chargingRateUnit: unit },
      (response) => {
        const { chargingSchedule: schedule } = response
        const accepted = byStatus(['Accepted'])(response)
        if (!accepted.ok) return accepted
        return done(
          readComposite(
            readTime(response.scheduleStart) ?? readTime(schedule?.startSchedule),
            schedule?.chargingRateUnit ?? unit,
            schedule?.chargingSchedulePeriod ?? [],
          ),
        )
      },
    ),

  remoteStart: (evseId, { idToken }, profile) => {
    if (idToken.length > MAX_ID_TAG) {
      return refusal(`OCPP 1.6 takes tokens of up to ${MAX_ID_TAG} characters`)
    }
    return call(
      'RemoteStartTransaction',
      {
        idTag: idToken,
        ...(evseId !== null && { connectorId: evseId }),
        // A TxProfile of a transaction that has no id yet (5.16.2).
        ...(profile && { chargingProfile: chargingProfile({ ...profile, transactionId: null }) }),
      },
      byStatus(['Accepted'], START_HINTS),
    )
  },

  remoteStop: (transactionId) => {
    const id = transactionNumber(transactionId)
    if (id === null) return refusal('OCPP 1.6 transactions have numbers')
    return call('RemoteStopTransaction', { transactionId: id }, byStatus(['Accepted'], STOP_HINTS))
  },

  reset: (kind) =>
    call('Reset', { type: kind === 'immediate' ? 'Hard' : 'Soft' }, byStatus(['Accepted'])),

  unlock: (evseId) => call('UnlockConnector', { connectorId: evseId }, byStatus(['Unlocked'])),

  changeAvailability: (evseId, operative) =>
    call(
      'ChangeAvailability',
      { connectorId: evseId ?? 0, type: operative ? 'Operative' : 'Inoperative' },
      byStatus(['Accepted', 'Scheduled']),
    ),

  trigger: (message, evseId) => {
    const connector = evseId !== null && evseId > 0 ? { connectorId: evseId } : {}
    if (message === 'SignChargingStationCertificate') {
      return call(
        'ExtendedTriggerMessage',
        { requestedMessage: 'SignChargePointCertificate', ...connector },
        byStatus(['Accepted'], TRIGGER_HINTS),
      )
    }
    if (!Object.hasOwn(TRIGGERS, message)) return refusal(`OCPP 1.6 cannot trigger "${message}"`)
    return call(
      'TriggerMessage',
      { requestedMessage: TRIGGERS[message], ...connector },
      byStatus(['Accepted'], TRIGGER_HINTS),
    )
  },

  dataTransfer: (vendorId, messageId, data) =>
    call(
      'DataTransfer',
      {
        vendorId,
        ...(messageId !== null && { messageId }),
        ...(data !== null &&
          data !== undefined && { data: typeof data === 'string' ? data : JSON.stringify(data) }),
      },
      byStatus(['Accepted']),
    ),
}

/** All keys, or those that are named. Keys are reported as variables without a component. */
export const getConfiguration = (keys: readonly string[]): Command<StationVariable[]> =>
  call('GetConfiguration', keys.length > 0 ? { key: [...keys] } : {}, (response) =>
    done(
      (response.configurationKey ?? []).map(({ key, value, readonly }) => ({
        component: '',
        variable: key,
        attribute: 'Actual',
        value: value ?? null,
        readonly,
      })),
    ),
  )

/** `RebootRequired` is success, with the status in the response. */
export const changeConfiguration = (
  key: string,
  value: string,
): Command<Response16<'ChangeConfiguration'>> =>
  call(
    'ChangeConfiguration',
    { key, value },
    byStatus(['Accepted', 'RebootRequired'], {
      NotSupported: `it has no key "${key}"`,
      Rejected: 'the key is read-only, or the value is not one that it takes',
    }),
  )
