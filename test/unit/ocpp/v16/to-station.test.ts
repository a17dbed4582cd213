import { expect, test } from 'vitest'
import { isRefusal, type Command, type Refusal } from '../../../../src/ocpp/command.ts'
import {
  changeConfiguration,
  getConfiguration,
  toStation16 as to,
} from '../../../../src/ocpp/v16/to-station.ts'
import { START_MS } from '../../csms/harness.ts'
import { FAILSAFE, MAXIMUM, TX } from '../profiles.ts'
import { createValidated } from '../validated.ts'

const valid = createValidated('ocpp1.6')

/** The payload on the wire, held against its schema. */
const wire = (made: Command | Refusal) => {
  if (isRefusal(made)) throw new Error(made.detail)
  expect(valid.fault(made.action, 'request', made.payload)).toBeNull()
  return { [made.action]: made.payload }
}

const answer = (made: Command | Refusal, response: object) => {
  if (isRefusal(made)) throw new Error(made.detail)
  expect(valid.fault(made.action, 'response', response)).toBeNull()
  return made.read(response)
}

test('a transaction profile', () => {
  const tx = { ...TX, schedule: { ...TX.schedule, periods: [{ startS: 0, limit: 16 }] } }
  expect(wire(to.setChargingProfile(1, tx))).toEqual({
    SetChargingProfile: {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 1_001,
        transactionId: 7,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        validFrom: '2026-11-22T07:59:00.000Z',
        validTo: '2026-11-22T08:10:00.000Z',
        chargingSchedule: {
          duration: 660,
          startSchedule: '2026-11-22T07:59:00.000Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 16, numberPhases: 3 }],
        },
      },
    },
  })
})

test('a failsafe has no end', () => {
  expect(wire(to.setChargingProfile(2, FAILSAFE))).toEqual({
    SetChargingProfile: {
      connectorId: 2,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-11-22T07:59:00.000Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 6, numberPhases: 1 }],
        },
      },
    },
  })
})

test("the station's maximum goes to connector 0, whatever is asked", () => {
  const whole = {
    ...MAXIMUM,
    schedule: { ...MAXIMUM.schedule, periods: [{ startS: 0, limit: 22_080 }] },
  }
  expect(wire(to.setChargingProfile(1, whole))).toMatchObject({
    SetChargingProfile: {
      connectorId: 0,
      csChargingProfiles: { chargingProfilePurpose: 'ChargePointMaxProfile' },
    },
  })
})

test.each([
  ['without a transaction', 1, { transactionId: null }],
  ['with an id of another version', 1, { transactionId: 'b6f1-a' }],
  ['on connector 0', 0, {}],
])('a transaction profile %s is not sent', (_, evseId, given) => {
  expect(to.setChargingProfile(evseId, { ...TX, ...given })).toMatchObject({
    ok: false,
    reason: 'invalid',
  })
})

test.each([
  [to.clearChargingProfile({ profileId: 5, evseId: 1 }), { id: 5 }],
  [
    to.clearChargingProfile({ evseId: 1, purpose: 'tx', stackLevel: 0 }),
    { connectorId: 1, chargingProfilePurpose: 'TxProfile', stackLevel: 0 },
  ],
  [to.clearChargingProfile({}), {}],
  [
    to.getCompositeSchedule(1, 3_600, 'W'),
    { connectorId: 1, duration: 3_600, chargingRateUnit: 'W' },
  ],
  [to.remoteStart(null, { idToken: 'TAG', type: null }, null, 9), { idTag: 'TAG' }],
  [to.remoteStop('7'), { transactionId: 7 }],
  [to.reset('immediate'), { type: 'Hard' }],
  [to.reset('on-idle'), { type: 'Soft' }],
  [to.unlock(2, 1), { connectorId: 2 }],
  [to.changeAvailability(null, false), { connectorId: 0, type: 'Inoperative' }],
  [to.changeAvailability(1, true), { connectorId: 1, type: 'Operative' }],
  [to.trigger('StatusNotification', 1), { requestedMessage: 'StatusNotification', connectorId: 1 }],
  [to.trigger('TransactionEvent', null), { requestedMessage: 'MeterValues' }],
  [
    to.trigger('LogStatusNotification', null),
    { requestedMessage: 'DiagnosticsStatusNotification' },
  ],
  [
    to.trigger('SignChargingStationCertificate', null),
    { requestedMessage: 'SignChargePointCertificate' },
  ],
  [
    to.dataTransfer('acme', 'Ping', { a: 1 }),
    { vendorId: 'acme', messageId: 'Ping', data: '{"a":1}' },
  ],
  [to.dataTransfer('acme', null, null), { vendorId: 'acme' }],
  [getConfiguration([]), {}],
  [getConfiguration(['A', 'B']), { key: ['A', 'B'] }],
  [changeConfiguration('A', '1'), { key: 'A', value: '1' }],
])('%#: on the wire', (made, payload) => {
  expect(Object.values(wire(made))).toEqual([payload])
})

test('a remote start with a profile names no transaction', () => {
  const made = to.remoteStart(1, { idToken: 'TAG', type: null }, TX, 9)
  expect(wire(made)).toMatchObject({
    RemoteStartTransaction: {
      connectorId: 1,
      chargingProfile: { chargingProfilePurpose: 'TxProfile' },
    },
  })
  expect(JSON.stringify(wire(made))).not.toContain('transactionId')
})

test.each([
  to.remoteStart(1, { idToken: 'x'.repeat(21), type: null }, null, 1),
  to.remoteStop('b6f1'),
  to.trigger('PublishFirmwareStatusNotification', null),
  to.trigger('constructor', null),
])('%#: what 1.6 cannot say is refused', (made) => {
  expect(made).toMatchObject({ ok: false, reason: 'invalid' })
})

test.each([
  [to.setChargingProfile(1, FAILSAFE), { status: 'Accepted' }, true],
  [to.setChargingProfile(1, FAILSAFE), { status: 'Rejected' }, false],
  [to.setChargingProfile(1, FAILSAFE), { status: 'NotSupported' }, false],
  [to.clearChargingProfile({}), { status: 'Unknown' }, true],
  [to.unlock(1, 1), { status: 'Unlocked' }, true],
  [to.unlock(1, 1), { status: 'UnlockFailed' }, false],
  [to.changeAvailability(1, true), { status: 'Scheduled' }, true],
  [to.trigger('Heartbeat', null), { status: 'NotImplemented' }, false],
  [to.dataTransfer('a', null, null), { status: 'UnknownVendorId' }, false],
  [changeConfiguration('A', '1'), { status: 'RebootRequired' }, true],
  [changeConfiguration('A', '1'), { status: 'NotSupported' }, false],
])('%#: the answer is read by its status', (made, response, ok) => {
  expect(answer(made, response)).toMatchObject({ ok })
})

test('a rejection says what may help', () => {
  expect(answer(to.setChargingProfile(1, FAILSAFE), { status: 'NotSupported' })).toEqual({
    ok: false,
    reason: 'rejected',
    detail:
      'the station answered NotSupported: it does not support smart charging; see SupportedFeatureProfiles',
    response: { status: 'NotSupported' },
  })
})

test('an answer without status is a rejection', () => {
  const made = to.reset('immediate')
  expect(made.read({})).toMatchObject({ ok: false, reason: 'rejected' })
})

test('composite schedules in the shapes that stations give them', () => {
  const made = to.getCompositeSchedule(1, 3_600, 'A')
  const schedule = {
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 3_000.1 }],
  }
  const accepted = { status: 'Accepted', connectorId: 1 }
  expect(
    answer(made, {
      ...accepted,
      scheduleStart: '2026-11-22T08:00:00Z',
      chargingSchedule: schedule,
    }),
  ).toEqual({
    ok: true,
    response: { startMs: START_MS, unit: 'W', periods: [{ startS: 0, limit: 3_000.1 }] },
  })
  expect(answer(made, { ...accepted, chargingSchedule: schedule })).toMatchObject({
    response: { startMs: null },
  })
  expect(
    answer(made, {
      ...accepted,
      chargingSchedule: { ...schedule, startSchedule: '2026-11-22T08:00:00Z' },
    }),
  ).toMatchObject({ response: { startMs: START_MS } })
  expect(answer(made, accepted)).toEqual({
    ok: true,
    response: { startMs: null, unit: 'A', periods: [] },
  })
  expect(answer(made, { status: 'Rejected' })).toMatchObject({ ok: false, reason: 'rejected' })
  // Not a time, in the field.
  expect(made.read({ ...accepted, scheduleStart: '0?', chargingSchedule: schedule })).toMatchObject(
    { response: { startMs: null } },
  )
})

test('configuration keys as variables', () => {
  expect(
    answer(getConfiguration([]), {
      configurationKey: [
        { key: 'A', readonly: true, value: '1' },
        { key: 'B', readonly: false },
      ],
      unknownKey: ['C'],
    }),
  ).toEqual({
    ok: true,
    response: [
      { component: '', variable: 'A', attribute: 'Actual', value: '1', readonly: true },
      { component: '', variable: 'B', attribute: 'Actual', value: null, readonly: false },
    ],
  })
  expect(answer(getConfiguration(['A']), {})).toEqual({ ok: true, response: [] })
})

test('one phase is said; which one has no word in 1.6', () => {
  const schedule = { ...TX.schedule, numberPhases: 1 as const, phaseToUse: 2 as const }
  const made = wire(to.setChargingProfile(1, { ...TX, schedule }))
  expect(made).toMatchObject({
    SetChargingProfile: {
      csChargingProfiles: {
        chargingSchedule: { chargingSchedulePeriod: [{ numberPhases: 1 }, {}] },
      },
    },
  })
  expect(JSON.stringify(made)).not.toContain('phaseToUse')
})
