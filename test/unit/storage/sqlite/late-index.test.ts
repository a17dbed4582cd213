import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Query } from '../../../../src/ports/storage.ts'
import type { Cell } from '../../../../src/storage/layout.ts'
import { filterOf } from '../../../../src/storage/filter.ts'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import { encodeRecord } from '../../../../src/storage/rows.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'
import { createDatabaseWriter } from '../../../../src/storage/sqlite/write.ts'
import { selectSql, SQLITE } from '../../../../src/storage/statements.ts'
import { sample } from '../../../contract/records.ts'

let db: DatabaseSync
let writer: ReturnType<typeof createDatabaseWriter>

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  migrate(db, MIGRATIONS, 0)
  writer = createDatabaseWriter(db, 'depot.db', 3)
})
afterEach(() => db.close())

const write = (stationId: string | null, ...measuredAtMs: (number | null)[]): void => {
  const cells: Cell[] = []
  for (const atMs of measuredAtMs) {
    encodeRecord(sample({ stationId, measuredAtMs: atMs, receivedAtMs: atMs }), cells)
  }
  writer.writeBatch({ cells, unitSizes: measuredAtMs.map(() => 1) })
}

const statement = (query: Query<'sample'>) => selectSql(filterOf('sample', query), SQLITE)

const found = (query: Query<'sample'>): unknown[] => {
  const { sql, parameters } = statement(query)
  return db
    .prepare(sql)
    .all(...parameters)
    .map(({ measuredAtMs }) => measuredAtMs)
}

const indexed = (): number => db.prepare('SELECT * FROM sample_late').all().length

test('rows are found whether they are in the index already or not', () => {
  write('a', 10, 30)
  write('b', 20)
  writer.catchUp()
  expect(indexed()).toBe(3)
  write('a', 20, 5)
  write('b', 40)
  expect(indexed()).toBe(3)

  const orderBy = 'measuredAtMs'
  expect(found({ where: { stationId: 'a' }, orderBy })).toEqual([5, 10, 20, 30])
  const between = { column: 'measuredAtMs', from: 10, to: 30 } as const
  expect(found({ where: { stationId: 'a' }, between, orderBy })).toEqual([10, 20])
  expect(found({ where: { stationId: 'a' }, orderBy, descending: true, limit: 2 })).toEqual([
    30, 20,
  ])
})

test('rows without a station or a time are found as ever', () => {
  for (const catchesUp of [false, true]) {
    write(null, 1)
    write('a', null, 0)
    if (catchesUp) writer.catchUp()
  }
  expect(found({ where: { stationId: null } })).toEqual([1, 1])
  expect(found({ where: { stationId: 'a' } })).toEqual([null, 0, null, 0])
  const from0 = { column: 'measuredAtMs', from: 0 } as const
  expect(found({ where: { stationId: 'a' }, between: from0 })).toEqual([0, 0])
})

test('a query by station and time uses the index, and no other scan than of the newest rows', () => {
  const { sql, parameters } = statement({
    where: { stationId: 'a', transactionId: 'x' },
    between: { column: 'measuredAtMs', from: 1, to: 2 },
    orderBy: 'measuredAtMs',
  })
  const plan = db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => String(detail))
  expect(plan).toContainEqual(expect.stringMatching(/SEARCH sample_late USING PRIMARY KEY/))
  expect(plan.filter((line) => /^SCAN sample\b/.test(line))).toEqual([])
})

test('it is behind at first, then after so many rows', () => {
  expect(writer.isBehind()).toBe(true)
  writer.catchUp()
  write('a', 1, 2)
  expect(writer.isBehind()).toBe(false)
  write('b', 3)
  expect(writer.isBehind()).toBe(true)
})

test('what is pruned leaves the index, and numbers are never taken for indexed again', () => {
  write('a', 1, 2, 3)
  writer.catchUp()
  expect(writer.prune('sample', 3, 10).deleted).toBe(2)
  expect(indexed()).toBe(1)
  expect(writer.prune('sample', 100, 10).deleted).toBe(1)
  writer.catchUp()
  write('a', 7)
  expect(found({ where: { stationId: 'a' } })).toEqual([7])
  writer.catchUp()
  expect(indexed()).toBe(1)
  expect(found({ where: { stationId: 'a' } })).toEqual([7])
})
