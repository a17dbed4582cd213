import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoredRecord } from '../../../../src/ports/storage.ts'
import type { Batch } from '../../../../src/storage/batch.ts'
import type { Cell } from '../../../../src/storage/layout.ts'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import { encodeRecord } from '../../../../src/storage/rows.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'
import { createDatabaseWriter } from '../../../../src/storage/sqlite/write.ts'
import { audit, sample, session } from '../../../contract/records.ts'

let db: DatabaseSync
let writer: ReturnType<typeof createDatabaseWriter>

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  migrate(db, MIGRATIONS, 0)
  writer = createDatabaseWriter(db, 'depot.db')
})
afterEach(() => db.close())

const batchOf = (...units: StoredRecord[][]): Batch => {
  const cells: Cell[] = []
  for (const record of units.flat()) encodeRecord(record, cells)
  return { cells, unitSizes: units.map((unit) => unit.length) }
}

const storedActions = (): unknown[] =>
  db
    .prepare('SELECT action FROM audit')
    .all()
    .map(({ action }) => action)

/** Gives the last cell of one kind that the database refuses, as only a defect of ours could. */
const spoil = (batch: Batch, good: Cell, bad: Cell): Batch => {
  batch.cells[batch.cells.lastIndexOf(good)] = bad
  return batch
}

test('a batch of several units and tables is written in order', () => {
  expect(writer.writeBatch(batchOf([audit('a'), session()], [audit('b')])).failures).toEqual([])
  expect(storedActions()).toEqual(['a', 'b'])
  expect(db.prepare('SELECT id FROM session').all()).toEqual([{ id: 'session-1' }])
})

test('a unit that the database refuses fails whole and alone, with the reason', () => {
  const batch = batchOf([audit('a')], [audit('b'), session({ evseId: 99 })], [audit('c')])
  const { failures } = writer.writeBatch(spoil(batch, 99, 1.5))
  expect(failures).toEqual([
    {
      unit: 1,
      isGeneral: false,
      message: 'database depot.db: cannot store REAL value in INTEGER column session.evseId',
    },
  ])
  expect(storedActions()).toEqual(['a', 'c'])
  expect(db.prepare('SELECT * FROM session').all()).toEqual([])
})

test('after a refused unit the next batch is written', () => {
  writer.writeBatch(spoil(batchOf([session({ evseId: 99 })]), 99, 'one'))
  expect(writer.writeBatch(batchOf([audit('next')])).failures).toEqual([])
  expect(storedActions()).toEqual(['next'])
})

test('a full disk fails the whole batch at once, and writing goes on when there is room', () => {
  const pages = Number(Object.values(db.prepare('PRAGMA page_count').get() ?? {})[0])
  db.exec(`PRAGMA max_page_count = ${pages}`)
  const large = audit('large', { detail: 'x'.repeat(100_000) })
  expect(() => writer.writeBatch(batchOf([audit('small')], [large]))).toThrow('full')
  expect(storedActions()).toEqual([])
  db.exec(`PRAGMA max_page_count = ${pages + 1_000}`)
  expect(writer.writeBatch(batchOf([audit('small')], [large])).failures).toEqual([])
  expect(storedActions()).toEqual(['small', 'large'])
})

test('pruning takes the oldest first, no more than allowed at a time', () => {
  const samples = [5, 1, 4, 2, 3].map((receivedAtMs) => sample({ receivedAtMs }))
  writer.writeBatch(batchOf(samples))
  const left = (): unknown[] =>
    db
      .prepare('SELECT "receivedAtMs" FROM sample ORDER BY "receivedAtMs"')
      .all()
      .map(({ receivedAtMs }) => receivedAtMs)
  expect(writer.prune('sample', 5, 3)).toEqual({ deleted: 3, isDone: false })
  expect(left()).toEqual([4, 5])
  expect(writer.prune('sample', 5, 3)).toEqual({ deleted: 1, isDone: true })
  expect(writer.prune('sample', 5, 3)).toEqual({ deleted: 0, isDone: true })
  expect(left()).toEqual([5])
})
