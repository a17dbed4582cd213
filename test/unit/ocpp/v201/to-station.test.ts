import { expect, test } from 'vitest'
import { isRefusal, type Command, type Refusal } from '../../../../src/ocpp/command.ts'
import {
  getBaseReport,
  getVariables,
  readReport,
  setVariables,
} from '../../../../src/ocpp/v201/device-model.ts'
import { getChargingProfiles, toStation201 as to } from '../../../../src/ocpp/v201/to-station.ts'
import { START_MS } from '../../csms/harness.ts'
import { FAILSAFE, MAXIMUM, TX } from '../profiles.ts'
import { createValidated } from '../validated.ts'

const valid = createValidated('ocpp2.0.1')

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
  const tx = {
    ...TX,
    transactionId: 'b6f1',
    schedule: { ...TX.schedule, periods: [{ startS: 0, limit: 16 }] },
  }
  expect(wire(to.setChargingProfile(1, tx))).toEqual({
    SetChargingProfile: {
      evseId: 1,
      chargingProfile: {
        id: 1_001,
        transactionId: 'b6f1',
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        validFrom: '2026-11-22T07:59:00.000Z',
        validTo: '2026-11-22T08:10:00.000Z',
        chargingSchedule: [
          {
            id: 1_001,
            duration: 660,
            startSchedule: '2026-11-22T07:59:00.000Z',
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 16, numberPhases: 3 }],
          },
        ],
      },
    },
  })
})

test('a failsafe has no end', () => {
  const made = wire(to.setChargingProfile(2, FAILSAFE))
  expect(made).toMatchObject({
    SetChargingProfile: {
      evseId: 2,
      chargingProfile: { id: 1, chargingProfilePurpose: 'TxDefaultProfile' },
    },
  })
  for (const absent of ['validTo', 'validFrom', 'duration', 'transactionId']) {
    expect(JSON.stringify(made)).not.toContain(absent)
  }
})

test("the station's maximum goes to EVSE 0, whatever is asked", () => {
  expect(wire(to.setChargingProfile(1, MAXIMUM))).toMatchObject({
    SetChargingProfile: {
      evseId: 0,
      chargingProfile: { chargingProfilePurpose: 'ChargingStationMaxProfile' },
    },
  })
})

test.each([
  ['without a transaction', 1, { transactionId: null }],
  ['with too long an id', 1, { transactionId: 'x'.repeat(37) }],
  ['on EVSE 0', 0, {}],
])('a transaction profile %s is not sent', (_, evseId, given) => {
  expect(to.setChargingProfile(evseId, { ...TX, ...given })).toMatchObject({
    ok: false,
    reason: 'invalid',
  })
})

test.each([
  [to.clearChargingProfile({ profileId: 5, evseId: 1 }), { chargingProfileId: 5 }],
  [
    to.clearChargingProfile({ evseId: 1, purpose: 'tx', stackLevel: 0 }),
    {
      chargingProfileCriteria: {
        evseId: 1,
        chargingProfilePurpose: 'TxProfile',
        stackLevel: 0,
      },
    },
  ],
  [to.clearChargingProfile({}), { chargingProfileCriteria: {} }],
  [to.getCompositeSchedule(0, 3_600, 'W'), { evseId: 0, duration: 3_600, chargingRateUnit: 'W' }],
  [
    to.remoteStart(1, { idToken: 'TAG', type: 'ISO14443' }, null, 9),
    { evseId: 1, idToken: { idToken: 'TAG', type: 'ISO14443' }, remoteStartId: 9 },
  ],
  [
    to.remoteStart(null, { idToken: 'TAG', type: 'strange' }, null, 9),
    { idToken: { idToken: 'TAG', type: 'Central' }, remoteStartId: 9 },
  ],
  [to.remoteStop('b6f1'), { transactionId: 'b6f1' }],
  [to.reset('immediate'), { type: 'Immediate' }],
  [to.reset('on-idle'), { type: 'OnIdle' }],
  [to.unlock(2, 1), { evseId: 2, connectorId: 1 }],
  [to.changeAvailability(null, false), { operationalStatus: 'Inoperative' }],
  [to.changeAvailability(1, true), { operationalStatus: 'Operative', evse: { id: 1 } }],
  [
    to.trigger('StatusNotification', 1),
    { requestedMessage: 'StatusNotification', evse: { id: 1, connectorId: 1 } },
  ],
  [to.trigger('MeterValues', null), { requestedMessage: 'MeterValues' }],
  [
    to.dataTransfer('acme', 'Ping', { a: 1 }),
    { vendorId: 'acme', messageId: 'Ping', data: { a: 1 } },
  ],
  [getBaseReport(3), { requestId: 3, reportBase: 'FullInventory' }],
  [getChargingProfiles(4, {}), { requestId: 4, chargingProfile: {} }],
  [
    getChargingProfiles(4, { profileId: 5, evseId: 1 }),
    { requestId: 4, evseId: 1, chargingProfile: { chargingProfileId: [5] } },
  ],
  [
    getChargingProfiles(4, { purpose: 'tx-default', stackLevel: 0 }),
    {
      requestId: 4,
      chargingProfile: { chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 0 },
    },
  ],
])('%#: on the wire', (made, payload) => {
  expect(Object.values(wire(made))).toEqual([payload])
})

test('a remote start with a profile names no transaction', () => {
  const made = wire(to.remoteStart(1, { idToken: 'TAG', type: null }, TX, 9))
  expect(JSON.stringify(made)).toContain('TxProfile')
  expect(JSON.stringify(made)).not.toContain('transactionId')
})

test.each([
  to.remoteStart(1, { idToken: 'x'.repeat(37), type: null }, null, 1),
  to.remoteStop('x'.repeat(37)),
  to.trigger('DiagnosticsStatusNotification', null),
])('%#: what 2.0.1 cannot say is refused', (made) => {
  expect(made).toMatchObject({ ok: false, reason: 'invalid' })
})

test.each([
  [to.setChargingProfile(1, FAILSAFE), { status: 'Accepted' }, true],
  [to.clearChargingProfile({}), { status: 'Unknown' }, true],
  [to.reset('on-idle'), { status: 'Scheduled' }, true],
  [to.unlock(1, 1), { status: 'OngoingAuthorizedTransaction' }, false],
  [getBaseReport(1), { status: 'EmptyResultSet' }, true],
  [getBaseReport(1), { status: 'NotSupported' }, false],
  [getChargingProfiles(1, {}), { status: 'NoProfiles' }, true],
])('%#: the answer is read by its status', (made, response, ok) => {
  expect(answer(made, response)).toMatchObject({ ok })
})

test('a rejection says what the station said', () => {
  const response = {
    status: 'Rejected',
    statusInfo: { reasonCode: 'DuplicateProfile', additionalInfo: 'level 0' },
  }
  expect(answer(to.setChargingProfile(1, FAILSAFE), response)).toMatchObject({
    reason: 'rejected',
    detail: expect.stringContaining('Rejected, DuplicateProfile, level 0: check that'),
  })
})

test('composite schedules', () => {
  const made = to.getCompositeSchedule(1, 3_600, 'A')
  const schedule = {
    evseId: 1,
    duration: 3_600,
    scheduleStart: '2026-11-22T08:00:00Z',
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
  }
  expect(answer(made, { status: 'Accepted', schedule })).toEqual({
    ok: true,
    response: { startMs: START_MS, unit: 'A', periods: [{ startS: 0, limit: 16 }] },
  })
  expect(answer(made, { status: 'Accepted' })).toMatchObject({ response: { periods: [] } })
})

test('names of variables there and back', () => {
  const names = [
    { component: 'EVSE@1', variable: 'Power' },
    { component: 'Connector.left@1/2', variable: 'Entries.ChargingProfiles' },
    { component: 'ClockCtrlr', variable: 'DateTime', attribute: 'Target' },
  ]
  expect(wire(getVariables(names))).toEqual({
    GetVariables: {
      getVariableData: [
        { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' } },
        {
          component: { name: 'Connector', instance: 'left', evse: { id: 1, connectorId: 2 } },
          variable: { name: 'Entries', instance: 'ChargingProfiles' },
        },
        {
          component: { name: 'ClockCtrlr' },
          variable: { name: 'DateTime' },
          attributeType: 'Target',
        },
      ],
    },
  })
  const response = {
    getVariableResult: [
      {
        attributeStatus: 'Accepted',
        attributeValue: '2',
        component: { name: 'Connector', instance: 'left', evse: { id: 1, connectorId: 2 } },
        variable: { name: 'Entries', instance: 'ChargingProfiles' },
      },
      {
        attributeStatus: 'UnknownComponent',
        component: { name: 'EVSE', evse: { id: 1 } },
        variable: { name: 'Power' },
      },
    ],
  }
  expect(answer(getVariables(names), response)).toEqual({
    ok: true,
    response: [{ ...names[1], attribute: 'Actual', value: '2', readonly: false }],
  })
})

test('each change has its own outcome', () => {
  const change = { component: 'SampledDataCtrlr', variable: 'TxUpdatedInterval', value: '10' }
  expect(wire(setVariables([change]))).toEqual({
    SetVariables: {
      setVariableData: [
        {
          component: { name: 'SampledDataCtrlr' },
          variable: { name: 'TxUpdatedInterval' },
          attributeValue: '10',
        },
      ],
    },
  })
  const result = {
    attributeStatus: 'RebootRequired',
    component: { name: 'SampledDataCtrlr' },
    variable: { name: 'TxUpdatedInterval' },
  }
  expect(answer(setVariables([change]), { setVariableResult: [result] })).toEqual({
    ok: true,
    response: [
      {
        component: 'SampledDataCtrlr',
        variable: 'TxUpdatedInterval',
        attribute: 'Actual',
        status: 'RebootRequired',
      },
    ],
  })
})

test('a report gives one entry per attribute, and the bounds', () => {
  expect(
    readReport([
      {
        component: { name: 'SmartChargingCtrlr' },
        variable: { name: 'Entries', instance: 'ChargingProfiles' },
        variableAttribute: [
          { value: '2', mutability: 'ReadOnly' },
          { type: 'Target', mutability: 'WriteOnly' },
        ],
        variableCharacteristics: {
          dataType: 'integer',
          supportsMonitoring: false,
          maxLimit: 12,
          valuesList: 'a,b',
        },
      },
    ]).map(({ variable, attribute, value, readonly }) => [variable, attribute, value, readonly]),
  ).toEqual([
    ['Entries.ChargingProfiles', 'Actual', '2', true],
    ['Entries.ChargingProfiles', 'Target', null, false],
    ['Entries.ChargingProfiles', 'maxLimit', '12', true],
    ['Entries.ChargingProfiles', 'valuesList', 'a,b', true],
  ])
})

test('one phase, and which, where the station can choose it', () => {
  const periods = [{ startS: 0, limit: 16 }]
  const schedule = { ...TX.schedule, periods, numberPhases: 1 as const }
  const sent = (more: object) =>
    wire(to.setChargingProfile(1, { ...TX, schedule: { ...schedule, ...more } }))
  const period = (expected: object) => ({
    SetChargingProfile: {
      chargingProfile: { chargingSchedule: [{ chargingSchedulePeriod: [expected] }] },
    },
  })
  const one = { startPeriod: 0, limit: 16, numberPhases: 1 }
  expect(sent({ phaseToUse: 2 })).toMatchObject(period({ ...one, phaseToUse: 2 }))
  expect(JSON.stringify(sent({}))).not.toContain('phaseToUse')
})
