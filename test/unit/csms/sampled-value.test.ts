import { expect, test } from 'vitest'
import { normalise } from '../../../src/csms/sampled-value.ts'

test.each([
  ['Power.Active.Import', 'kW', 7.4, 'W', 7_400],
  ['Power.Active.Import', 'KW', 7.4, 'W', 7_400],
  ['Power.Active.Import', 'W', 7_400, 'W', 7_400],
  ['Power.Active.Import', undefined, 7_400, 'W', 7_400],
  ['Power.Active.Import', 'MW', 0.1, 'W', 100_000],
  // OCPP 1.6 defaults to Wh whatever is measured.
  ['Power.Active.Import', 'Wh', 7_400, 'W', 7_400],
  ['Power.Active.Import', 'kWh', 7.4, 'W', 7_400],
  ['Current.Import', 'Wh', 16, 'A', 16],
  ['Current.Import', 'mA', 16_000, 'A', 16],
  ['Energy.Active.Import.Register', 'kWh', 12.5, 'Wh', 12_500],
  ['Energy.Active.Import.Register', undefined, 12_500, 'Wh', 12_500],
  ['Energy.Reactive.Import.Register', 'kvarh', 1, 'varh', 1_000],
  ['SoC', '%', 80, 'Percent', 80],
  ['SoC', undefined, 80, 'Percent', 80],
  ['Temperature', 'Celcius', 40, 'Celsius', 40],
  ['Temperature', 'Fahrenheit', 104, 'Fahrenheit', 104],
  ['Frequency', 'Hertz', 50, 'Hz', 50],
  ['Vendor.Thing', 'furlong', 3, 'furlong', 3],
])('%s in %s', (measurand, unit, value, expectedUnit, expected) => {
  const [name, phase, gotUnit, got] = normalise(measurand, 'L1', unit, 'Outlet', value) ?? []
  expect([name, phase, gotUnit]).toEqual([measurand, 'L1', expectedUnit])
  expect(got).toBeCloseTo(expected)
})

test('the place is part of the name where it is not the outlet', () => {
  const named = (location: string | undefined, measurand = 'Power.Active.Import') =>
    normalise(measurand, undefined, 'W', location, 1)?.[0]
  expect(named('Inlet')).toBe('Power.Active.Import@Inlet')
  expect(named('EV')).toBe('Power.Active.Import@EV')
  expect(named('Outlet')).toBe('Power.Active.Import')
  expect(named(undefined)).toBe('Power.Active.Import')
  expect(named('EV', 'SoC')).toBe('SoC')
})

test('what is no number is no value', () => {
  expect(normalise('SoC', undefined, undefined, undefined, Number.NaN)).toBeNull()
  expect(normalise('SoC', undefined, undefined, undefined, Infinity)).toBeNull()
})
