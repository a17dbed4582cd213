import { expect, test } from 'vitest'
import { cellNumber, requiredNumber } from '../../../src/domain/csv-table.ts'
import { findColumns } from '../../../src/net/csv-columns.ts'
import { createTimeReader, type DateOrder } from '../../../src/net/csv-time.ts'
import { readCsv } from '../../../src/net/csv.ts'

test('quotes, remarks, empty lines, a byte-order mark; lines count as in the file', () => {
  const { names, rows } = readCsv('\uFEFFa,"b, c"\r\n\r\n# no\r\n"x ""y""",2\r\n1,\r\n')
  expect(names).toEqual(['a', 'b, c'])
  expect(rows).toEqual([
    { line: 4, cells: ['x "y"', '2'] },
    { line: 5, cells: ['1', ''] },
  ])
})

test('remarks and empty lines before the names', () => {
  expect(readCsv('# export, of; yesterday\n\na;b\n1;2\n')).toMatchObject({
    names: ['a', 'b'],
    rows: [{ line: 4, cells: ['1', '2'] }],
  })
})

test('the separator is what the names have most, outside of quotes', () => {
  expect(readCsv('"a;b;c",d\n1,2\n').names).toEqual(['a;b;c', 'd'])
  expect(readCsv('a, x;b, y;c;d\n1;2;3;4\n').names).toEqual(['a, x', 'b, y', 'c', 'd'])
  expect(readCsv('a\tb\n1\t2\n').names).toEqual(['a', 'b'])
})

test('a row that was being written is left out; a quote that swallows rows is refused', () => {
  expect(readCsv('a,b\n1,2\n3').rows).toHaveLength(1)
  expect(readCsv('a,b\n1,2\n3,4').rows).toHaveLength(2)
  expect(readCsv('a,b\n1,2\n3,"4').rows).toHaveLength(1)
  expect(() => readCsv('a,b\n1,"2\n3,4\n5,6\n')).toThrow(/line \d+: a quote is not closed/)
})

test('numbers by the separator of the file', () => {
  const numberIn = (text: string, decimal?: ',' | '.'): number | null => {
    const table = readCsv(text, decimal)
    return cellNumber(table, table.rows[0].cells[0], 2, 'energy')
  }
  expect(numberIn('a;b\n1,234;x')).toBe(1.234)
  expect(numberIn('a;b\n1.234;x')).toBe(1.234)
  expect(numberIn('a;b\n1.234,5;x')).toBe(1234.5)
  expect(numberIn('a,b\n"1,5",x')).toBe(1.5)
  expect(numberIn('a,b\nn/e,x')).toBeNull()
  expect(() => numberIn('a,b\n"1,234",x')).toThrow(
    'line 2: "1,234" can be read in two ways (energy); say which sign is decimal: --decimal',
  )
  expect(numberIn('a,b\n"1,234",x', '.')).toBe(1234)
  expect(numberIn('a,b\n"1,234",x', ',')).toBe(1.234)
  expect(() => numberIn('a,b\n12 kWh,x')).toThrow('line 2: "12 kWh" is no number (energy)')
  const empty = readCsv('a,b\n,x')
  expect(() => requiredNumber(empty, '', 2, 'energy')).toThrow('line 2: "" is no number (energy)')
})

test('columns: any spelling, a map first, all missing ones at once', () => {
  const known = { at: ['Start Time'], energy: ['kWh'], note: ['note'] }
  const table = readCsv('Start_Time,Energy (kWh),kWh\n1,2,3\n')
  expect(findColumns(table, known, ['at', 'energy'])).toEqual({ at: 0, energy: 2, note: -1 })
  expect(findColumns(table, known, [], { energy: 'energy_kwh' }).energy).toBe(1)
  expect(() => findColumns(readCsv('a,b\n1,2'), known, ['at', 'energy'])).toThrow(
    'line 1: there is no column for at (such as Start Time) and energy (such as kWh); the file has a, b. Say which they are: --columns at=NAME,energy=NAME', // prettier-ignore
  )
  expect(() => findColumns(table, known, [], { energy: 'Wh' })).toThrow('there is no column "Wh"')
  expect(() => findColumns(table, known, [], { power: 'kWh' })).toThrow('no column "power" to map')
})

test.each<[string, string, DateOrder?]>([
  ['2026-07-01T10:00:00Z', '2026-07-01T10:00:00Z'],
  ['2026-07-01T10:00+02:00', '2026-07-01T08:00:00Z'],
  ['2026/07/01 10:00:00+00', '2026-07-01T10:00:00Z'],
  ['2026-07-01 10:00:00.250-0700', '2026-07-01T17:00:00.250Z'],
  ['2026-07-01 12:00', '2026-07-01T10:00:00Z'],
  ['2026-07-01', '2026-06-30T22:00:00Z'],
  ['1.7.2026 12:00', '2026-07-01T10:00:00Z'],
  ['7/1/2026 12:00 PM', '2026-07-01T10:00:00Z'],
  ['7/1/2026 12:30 AM', '2026-06-30T22:30:00Z'],
  ['07/13/2026, 12:00', '2026-07-13T10:00:00Z'],
  ['13/07/2026 12:00', '2026-07-13T10:00:00Z'],
  ['1/7/2026 12:00', '2026-07-01T10:00:00Z', 'dmy'],
  ['7/1/2026 12:00', '2026-07-01T10:00:00Z', 'mdy'],
])('%s is %s', (text, iso, order) => {
  const reader = createTimeReader('Europe/Berlin', [text], order)
  expect(new Date(reader.instant(text, 2)).toISOString()).toBe(new Date(iso).toISOString())
})

test('one date of the table tells for all; two that disagree tell nothing', () => {
  const some = createTimeReader('UTC', ['1/2/2026 00:00', '1/25/2026 00:00'])
  expect(some.instant('1/2/2026 00:00', 2)).toBe(Date.UTC(2026, 0, 2))
  const both = createTimeReader('UTC', ['25/1/2026 00:00', '1/25/2026 00:00'])
  expect(() => both.instant('1/2/2026 00:00', 2)).toThrow(/line 2: .* may be day or month first/)
})

test.each(['yesterday', '2026-02-30 10:00', '31/04/2026 10:00', '2026-07-01T10:0', '10:00'])(
  '%s is no time',
  (text) => {
    const reader = createTimeReader('UTC', [text, '31/04/2026 10:00'])
    expect(() => reader.instant(text, 3)).toThrow(`line 3: "${text}" is no time`)
  },
)

test('clock changes: the hour that is skipped, and the one that comes twice', () => {
  const reader = createTimeReader('Europe/Berlin', [])
  expect(reader.isSkipped('2026-03-29 02:30')).toBe(true)
  expect(reader.isSkipped('2026-03-29 02:30Z')).toBe(false)
  expect(reader.isSkipped('n/e')).toBe(false)
  expect(() => reader.instant('2026-03-29 02:30', 4)).toThrow('does not exist in Europe/Berlin')
  const first = reader.instant('2026-10-25 02:30', 5)
  expect(reader.instant('2026-10-25 02:30', 6, first) - first).toBe(3_600_000)
})
