import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cell } from '../../../../src/storage/layout.ts'
import { createDatabaseReader } from '../../../../src/storage/sqlite/read.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const path = join(temporaryFolder(), 'read.db')
let writer: DatabaseSync
let reader: ReturnType<typeof createDatabaseReader>

beforeAll(() => {
  writer = new DatabaseSync(path)
  writer.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE n (i INTEGER, t TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10000)
    INSERT INTO n SELECT i, 't' || i FROM c;
    CREATE TABLE large (t TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10)
    INSERT INTO large SELECT printf('%.*c', 200000, 'x') FROM c;
  `)
  reader = createDatabaseReader(path)
})
afterAll(() => {
  reader.close()
  writer.close()
})

const ALL = { sql: 'SELECT i, t FROM n ORDER BY i LIMIT ?', parameters: [1e6] }

const readAll = (): { cells: Cell[]; chunks: number } => {
  const cells: Cell[] = []
  let chunk = reader.open(ALL)
  let chunks = 1
  for (; !chunk.isLast; chunks++) {
    cells.push(...chunk.cells)
    chunk = reader.next()
  }
  cells.push(...chunk.cells)
  return { cells, chunks }
}

test('a long answer comes in chunks, complete and in order', () => {
  const { cells, chunks } = readAll()
  expect(chunks).toBeGreaterThan(1)
  expect(cells).toHaveLength(20_000)
  expect(cells.slice(0, 4)).toEqual([1, 't1', 2, 't2'])
  expect(cells.slice(-2)).toEqual([10_000, 't10000'])
})

test('long texts make short chunks', () => {
  const chunk = reader.open({ sql: 'SELECT t FROM large', parameters: [] })
  expect(chunk.cells).toHaveLength(2)
  expect(chunk.isLast).toBe(false)
  reader.end()
})

test('all chunks of an answer show the same instant; the next answer shows the new', () => {
  const first = reader.open(ALL)
  writer.exec("DELETE FROM n WHERE i > 9990; INSERT INTO n VALUES (0, 'new')")
  let count = first.cells.length
  for (;;) {
    const chunk = reader.next()
    count += chunk.cells.length
    if (chunk.isLast) break
  }
  expect(count).toBe(20_000)
  expect(readAll().cells).toHaveLength(2 * 9_991)
})

test('an answer that is not wanted any more makes room for the next', () => {
  reader.open(ALL)
  reader.end()
  expect(reader.next()).toEqual({ cells: [], isLast: true })
  reader.open(ALL)
  expect(reader.open({ sql: 'SELECT 1', parameters: [] })).toEqual({ cells: [1], isLast: true })
})

test('nothing can be written through it', () => {
  expect(() => reader.open({ sql: 'DELETE FROM n', parameters: [] })).toThrow('readonly')
})
