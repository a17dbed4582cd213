import { describe, expect, test } from 'vitest'
import { compileFormula, type FormulaVariables } from '../../../src/tariffs/formula.ts'

const at = (values: Partial<FormulaVariables> = {}): FormulaVariables => ({
  spot: 0.1,
  hour: 17,
  minute: 30,
  month: 1,
  weekday: 3,
  workday: 1,
  holiday: 0,
  ...values,
})

test.each([
  ['spot * 1.2 + fee', 0.14, 0],
  ['(spot + fee) * 1.25', 0.15, 0],
  ['hour >= 17 and hour < 19 ? spot + peak : spot', 0.6, 60],
  ['minute == 30 ? 1 : 0', 1, 15],
  ['month <= 3 or holiday == 1 ? 2 : 1', 2, 1440],
  ['min(spot * 10, 0.35)', 0.35, 0],
  ['max(0, -spot)', 0, 0],
  ['not (workday == 1)', 0, 1440],
  ['5', 5, 0],
])('%s', async (text, expected, everyMin) => {
  const formula = await compileFormula(text, { fee: 0.02, peak: 0.5 })
  expect(formula.evaluate(at())).toBeCloseTo(expected, 12)
  expect(formula.everyMin).toBe(everyMin)
  expect(formula.usesSpot).toBe(text.includes('spot'))
})

test('a market price below zero goes through', async () => {
  const formula = await compileFormula('spot + 0.05', {})
  expect(formula.evaluate(at({ spot: -0.5 }))).toBeCloseTo(-0.45, 12)
})

describe('what a formula may not be', () => {
  test.each([
    ['spott + 1', /spott is unknown; there are spot, hour/],
    ['evaluate("1")', /evaluate\(\) is unknown; there are min/],
    ['import({a: 1})', /import\(\) is unknown/],
    ['createUnit("x")', /createUnit\(\) is unknown/],
    ['simplify(spot)', /simplify\(\) is unknown/],
    ['derivative(spot, spot)', /derivative\(\) is unknown/],
    ['parse("spot")', /parse\(\) is unknown/],
    ['x = 5', /only arithmetic/],
    ['f(x) = x', /only arithmetic/],
    ['[1, 2]', /only arithmetic/],
    ['spot.constructor', /only arithmetic/],
    ['"text"', /text is not possible/],
    ['min', /no number/],
    ['spot +', /Unexpected end/],
  ])('%s', async (text, message) => {
    await expect(compileFormula(text, {})).rejects.toThrow(message)
  })
})
