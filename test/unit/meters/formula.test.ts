import { beforeAll, describe, expect, test } from 'vitest'
import {
  compileFormula,
  loadFormulaMath,
  type FormulaMath,
  type Input,
} from '../../../src/meters/formula.ts'

let math: FormulaMath
beforeAll(async () => {
  math = await loadFormulaMath()
})

const VALUES: Readonly<Record<string, number | readonly number[]>> = {
  'grid.powerW': 10_000,
  'pv.powerW': -4_000,
  'main.panel.powerW': 7,
  'hvac-1.powerW': 500,
  'grid.currentA': [10, 20, 30],
  'hvac.currentA': [1, 2, 3],
  'grid.voltageV': [230, 231, 232],
  'zero.powerW': 0,
}

const lookUp = ({ meterId, quantity, phase }: Input): number => {
  const value = VALUES[`${meterId}.${quantity}`]
  return typeof value === 'number' ? value : value[phase!]
}

const result = (text: string, phase: 0 | 1 | 2 | null = null): number => {
  const formula = compileFormula(math, 'here', text, phase)
  return formula.evaluate(formula.inputs.map(lookUp))
}

describe('formulas', () => {
  test.each([
    ['grid.powerW - pv.powerW', 14_000],
    ['grid.powerW + 2 * pv.powerW', 2_000],
    ['max(0, pv.powerW)', 0],
    ['-pv.powerW', 4_000],
    ['abs(pv.powerW) / 1e3', 4],
    ['main.panel.powerW', 7],
    ['meter("hvac-1").powerW + grid.powerW', 10_500],
    ['meter("grid").currentA.L2', 20],
    ['grid.currentA.L1 * grid.voltageV.L1', 2_300],
    ['sum(grid.currentA)', 60],
    ['max(grid.currentA)', 30],
    ['min(grid.currentA + hvac.currentA)', 11],
    ['mean(grid.currentA)', 20],
    ['sum(grid.currentA * grid.voltageV)', 2_300 + 4_620 + 6_960],
    ['hypot(3, 4) + grid.powerW * 0', 5],
    ['grid.powerW > 5000 and pv.powerW < 0 ? 1 : 2', 1],
    ['5 < grid.powerW <= 10000 ? sqrt(16) : 0', 4],
    ['round(pi * grid.powerW)', 31_416],
    ['grid.powerW % 3', 1],
  ])('%s = %d', (text, expected) => {
    expect(result(text)).toBeCloseTo(expected, 9)
  })

  test.each([
    ['grid.currentA + hvac.currentA', [11, 22, 33]],
    ['max(0, grid.currentA - 15)', [0, 5, 15]],
    ['grid.currentA - grid.currentA.L1', [0, 10, 20]],
    ['grid.currentA / sum(grid.currentA)', [10 / 60, 20 / 60, 30 / 60]],
    ['pv.powerW / 3 / grid.voltageV', [-4_000 / 3 / 230, -4_000 / 3 / 231, -4_000 / 3 / 232]],
  ])('%s, phase by phase', (text, expected) => {
    expect(([0, 1, 2] as const).map((phase) => result(text, phase))).toEqual(expected)
  })

  test('each value is asked for once', () => {
    const { inputs } = compileFormula(math, 'x', 'a.powerW + a.powerW * sum(a.currentA)', null)
    expect(inputs).toEqual([
      { meterId: 'a', quantity: 'powerW', phase: null },
      ...[0, 1, 2].map((phase) => ({ meterId: 'a', quantity: 'currentA', phase })),
    ])
  })

  test.each([
    'grid.powerW / zero.powerW',
    'sqrt(pv.powerW)',
    'zero.powerW == 0',
    '0 / zero.powerW',
  ])('%s is no number', (text) => {
    expect(result(text)).toBeNaN()
  })
})

describe('what a formula may not do', () => {
  test.each([
    ['grid.powerW +', 'Unexpected end of expression (char 14)'],
    ['power - 1', '"power" names no value; write meter.quantity'],
    ['hvac-1.powerW', '"hvac" names no value; write meter.quantity'],
    [
      'grid.power',
      '"power" is no quantity of a meter; use currentA, powerPerPhaseW, voltageV, powerW',
    ],
    ['grid.powerW.L1', 'powerW has no phases, leave out ".L1"'],
    [
      'grid.currentA',
      'grid.currentA is three numbers where one is needed: write sum(grid.currentA)',
    ],
    ['grid.currentA[1]', '"1" is no quantity'],
    ['meter(grid).powerW', 'is not of the form meter.quantity'],
    ['meter("grid")', '"grid" names no value'],
    ['import({})', 'function "import" is not allowed; use abs, ceil'],
    ['evaluate("1")', 'function "evaluate" is not allowed'],
    ['parse("1")', 'function "parse" is not allowed'],
    ['createUnit("x")', 'function "createUnit" is not allowed'],
    ['grid.powerW(3)', 'function "powerW" is not allowed'],
    ['x = 5', 'is not allowed; use numbers'],
    ['f(x) = x', 'is not allowed; use numbers'],
    ['1; 2', 'is not allowed; use numbers'],
    ['[1, 2, 3]', 'is not allowed; use numbers'],
    ['1:1000000', 'is not allowed; use numbers'],
    ['{a: 1}.a', 'is not of the form meter.quantity'],
    ['grid.powerW!', 'is not allowed; use numbers'],
    ['grid.powerW | 1', 'is not allowed; use numbers'],
    ['"text"', 'is not a number'],
    ['true', 'is not a number'],
    ['sum()', 'sum() has no argument'],
    ['grid.constructor', '"constructor" is no quantity'],
    ['1+'.repeat(600), 'more than 1000 characters'],
  ])('%s', (text, why) => {
    const compile = () => compileFormula(math, 'meters/v/values/powerW', text, null)
    expect(compile).toThrow(/^meters\/v\/values\/powerW: "/)
    expect(compile).toThrow(why)
  })
})
