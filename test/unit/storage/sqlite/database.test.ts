import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import { openDatabase } from '../../../../src/storage/sqlite/database.ts'
import { describeFault } from '../../../../src/storage/sqlite/faults.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()

const faultOf = (path: string): string => {
  try {
    openDatabase(path, 1).close()
  } catch (error) {
    return describeFault(path, error)
  }
  throw new Error('it was opened')
}

test('a new database is made with its folder, for its owner alone', () => {
  const path = join(folder, 'new', 'folder', 'site.db')
  const { db, migrated, close } = openDatabase(path, 1)
  expect(migrated).toEqual(MIGRATIONS.map(({ version }) => version))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  db.exec(`INSERT INTO "counter" ("name", "value") VALUES ('a', 1)`)
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600)
  close()
  const again = openDatabase(path, 2)
  expect(again.migrated).toEqual([])
  expect(again.db.prepare('SELECT "value" FROM "counter"').all()).toEqual([{ value: 1 }])
  again.close()
})

test('every commit is flushed to the disk', () => {
  const { db, close } = openDatabase(join(folder, 'durable.db'), 1)
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  // 2 = FULL: in WAL mode the log is flushed by each commit, not only by a checkpoint.
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  close()
})

test('a database in use is refused until it is closed', () => {
  const path = join(folder, 'busy.db')
  const first = openDatabase(path, 1)
  expect(faultOf(path)).toBe(
    `database ${path}: database is locked (another process is using the database; ` +
      'stop it, or set storage.path to another file)',
  )
  first.close()
  openDatabase(path, 2).close()
})

test('a file that is no database is refused and left as it was', () => {
  const path = join(folder, 'notes.txt')
  const notes = 'these are notes and no database '.repeat(200)
  writeFileSync(path, notes)
  expect(faultOf(path)).toContain('the file is not a SQLite database; move it away')
  expect(readFileSync(path, 'utf8')).toBe(notes)
})

test('a damaged database is refused with the remedy', () => {
  const path = join(folder, 'damaged.db')
  openDatabase(path, 1).close()
  const bytes = readFileSync(path)
  // The header stays; the schema behind it does not.
  writeFileSync(path, bytes.fill(0xa5, 100, 4096))
  expect(faultOf(path)).toContain('the file is damaged; restore a backup')
})

test("another program's database is refused and left as it was", () => {
  const path = join(folder, 'accounts.db')
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE accounts (name TEXT)')
  db.close()
  const bytes = readFileSync(path)
  expect(faultOf(path)).toContain('it belongs to another program; set storage.path')
  expect(readFileSync(path)).toEqual(bytes)
})

test("a newer Busbar's database is refused", () => {
  const path = join(folder, 'newer.db')
  const { db, close } = openDatabase(path, 1)
  db.exec(`INSERT INTO "migration" VALUES (99, 'future', 1)`)
  close()
  expect(faultOf(path)).toContain('it has version 99, written by a newer Busbar')
})

test('a path that cannot be a file is refused by name', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  mkdirSync(join(folder, 'directory'))
  expect(faultOf(join(file, 'below', 'site.db'))).toMatch(/database .*file \(ENOTDIR\)/)
  expect(faultOf(join(folder, 'directory'))).toMatch(/database .*EISDIR/)
})

test('after a fault nothing stays locked', () => {
  const path = join(folder, 'second-try.db')
  writeFileSync(path, 'no database'.repeat(500))
  faultOf(path)
  writeFileSync(path, '')
  openDatabase(path, 1).close()
})
