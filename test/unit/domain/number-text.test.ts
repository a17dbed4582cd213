import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readNumberText, type DecimalSign } from '../../../src/domain/number-text.ts'

const read = (text: string, decimal?: DecimalSign): unknown => {
  const result = readNumberText(text, decimal)
  return result.kind === 'number' ? [result.value, result.unit] : result.kind
}

test.each<[string, unknown]>([
  ['812', [812, '']],
  [' +812.5 ', [812.5, '']],
  ['\u2212812', [-812, '']],
  ['8e2', [800, '']],
  ['.5', [0.5, '']],
  ['2.', [2, '']],
  ['812,5', [812.5, '']],
  ['0,812 kW', [0.812, 'kW']],
  ['1234,567', [1234.567, '']],
  ['812W', [812, 'W']],
  ['85 %', [85, '%']],
  ['12 345.5', [12345.5, '']],
  ["12'345", [12345, '']],
  ['1,234', 'ambiguous'],
  ['1.234,5', 'ambiguous'],
  ['1,234.5', 'ambiguous'],
  ['1.234', [1.234, '']],
  ['1,5,2', 'invalid'],
  ['1.5.2', 'invalid'],
  ['0x32C', [0, 'x32C']],
  ['', 'none'],
  ['NaN', 'none'],
  ['n/e', 'none'],
  ['-', 'none'],
  ['unavailable', 'none'],
  ['#N/A', 'none'],
  ['Infinity', 'invalid'],
  ['1e999', 'invalid'],
  ['high', 'invalid'],
  ['12 34', 'invalid'],
])('%j reads as %j', (text, expected) => {
  expect(read(text)).toEqual(expected)
})

test.each<[string, DecimalSign, unknown]>([
  ['1.234,5', ',', [1234.5, '']],
  ['1,234', ',', [1.234, '']],
  ['1.234', ',', [1234, '']],
  ['0.812', ',', 'invalid'],
  ['812.5', ',', 'invalid'],
  ['1,234.5', '.', [1234.5, '']],
  ['1,234', '.', [1234, '']],
  ['812,5', '.', 'invalid'],
  ['1.234,5', 'last', [1234.5, '']],
  ['1,234', 'last', [1.234, '']],
  ['1,234,567', 'last', [1234567, '']],
  ['812.5', 'last', [812.5, '']],
  ['1,2,3', 'last', 'invalid'],
])('%j with the decimal sign %j reads as %j', (text, decimal, expected) => {
  expect(read(text, decimal)).toEqual(expected)
})

/** The judge is Intl, which formats without knowing this reader. */
test('what a locale formats is read back, or refused: never off by a factor', () => {
  const locales = ['en-US', 'de-DE', 'fr-FR', 'de-CH'] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...locales),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.boolean(),
      (locale, value, useGrouping) => {
        const rounded = Number(value.toFixed(2))
        const text = new Intl.NumberFormat(locale, {
          useGrouping,
          minimumFractionDigits: 2,
          maximumFractionDigits: 2,
        }).format(rounded)
        const alone = readNumberText(text)
        if (alone.kind === 'number') expect(alone.value).toBe(rounded)
        else expect(alone.kind).toBe('ambiguous')
        const told = readNumberText(text, locale === 'en-US' || locale === 'de-CH' ? '.' : ',')
        expect(told).toMatchObject({ kind: 'number', value: rounded })
      },
    ),
  )
})
