import type { DatabaseSync } from 'node:sqlite'
import type { Cell } from '../layout.ts'
import type { FoundRow } from '../match.ts'
import { packRows } from '../pack.ts'
import type { Migration } from './migration.ts'

/** The tables as they were: columns in order, key and time. */
const TABLES = [
  {
    table: 'message',
    columns: ['stationId', 'atMs', 'direction', 'kind', 'action', 'messageId', 'text'],
    keyAt: 1,
    timeAt: 2,
  },
  { table: 'grant', columns: ['key', 'atMs', 'limitA', 'reasons'], keyAt: 1, timeAt: 2 },
] as const

const HOUR_MS = 3_600_000
const PACK_ROWS = 1_000

const statements = (table: string): string => `
DROP INDEX "${table}_atMs";
ALTER TABLE "${table}" RENAME TO "${table}_row";
CREATE TABLE "${table}" (
  "rowId" INTEGER PRIMARY KEY AUTOINCREMENT,
  "hour" INTEGER NOT NULL,
  "fromMs" INTEGER NOT NULL,
  "toMs" INTEGER NOT NULL,
  "rows" INTEGER NOT NULL,
  "keys" TEXT NOT NULL,
  "pack" BLOB NOT NULL
) STRICT;
CREATE INDEX "${table}_hour_fromMs" ON "${table}" ("hour", "fromMs");
CREATE INDEX "${table}_hour_toMs" ON "${table}" ("hour", "toMs");
CREATE TABLE "${table}_hour" (
  "key" TEXT NOT NULL,
  "hour" INTEGER NOT NULL,
  PRIMARY KEY ("key", "hour")
) STRICT, WITHOUT ROWID;
INSERT INTO sqlite_sequence ("name", "seq")
  SELECT '${table}', "seq" FROM sqlite_sequence WHERE "name" = '${table}_row';
`

const convert = (db: DatabaseSync): void => {
  for (const { table, columns, keyAt, timeAt } of TABLES) {
    const insert = db.prepare(
      `INSERT INTO "${table}" ("rowId", "hour", "fromMs", "toMs", "rows", "keys", "pack") ` +
        'VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    const insertHour = db.prepare(`INSERT OR IGNORE INTO "${table}_hour" VALUES (?, ?)`)
    const hourOf = (row: FoundRow): number => Math.floor((row[timeAt] as number) / HOUR_MS)

    const put = (rows: readonly FoundRow[]): void => {
      const keys = new Set(rows.map((row) => row[keyAt]).filter((key) => key !== null))
      const times = rows.map((row) => row[timeAt] as number)
      const hour = hourOf(rows[0])
      const [fromMs, toMs] = [Math.min(...times), Math.max(...times)]
      const keyList = JSON.stringify([...keys])
      insert.run(rows.at(-1)![0], hour, fromMs, toMs, rows.length, keyList, packRows(rows))
      for (const key of keys) insertHour.run(key, hour)
    }

    const names = columns.map((name) => (name === 'atMs' ? 'coalesce("atMs", 0)' : `"${name}"`))
    const stored = db.prepare(
      `SELECT "rowId", ${names.join(', ')} FROM "${table}_row" ORDER BY "rowId"`,
    )
    let filling: FoundRow[] = []
    for (const found of stored.iterate()) {
      const row = Object.values(found) as Cell[]
      const isFull = filling.length >= PACK_ROWS
      if (filling.length > 0 && (isFull || hourOf(filling[0]) !== hourOf(row))) {
        put(filling)
        filling = []
      }
      filling.push(row)
    }
    if (filling.length > 0) put(filling)
    db.exec(`DROP TABLE "${table}_row"`)
  }
}

/**
 * Frames and grants in packs (`pack.ts`): one by one, each with two indexes, they took ten times as
 * much of the disk, and most of what was written to it.
 */
export const packs: Migration = {
  version: 5,
  name: 'packs',
  sqlite: TABLES.map(({ table }) => statements(table)).join(''),
  convert,
}
