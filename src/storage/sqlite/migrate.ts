import type { DatabaseSync } from 'node:sqlite'
import type { Migration } from '../migrations/migration.ts'

/** "Bsbr": marks our files, so that nobody's else are ever touched. */
const APPLICATION_ID = 0x42736272

const numberIn = (db: DatabaseSync, sql: string): number =>
  Number(Object.values(db.prepare(sql).get() ?? { none: 0 })[0])

const isOurs = (db: DatabaseSync): boolean =>
  numberIn(db, 'PRAGMA application_id') === APPLICATION_ID

const storedVersion = (db: DatabaseSync): number =>
  isOurs(db) ? numberIn(db, 'SELECT coalesce(max("version"), 0) FROM "migration"') : 0

/**
 * Throws when the file belongs to another program or to a newer Busbar. Only reads: such a file is
 * left as it was, to the last byte.
 */
export const checkOwner = (db: DatabaseSync, migrations: readonly Migration[]): void => {
  const isUnused =
    numberIn(db, 'PRAGMA application_id') === 0 &&
    numberIn(db, 'SELECT count(*) FROM sqlite_schema') === 0
  if (!isOurs(db) && !isUnused)
    throw new Error('it belongs to another program; set storage.path to another file')
  const known = migrations.at(-1)?.version ?? 0
  const stored = storedVersion(db)
  if (stored > known)
    throw new Error(
      `it has version ${stored}, written by a newer Busbar; this one knows versions up to ` +
        `${known}: install the newer Busbar again, or restore a backup`,
    )
}

/** As `checkOwner`, and throws for what is not of this version yet: for those that only read. */
export const checkCurrent = (db: DatabaseSync, migrations: readonly Migration[]): void => {
  checkOwner(db, migrations)
  const known = migrations.at(-1)?.version ?? 0
  const stored = storedVersion(db)
  if (stored < known)
    throw new Error(
      `it has version ${stored} and this Busbar needs ${known}: start Busbar on it once, which ` +
        'brings it up to date',
    )
}

const claim = (db: DatabaseSync): void =>
  db.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    CREATE TABLE "migration" (
      "version" INTEGER PRIMARY KEY,
      "name" TEXT NOT NULL,
      "appliedAtMs" INTEGER NOT NULL
    ) STRICT;
  `)

const inTransaction = (db: DatabaseSync, work: () => void): void => {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Brings a database to the version of this program, step by step; each step is recorded with it in
 * one transaction. Returns the versions applied. Throws what `checkOwner` throws.
 */
export const migrate = (
  db: DatabaseSync,
  migrations: readonly Migration[],
  nowMs: number,
): number[] => {
  checkOwner(db, migrations)
  if (!isOurs(db)) inTransaction(db, () => claim(db))
  const stored = storedVersion(db)
  const missing = migrations.filter(({ version }) => version > stored)
  for (const { version, name, sqlite, convert } of missing) {
    inTransaction(db, () => {
      db.exec(sqlite)
      convert?.(db)
      const record = 'INSERT INTO "migration" ("version", "name", "appliedAtMs") VALUES (?, ?, ?)'
      db.prepare(record).run(version, name, nowMs)
    })
  }
  return missing.map(({ version }) => version)
}
