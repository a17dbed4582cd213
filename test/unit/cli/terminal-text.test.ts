import { expect, test } from 'vitest'
import { humanLog } from '../../../src/cli/serve/human-log.ts'
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

test('a log line for people shows what a station said without its escape codes', () => {
  const lines: string[] = []
  const log = humanLog(
    { out: (text) => lines.push(printable(text)), paint: (_, text) => text, now: () => 0 },
    'UTC',
  )
  const firmware = '\u001b[8m1.0\u001b[31m'
  const time = '2026-11-30T12:00:00Z'
  log.write(JSON.stringify({ level: 'info', time, msg: 'a station booted', firmware }))
  log.write(JSON.stringify({ level: 'warn', time, msg: `\u001b[8m`, err: { message: firmware } }))
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u)
  expect(lines[0]).toContain('1.0')
})
