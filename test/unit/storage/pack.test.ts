import { expect, test } from 'vitest'
import { layoutNamed, type Cell, type Layout } from '../../../src/storage/layout.ts'
import { packRows, unpackRows } from '../../../src/storage/pack.ts'

const layout = layoutNamed('grant') as Layout
const rows: Cell[][] = [
  [7, 'a/1', 1_800_000_000_000, 16.25, '[{"code":"limit"}]'],
  [8, '', -1, null, null],
  [9, '=', 0, Number.MIN_VALUE, ''],
  [10, null, 5, -0.1, 'Zürich\n😀\u0001'],
]

test('rows come back as they were: null, empty text and every bit of a number', () => {
  expect(unpackRows(layout, packRows(rows), null)).toEqual(rows)
  expect(unpackRows(layout, packRows([]), null)).toEqual([])
})

test('with a key, only its rows', () => {
  expect(unpackRows(layout, packRows(rows), 'a/1')).toEqual([rows[0]])
  expect(unpackRows(layout, packRows(rows), '')).toEqual([rows[1]])
  expect(unpackRows(layout, packRows(rows), 'b')).toEqual([])
})

/** It is in databases: a change here needs another format, and the old one is still to be read. */
test('the format is the one that was released', () => {
  const released = 'ATNnsE3UN2QwtDBAAAZDMz0jUwZbhP8hZVBtLAA='
  expect(unpackRows(layout, Buffer.from(released, 'base64'), null)).toEqual([rows[0]])
})

test('frames of a station take a fraction of their size, alone and among others', () => {
  const frame = (n: number): Cell[] => [
    n,
    'CS-0042',
    1_800_000_000_000 + 60_000 * n,
    'in',
    'call',
    'MeterValues',
    `m${n}`,
    `[2,"m${n}","MeterValues",{"connectorId":1,"transactionId":17,"meterValue":[{"timestamp":` +
      `"2027-01-15T08:${10 + n}:00Z","sampledValue":[{"value":"${1_000 + 183 * n}","context":` +
      '"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":' +
      `"${10 + n}.4","measurand":"Current.Import","phase":"L1","unit":"A"}]}]}]`,
  ]
  const size = JSON.stringify(frame(1)).length
  expect(packRows([frame(1)]).length).toBeLessThan(size / 3)
  const many = Array.from({ length: 40 }, (_, n) => frame(n))
  expect(packRows(many).length / many.length).toBeLessThan(size / 10)
})

test('a pack of another format, and a damaged one, are told as such', () => {
  const pack = packRows(rows)
  expect(() => unpackRows(layout, Buffer.of(9, ...pack.subarray(1)), null)).toThrow(
    'a pack of grant has format 9; this Busbar knows 1',
  )
  expect(() => unpackRows(layout, pack.subarray(0, 12), null)).toThrow('unexpected end of file')
})
