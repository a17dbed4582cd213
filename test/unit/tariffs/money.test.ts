import { expect, test } from 'vitest'
import { currencyDigits, roundMoney, sumMoney } from '../../../src/tariffs/money.ts'

test.each([
  [1.005, 2, 1.01],
  [1.0049, 2, 1],
  [-1.005, 2, -1.01],
  [0.075, 2, 0.08],
  [-0.075, 2, -0.08],
  [2.675, 2, 2.68],
  [8.345, 2, 8.35],
  [0.004, 2, 0],
  [-0.004, 2, 0],
  [1_234_567.125, 2, 1_234_567.13],
  [1234.5, 0, 1235],
  [1.0005, 3, 1.001],
])('%d to %i digits is %d', (amount, digits, expected) => {
  expect(roundMoney(amount, digits)).toBe(expected)
  expect(Object.is(roundMoney(amount, digits), -0)).toBe(false)
})

test('sums do not gather dust', () => {
  expect(
    sumMoney(
      Array.from({ length: 10 }, () => 0.1),
      2,
    ),
  ).toBe(1)
  expect(sumMoney([0.1, 0.2], 2)).toBe(0.3)
  expect(sumMoney([], 2)).toBe(0)
})

test('currencies without cents', () => {
  expect([currencyDigits('EUR'), currencyDigits('JPY'), currencyDigits('KWD')]).toEqual([2, 0, 3])
})
