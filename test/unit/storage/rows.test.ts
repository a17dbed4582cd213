import { expect, test } from 'vitest'
import { LAYOUTS, layoutNamed, type Cell, type Layout } from '../../../src/storage/layout.ts'
import { decodeRow, encodeRecord, MAX_TEXT } from '../../../src/storage/rows.ts'
import { audit, session } from '../../contract/records.ts'

test('a record becomes the number of its table and a cell per column', () => {
  const cells: Cell[] = ['before']
  const bytes = encodeRecord(audit('act', { detail: { a: 1 } }), cells)
  const number = LAYOUTS.findIndex(({ table }) => table === 'audit')
  expect(cells).toEqual(['before', number, 1, 'test', 'act', null, '{"a":1}'])
  expect(bytes).toBe(8 + 8 + 'test'.length + 'act'.length + 8 + '{"a":1}'.length)
})

test('a bad record leaves the cells as they were', () => {
  const cells: Cell[] = []
  encodeRecord(audit('good'), cells)
  const before = [...cells]
  expect(() => encodeRecord(session({ priority: Number.NaN }), cells)).toThrow('session.priority')
  expect(cells).toEqual(before)
})

test('a text beyond the bound is refused with both lengths, shortened', () => {
  const long = 'x'.repeat(MAX_TEXT + 1)
  for (const record of [audit(long), audit('json', { detail: long.slice(2) + '"' })]) {
    const encode = (): number => encodeRecord(record, [])
    expect(encode).toThrow(/^audit\.\w+ cannot hold "\S{43,45}: it has 1677721\d characters/)
  }
  expect(() => encodeRecord(audit(long.slice(1)), [])).not.toThrow()
})

test('a row is read from any place among the cells', () => {
  const cells: Cell[] = ['other', 17, 1, 'test', 'act', null, '{"a":[1]}', 'other']
  expect(decodeRow(layoutNamed('audit') as Layout, cells, 1)).toEqual({
    rowId: 17,
    atMs: 1,
    actor: 'test',
    action: 'act',
    target: null,
    detail: { a: [1] },
  })
})
