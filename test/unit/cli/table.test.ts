import { styleText } from 'node:util'
import { expect, test } from 'vitest'
import { table } from '../../../src/cli/table.ts'

const COLUMNS = [{ title: 'NAME' }, { title: 'POWER', right: true }, { title: 'NOTE' }]

test('columns are aligned under their titles, numbers to the right, no trailing blanks', () => {
  const rows = [
    ['a', '12.0 kW', 'x'],
    ['longer', '7 kW', ''],
  ]
  expect(table(COLUMNS, rows)).toBe(
    ['NAME      POWER  NOTE', 'a       12.0 kW  x', 'longer     7 kW'].join('\n'),
  )
})

test('colours take no room', () => {
  const red = styleText('red', 'a', { validateStream: false })
  const [, first, second] = table(COLUMNS, [
    [red, '1', 'x'],
    ['abc', '1', 'x'],
  ]).split('\n')
  expect(first.replaceAll(red, 'a')).toBe('a         1  x')
  expect(second).toBe('abc       1  x')
})

test('a character of several code points is one character wide', () => {
  const [, line] = table([{ title: 'N' }, { title: 'M' }], [['e\u0301', 'x']]).split('\n')
  expect(line).toBe('e\u0301  x')
})

test('a line feed in a cell does not break the table', () => {
  expect(table([{ title: 'N' }], [['one\ntwo']])).toBe('N\none two')
})
