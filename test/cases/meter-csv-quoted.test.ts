import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readMeterCsv } from '../../src/tariffs/meter-csv.ts'

const quoted = readFileSync(
  new URL('../fixtures/cases/meter-csv-quoted/quoted.csv', import.meta.url),
  'utf8',
)
const read = (text: string) => readMeterCsv(text, 'UTC', 'EUR').metered

test('meter-csv-quoted: quoted cells are read as if they were not', () => {
  expect([...read(quoted).importWh]).toEqual([1500, 1600])
  expect(read(quoted)).toEqual(read(quoted.replaceAll('"', '')))
})

const ROWS = ['2026-03-01T00:00Z,1.5', '2026-03-01T00:15Z,1.6', '2026-03-01T00:30Z,1.7']
const table = (rows: readonly string[], end = '\n') => ['time,import_kwh', ...rows].join('\n') + end

test.each([
  ['a byte-order mark and CRLF', `\uFEFF${table(ROWS).replaceAll('\n', '\r\n')}\r\n\r\n`],
  ['rows that descend', table([...ROWS].reverse())],
  ['a last line that is not whole', `${table(ROWS)}2026-03-01T00:4`],
  ['decimal commas', table(ROWS).replaceAll(',', ';').replaceAll('.', ',')],
])('meter-csv-quoted: %s', (_, text) => {
  expect([...read(text).importWh]).toEqual([1500, 1600, 1700])
})

test.each(['', 'null', 'NaN'])('meter-csv-quoted: %j is a gap', (cell) => {
  const { importWh } = read(table([ROWS[0], `2026-03-01T00:15Z,${cell}`, ROWS[2]]))
  expect([...importWh]).toEqual([1500, NaN, 1700])
})
