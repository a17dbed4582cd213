import { expect, test } from 'vitest'
import { lookUp, parseRateUnits, readCapability } from '../../../src/csms/capability.ts'
import { DEFAULT_CAPABILITY } from '../../../src/domain/evse-state.ts'

const key = (variable: string, value: string) => ({
  component: '',
  variable,
  attribute: 'Actual',
  value,
  readonly: true,
})
const variable = (name: string, value: string, attribute = 'Actual') => ({
  ...key(name, value),
  component: 'SmartChargingCtrlr',
  attribute,
})

test.each([
  ['Current', ['A']],
  ['Power', ['W']],
  ['Current,Power', ['A', 'W']],
  ['Power, Current', ['A', 'W']],
  ['current', ['A']],
  ['A', ['A']],
  ['W', ['W']],
  ['a,w', ['A', 'W']],
  [' A , W ', ['A', 'W']],
  ['"Current"', ['A']],
  ['["A","W"]', ['A', 'W']],
  ['Amps', ['A']],
  ['kW', ['W']],
  ['', []],
  ['Voltage', []],
  [null, []],
])('rate units of %j', (text, expected) => {
  expect(parseRateUnits(text)).toEqual(expected)
})

test('OCPP 1.6 keys, in any case', () => {
  expect(
    readCapability([
      key('chargeprofilemaxstacklevel', '8'),
      key('ChargingScheduleAllowedChargingRateUnit', 'Power'),
      key('ChargingScheduleMaxPeriods', ' 24 '),
      key('MaxChargingProfilesInstalled', '10'),
    ]),
  ).toEqual({
    ...DEFAULT_CAPABILITY,
    rateUnits: ['W'],
    maxStackLevel: 8,
    maxPeriods: 24,
    maxProfiles: 10,
  })
})

test('OCPP 2.0.1 variables; the bound of the entries is a characteristic', () => {
  expect(
    readCapability([
      variable('RateUnit', 'A,W'),
      variable('ProfileStackLevel', '3'),
      variable('PeriodsPerSchedule', '5'),
      variable('Entries.ChargingProfiles', '2'),
      variable('Entries.ChargingProfiles', '12', 'maxLimit'),
    ]),
  ).toMatchObject({ rateUnits: ['A', 'W'], maxStackLevel: 3, maxPeriods: 5, maxProfiles: 12 })
})

test('what a station does not say, or says badly, is what unknown stations get', () => {
  expect(readCapability([])).toEqual(DEFAULT_CAPABILITY)
  expect(
    readCapability([
      key('ChargeProfileMaxStackLevel', 'many'),
      key('ChargingScheduleMaxPeriods', '0'),
      key('ChargingScheduleAllowedChargingRateUnit', ''),
    ]),
  ).toEqual(DEFAULT_CAPABILITY)
})

test('a look-up forgives instances and places', () => {
  const found = { ...variable('Power', '1'), component: 'EVSE.main@1/2' }
  expect(lookUp([found], 'EVSE', 'Power')).toBe('1')
  expect(lookUp([found], 'EVSE', 'Power', 'MaxSet')).toBeNull()
})

test.each([
  ['1.6', key('ConnectorSwitch3to1PhaseSupported', ' True '), true],
  ['1.6', key('ConnectorSwitch3to1PhaseSupported', 'false'), false],
  ['1.6', key('ConnectorSwitch3to1PhaseSupported', 'perhaps'), undefined],
  ['2.0.1', variable('Phases3to1', 'true'), true],
  ['2.0.1', variable('Phases3to1', 'false'), false],
])('%s: whether it goes from three phases to one, %j', (_, given, expected) => {
  expect(readCapability([given]).switchesPhases).toBe(expected)
})

test('whether the phase can be chosen is for 2.x to say', () => {
  expect(readCapability([variable('ACPhaseSwitchingSupported', 'true')]).choosesPhase).toBe(true)
  expect(readCapability([variable('ACPhaseSwitchingSupported', 'false')])).toEqual(
    DEFAULT_CAPABILITY,
  )
})
