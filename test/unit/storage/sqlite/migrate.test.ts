import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Migration } from '../../../../src/storage/migrations/migration.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'

const first: Migration = { version: 1, name: 'first', sqlite: 'CREATE TABLE a (x TEXT);' }
const second: Migration = {
  version: 2,
  name: 'second',
  sqlite: "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES ('x', 'y');",
}
const broken: Migration = {
  version: 2,
  name: 'broken',
  sqlite: 'CREATE TABLE b (x TEXT); CREATE TABLE a (again TEXT);',
}

const tablesOf = (db: DatabaseSync): unknown[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name)

test('an empty file gets all steps, and each is recorded', () => {
  const db = new DatabaseSync(':memory:')
  expect(migrate(db, [first, second], 123)).toEqual([1, 2])
  expect(db.prepare('SELECT * FROM migration').all()).toEqual([
    { version: 1, name: 'first', appliedAtMs: 123 },
    { version: 2, name: 'second', appliedAtMs: 123 },
  ])
  expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 'x', y: 'y' }])
})

test('only missing steps are applied', () => {
  const db = new DatabaseSync(':memory:')
  expect(migrate(db, [first], 1)).toEqual([1])
  expect(migrate(db, [first], 2)).toEqual([])
  expect(migrate(db, [first, second], 3)).toEqual([2])
})

test('a step that fails leaves nothing of itself', () => {
  const db = new DatabaseSync(':memory:')
  expect(() => migrate(db, [first, broken], 1)).toThrow('already exists')
  expect(tablesOf(db)).toEqual(['a', 'migration'])
  expect(migrate(db, [first, second], 2)).toEqual([2])
})

test("a newer program's file is refused, with both versions, and left alone", () => {
  const db = new DatabaseSync(':memory:')
  migrate(db, [first, second], 1)
  expect(() => migrate(db, [first], 2)).toThrow(
    'it has version 2, written by a newer Busbar; this one knows versions up to 1',
  )
  expect(db.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: 2 })
})

test("another program's file is refused and left alone", () => {
  const withTables = new DatabaseSync(':memory:')
  withTables.exec('CREATE TABLE accounts (name TEXT)')
  expect(() => migrate(withTables, [first], 1)).toThrow('it belongs to another program')
  expect(tablesOf(withTables)).toEqual(['accounts'])

  const marked = new DatabaseSync(':memory:')
  marked.exec('PRAGMA application_id = 77')
  expect(() => migrate(marked, [first], 1)).toThrow('it belongs to another program')
})
