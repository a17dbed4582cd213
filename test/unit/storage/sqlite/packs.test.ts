import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Query } from '../../../../src/ports/storage.ts'
import { filterOf } from '../../../../src/storage/filter.ts'
import type { Cell, Layout } from '../../../../src/storage/layout.ts'
import { layoutNamed } from '../../../../src/storage/layout.ts'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import type { FoundRow } from '../../../../src/storage/match.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'
import { packedCount, packedRows, packsSql } from '../../../../src/storage/sqlite/packed-read.ts'
import { createPackTable, type PackTable } from '../../../../src/storage/sqlite/packs.ts'

const HOUR = 3_600_000
let db: DatabaseSync
let table: PackTable

const open = (): PackTable => createPackTable(db, layoutNamed('grant') as Layout)

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  migrate(db, MIGRATIONS, 0)
  table = open()
})
afterEach(() => db.close())

const row = (key: string | null, atMs: number): Cell[] => [key, atMs, 6, '[]']
const isRow = (found: FoundRow | null): found is FoundRow => found !== null
const find = (query: Query<'grant'>, from = db): FoundRow[] =>
  [...packedRows(from, filterOf('grant', query))].filter(isRow)
const count = (query: Query<'grant'>): unknown =>
  [...packedCount(db, filterOf('grant', query))].filter(isRow)[0][0]
const times = (query: Query<'grant'> = {}): Cell[] => find(query).map((found) => found[2])
const numbers = (): Cell[] => find({}).map((found) => found[0])
const packs = (): unknown[] =>
  db
    .prepare('SELECT "rowId", "hour", "rows" FROM "grant"')
    .all()
    .map((header) => Object.values(header))
const latest = { orderBy: 'atMs', descending: true } as const

test('rows of a batch are one pack; those of another hour another', () => {
  table.write([row('a', 10), row('b', HOUR - 1), row('a', HOUR), row('c', HOUR + 1)])
  table.write([row('a', HOUR + 5)])
  expect(packs()).toEqual([
    [2, 0, 2],
    [4, 1, 2],
    [5, 1, 1],
  ])
  expect(numbers()).toEqual([1, 2, 3, 4, 5])
  expect(db.prepare('SELECT * FROM "grant_hour"').all()).toEqual([
    { key: 'a', hour: 0 },
    { key: 'a', hour: 1 },
    { key: 'b', hour: 0 },
    { key: 'c', hour: 1 },
  ])
})

test('a pack holds no more rows and characters than a query can look through at once', () => {
  table.write(Array.from({ length: 2_001 }, (_, n) => row('a', n)))
  table.write(Array.from({ length: 3 }, () => ['a', 1, 6, 'x'.repeat(600_000)]))
  expect(packs().map((header) => (header as number[])[2])).toEqual([1_000, 1_000, 1, 2, 1])
})

test('the latest come first although packs overlap', () => {
  table.write([row('a', 10), row('a', 30), row('a', 50)])
  table.write([row('a', 20), row('a', 40)])
  table.write([row('a', HOUR), row('a', 35)])
  expect(times(latest)).toEqual([HOUR, 50, 40, 35, 30, 20, 10])
  expect(times({ orderBy: 'atMs' })).toEqual([10, 20, 30, 35, 40, 50, HOUR])
  expect(times({ ...latest, offset: 2, limit: 3 })).toEqual([40, 35, 30])
  expect(times({ ...latest, limit: 0 })).toEqual([])
})

test('a key is found by its hours and by the keys of a pack, without a look at the others', () => {
  for (let hour = 0; hour < 50; hour++) table.write([row('often', hour * HOUR)])
  table.write([row('rare', 20 * HOUR + 7), row('often', 20 * HOUR + 8)])
  expect(times({ where: { key: 'rare' }, ...latest })).toEqual([20 * HOUR + 7])
  const { sql, parameters } = packsSql(filterOf('grant', { where: { key: 'rare' }, ...latest }))
  const plan = db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => String(detail))
  expect(plan).toEqual([
    expect.stringMatching(/^SEARCH h USING PRIMARY KEY \(key=\?\)/),
    expect.stringMatching(/^SEARCH p USING INDEX grant_hour_toMs \(hour=\?\)/),
  ])
  const between = { column: 'atMs', from: 20 * HOUR + 8, to: 22 * HOUR } as const
  expect(times({ where: { key: 'rare' }, between })).toEqual([])
  expect(times({ where: { key: 'often' }, between, orderBy: 'atMs' })).toEqual([
    20 * HOUR + 8,
    21 * HOUR,
  ])
  expect(count({ where: { key: 'often' }, between })).toBe(2)
  expect(count({})).toBe(52)
})

test('keys of any spelling are found', () => {
  const keys = ['"', '\\', "o'hara", '', 'a","b', '%', 'ä😀', '[', 'a']
  table.write(keys.map((key, n) => row(key, n)))
  for (const [n, key] of keys.entries()) expect(times({ where: { key } }), key).toEqual([n])
  table.write([row(null, 99)])
  expect(times({ where: { key: null } })).toEqual([99])
})

test('pruning takes packs whole, but what is not old enough of one on the border', () => {
  table.write([row('a', 1), row('a', 2)])
  table.write([row('a', HOUR + 1), row('b', HOUR + 9), row('a', HOUR + 5)])
  table.write([row('a', 2 * HOUR)])
  expect(table.prune(HOUR + 5)).toEqual({ deleted: 3, isDone: true })
  expect(times()).toEqual([HOUR + 9, HOUR + 5, 2 * HOUR])
  expect(numbers()).toEqual([4, 5, 6])
  expect(table.prune(HOUR + 5)).toEqual({ deleted: 0, isDone: true })
  expect(db.prepare('SELECT "hour" FROM "grant_hour" GROUP BY 1').all()).toEqual([
    { hour: 1 },
    { hour: 2 },
  ])
})

test('pruning goes in steps', () => {
  for (let n = 0; n < 20; n++) table.write([row('a', n)])
  expect(table.prune(HOUR)).toEqual({ deleted: 16, isDone: false })
  expect(table.prune(HOUR)).toEqual({ deleted: 4, isDone: true })
  expect(times()).toEqual([])
})

test('numbers go on after a restart, after all is gone, and after what was rolled back', () => {
  table.write([row('a', 1), row('a', 2)])
  table.prune(HOUR)
  table = open()
  db.exec('BEGIN')
  table.write([row('a', HOUR), row('new', HOUR)])
  db.exec('ROLLBACK')
  table.forget()
  table.write([row('new', HOUR)])
  expect(numbers()).toEqual([3])
  expect(times({ where: { key: 'new' } })).toEqual([HOUR])
})

test('what older versions stored row by row is packed when the file is brought up to date', () => {
  const old = new DatabaseSync(':memory:')
  migrate(old, MIGRATIONS.slice(0, 4), 0)
  const insert = old.prepare('INSERT INTO "grant" VALUES (?, ?, ?, ?, ?)')
  insert.run(3, 'a', 5, 6.5, '["why"]')
  insert.run(4, 'b', null, null, null)
  for (let n = 0; n < 1_500; n++) insert.run(10 + n, 'c', HOUR + n, 6, '[]')
  insert.run(5_000, 'gone', 1, 6, '[]')
  old.exec('DELETE FROM "grant" WHERE "rowId" = 5000')
  migrate(old, MIGRATIONS, 0)

  const found = (query: Query<'grant'>): unknown[] => find(query, old)
  expect(found({ where: { key: 'a' } })).toEqual([[3, 'a', 5, 6.5, '["why"]']])
  expect(found({ where: { key: 'b' } })).toEqual([[4, 'b', 0, null, null]])
  expect(found({ where: { key: 'c' } })).toHaveLength(1_500)
  expect(found({ ...latest, limit: 1 })).toEqual([[1_509, 'c', HOUR + 1_499, 6, '[]']])
  createPackTable(old, layoutNamed('grant') as Layout).write([row('d', 0)])
  expect(found({ where: { key: 'd' } })).toEqual([[5_001, 'd', 0, 6, '[]']])
  old.close()
})

test('plans that were stored one by one are packed, not too many in one', () => {
  const old = new DatabaseSync(':memory:')
  migrate(old, MIGRATIONS.slice(0, 5), 0)
  const insert = old.prepare('INSERT INTO "plan" VALUES (?, ?, ?, ?)')
  const document = (n: number): string => JSON.stringify({ n, text: 'x'.repeat(300_000) })
  for (let n = 1; n <= 10; n++) insert.run(n, `site-${n}`, n * 60_000, document(n))
  migrate(old, MIGRATIONS, 0)

  const plans = (query: Query<'plan'>): FoundRow[] =>
    [...packedRows(old, filterOf('plan', query))].filter(isRow)
  expect(plans({ where: { id: 'site-7' } })).toEqual([[7, 'site-7', 420_000, document(7)]])
  expect(plans({}).map(([rowId]) => rowId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(old.prepare('SELECT "rows" FROM "plan"').all()).toEqual([
    { rows: 4 },
    { rows: 4 },
    { rows: 2 },
  ])
  old.close()
})
