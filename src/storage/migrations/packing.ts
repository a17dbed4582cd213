import type { DatabaseSync } from 'node:sqlite'
import type { Cell } from '../layout.ts'
import type { FoundRow } from '../match.ts'
import { packRows } from '../pack.ts'

/** A table as it was before its rows went into packs. */
export interface LooseTable {
  readonly table: string
  /** The key, the time (which has an index of its own), then the others. */
  readonly columns: readonly [key: string, time: string, ...others: string[]]
}

/** Where key and time are in a row, behind its number. */
const KEY = 1
const TIME = 2
const HOUR_MS = 3_600_000
const PACK_ROWS = 1_000
const PACK_CHARACTERS = 1_000_000

const hourOf = (row: FoundRow): number => Math.floor((row[TIME] as number) / HOUR_MS)

const sizeOf = (row: FoundRow): number =>
  row.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0)

/** Makes the table of packs; the rows wait in `<table>_row` for `packLoose`. */
export const packStatements = ({ table, columns: [, time] }: LooseTable): string => `
DROP INDEX "${table}_${time}";
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

/** Moves the rows into packs. */
export const packLoose = (db: DatabaseSync, { table, columns }: LooseTable): void => {
  const insert = db.prepare(
    `INSERT INTO "${table}" ("rowId", "hour", "fromMs", "toMs", "rows", "keys", "pack") ` +
      'VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertHour = db.prepare(`INSERT OR IGNORE INTO "${table}_hour" VALUES (?, ?)`)

  const put = (rows: readonly FoundRow[]): void => {
    const keys = new Set(rows.map((row) => row[KEY]).filter((key) => key !== null))
    const times = rows.map((row) => row[TIME] as number)
    const hour = hourOf(rows[0])
    const [fromMs, toMs] = [Math.min(...times), Math.max(...times)]
    const keyList = JSON.stringify([...keys])
    insert.run(rows.at(-1)![0], hour, fromMs, toMs, rows.length, keyList, packRows(rows))
    for (const key of keys) insertHour.run(key, hour)
  }

  const [key, time, ...others] = columns.map((name) => `"${name}"`)
  const names = [key, `coalesce(${time}, 0)`, ...others]
  const stored = db.prepare(
    `SELECT "rowId", ${names.join(', ')} FROM "${table}_row" ORDER BY "rowId"`,
  )
  let filling: FoundRow[] = []
  let characters = 0
  for (const found of stored.iterate()) {
    const row = Object.values(found) as Cell[]
    const isFull = filling.length >= PACK_ROWS || characters >= PACK_CHARACTERS
    if (filling.length > 0 && (isFull || hourOf(filling[0]) !== hourOf(row))) {
      put(filling)
      filling = []
      characters = 0
    }
    filling.push(row)
    characters += sizeOf(row)
  }
  if (filling.length > 0) put(filling)
  db.exec(`DROP TABLE "${table}_row"`)
}
