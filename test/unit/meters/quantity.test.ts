import { describe, expect, test } from 'vitest'
import { factorOf, worst, type Quantity, type Unit } from '../../../src/meters/quantity.ts'

describe('a unit becomes ours', () => {
  test.each<[Quantity, Unit, 1 | -1 | undefined, number]>([
    ['powerW', 'W', undefined, 1],
    ['powerW', 'kW', undefined, 1_000],
    ['powerW', 'MW', 1, 1_000_000],
    ['powerW', 'kW', -1, -1_000],
    ['powerPerPhaseW', 'kW', undefined, 1_000],
    ['currentA', 'A', undefined, 1],
    ['currentA', 'mA', -1, -0.001],
    ['voltageV', 'V', undefined, 1],
    ['voltageV', 'kV', undefined, 1_000],
    ['energyImportWh', 'Wh', undefined, 1],
    ['energyImportWh', 'kWh', undefined, 1_000],
    ['energyExportWh', 'MWh', undefined, 1_000_000],
    ['frequencyHz', 'Hz', undefined, 1],
    ['soc', 'percent', undefined, 0.01],
    ['soc', 'fraction', undefined, 1],
  ])('%s in %s, sign %s: x %d', (quantity, unit, sign, factor) => {
    expect(factorOf('here', quantity, sign ? { unit, sign } : { unit })).toBe(factor)
  })

  test('a current that follows the power keeps its magnitude', () => {
    expect(factorOf('here', 'currentA', { unit: 'mA', sign: 'as-power' })).toBe(0.001)
  })

  test.each<[Quantity, Unit, string]>([
    ['powerW', 'kWh', 'meters/x: kWh is not a unit of power; use W or kW or MW'],
    ['energyImportWh', 'kW', 'meters/x: kW is not a unit of energy; use Wh or kWh or MWh'],
    ['currentA', 'V', 'meters/x: V is not a unit of current; use mA or A'],
    ['soc', 'Hz', 'meters/x: Hz is not a unit of ratio; use percent or fraction'],
    ['voltageV', 'mV' as Unit, 'meters/x: mV is not a unit of voltage; use V or kV'],
  ])('%s in %s is refused', (quantity, unit, message) => {
    expect(() => factorOf('meters/x', quantity, { unit })).toThrow(message)
  })
})

test('the worst quality wins', () => {
  expect(worst('good', 'uncertain')).toBe('uncertain')
  expect(worst('bad', 'uncertain')).toBe('bad')
  expect(worst('good', 'good')).toBe('good')
})
