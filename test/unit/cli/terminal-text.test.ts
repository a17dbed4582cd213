import { expect, test } from 'vitest'
import { jsonText, printable } from '../../../src/cli/terminal.ts'

test.each([
  ['a title of the window', '\u001b]0;owned\u0007'],
  ['a cleared screen', '\u001b[2J'],
  ['a C1 sequence', '\u009b2J'],
  ['what looks like a colour', '\u0007[31m'],
  ['a carriage return over what stood there', 'safe\rSAFE'],
  ['a bell and a backspace', '\u0007\b'],
])('%s does not reach the terminal', (_what, text) => {
  expect(printable(text).replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u)
})

test('colours, line feeds and tabs do', () => {
  const text = '\u001b[31mred\u001b[0m\tand\nmore'
  expect(printable(text)).toBe(text)
})

test('JSON stays what it was, with nothing in it that steers a terminal', () => {
  const value = { vendor: 'Ö\u009b2J\u007f', text: '\u001b[2J' }
  expect(jsonText(value)).not.toMatch(/[^\P{Cc}\n]/u)
  expect(JSON.parse(jsonText(value))).toEqual(value)
})
