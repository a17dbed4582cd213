import type { DatabaseSync } from 'node:sqlite'
import type { Cell, Layout } from '../layout.ts'
import type { FoundRow } from '../match.ts'
import { packRows, unpackRows } from '../pack.ts'

/**
 * Tables of packs (pack.ts). A pack holds rows of one hour; its `rowId` is the number of its last
 * row. `<table>_hour` names the hours in which a key has rows, so that the last words of a station
 * that fell silent weeks ago are found without a look at what all others have said since.
 */
export const HOUR_MS = 3_600_000
export const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS)

export const hoursTable = (table: string): string => `"${table}_hour"`

/** How a key stands among the keys of a pack, which are a JSON array. */
export const keyMark = (key: string): string => JSON.stringify(key)

/** Rows and characters of a pack: what a query has to unpack for one of them. */
const PACK_ROWS = 1_000
const PACK_CHARACTERS = 1_000_000
/** Packs that pruning looks at in one go. */
const PRUNED_PACKS = 16
const PAGE_BYTES = 4_096

/** A place in the order of time. */
interface Header {
  readonly rowId: number
  readonly fromMs: number
  readonly toMs: number
  readonly rows: number
}

type Cells = readonly Cell[]

const sizeOf = (cells: Cells): number =>
  cells.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0)

/** Rows in their order, cut into parts of one hour and of bounded size. */
const partsOf = (rows: readonly Cells[], time: number): Cells[][] => {
  const parts: Cells[][] = []
  let part: Cells[] = []
  let characters = 0
  let hour = Number.NaN
  for (const row of rows) {
    const ownHour = hourOf(row[time] as number)
    const isFull = part.length >= PACK_ROWS || characters >= PACK_CHARACTERS
    if (ownHour !== hour || isFull) {
      part = []
      parts.push(part)
      characters = 0
      hour = ownHour
    }
    part.push(row)
    characters += sizeOf(row)
  }
  return parts
}

export interface PackTable {
  /** Writes rows (cells in the order of the columns); returns about how many pages that took. */
  write(rows: readonly Cells[]): number
  /** Removes rows from before a time; a pack on the border keeps the others. */
  prune(beforeMs: number): { readonly deleted: number; readonly isDone: boolean }
  /** Nothing is known any more: a transaction was rolled back. */
  forget(): void
}

/** The writer's side of a table of packs; every call is part of the caller's transaction. */
export const createPackTable = (db: DatabaseSync, layout: Layout): PackTable => {
  const { table, packed } = layout
  if (packed === null) throw new Error(`the rows of ${table} are not packed`)
  const keyAt = packed.key + 1
  const timeAt = packed.time + 1
  const hours = hoursTable(table)
  const insert = db.prepare(
    `INSERT INTO "${table}" ("rowId", "hour", "fromMs", "toMs", "rows", "keys", "pack") ` +
      'VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertHour = db.prepare(`INSERT OR IGNORE INTO ${hours} ("key", "hour") VALUES (?, ?)`)
  const lastNumber = db.prepare(
    `SELECT coalesce(max("seq"), 0) AS n FROM sqlite_sequence WHERE "name" = '${table}'`,
  )
  const oldest = db.prepare(
    `SELECT "rowId", "fromMs", "toMs", "rows" FROM "${table}" ` +
      'WHERE "hour" <= ? AND "fromMs" < ? ORDER BY "hour", "fromMs" LIMIT ?',
  )
  const packOf = db.prepare(`SELECT "pack" FROM "${table}" WHERE "rowId" = ?`)
  const remove = db.prepare(`DELETE FROM "${table}" WHERE "rowId" = ?`)
  const removeHours = db.prepare(`DELETE FROM ${hours} WHERE "hour" < ?`)

  let number: number | null = null
  /** The keys of the newest hour that `<table>_hour` is known to have. */
  const known = { hour: -Infinity, keys: new Set<string>() }

  const noteKeys = (keys: Iterable<string>, hour: number): void => {
    if (hour > known.hour) {
      known.hour = hour
      known.keys.clear()
    }
    for (const key of keys) {
      if (hour === known.hour && known.keys.has(key)) continue
      insertHour.run(key, hour)
      if (hour === known.hour) known.keys.add(key)
    }
  }

  const put = (rows: readonly FoundRow[]): number => {
    const keys = new Set<string>()
    let fromMs = Infinity
    let toMs = -Infinity
    for (const row of rows) {
      const key = row[keyAt]
      const atMs = row[timeAt] as number
      if (key !== null) keys.add(key as string)
      fromMs = Math.min(fromMs, atMs)
      toMs = Math.max(toMs, atMs)
    }
    const rowId = rows[rows.length - 1][0]
    const hour = hourOf(fromMs)
    const pack = packRows(rows)
    insert.run(rowId, hour, fromMs, toMs, rows.length, JSON.stringify([...keys]), pack)
    noteKeys(keys, hour)
    return 1 + pack.length / PAGE_BYTES
  }

  const write = (rows: readonly Cells[]): number => {
    let next = (number ?? (lastNumber.get()?.n as number)) + 1
    let pages = 0
    for (const part of partsOf(rows, packed.time))
      pages += put(part.map((cells) => [next++, ...cells]))
    number = next - 1
    return pages
  }

  const pruneOne = ({ rowId, toMs, rows }: Header, beforeMs: number): number => {
    const pack = toMs < beforeMs ? null : (packOf.get(rowId)?.pack as Uint8Array)
    remove.run(rowId)
    if (pack === null) return rows
    const kept = unpackRows(layout, pack, null).filter((row) => (row[timeAt] as number) >= beforeMs)
    put(kept)
    return rows - kept.length
  }

  return {
    write,
    prune: (beforeMs) => {
      const hour = hourOf(beforeMs)
      const headers = oldest.all(hour, beforeMs, PRUNED_PACKS) as unknown as Header[]
      let deleted = 0
      for (const header of headers) deleted += pruneOne(header, beforeMs)
      const isDone = headers.length < PRUNED_PACKS
      if (isDone) removeHours.run(hour)
      return { deleted, isDone }
    },
    forget: () => {
      number = null
      known.hour = -Infinity
      known.keys.clear()
    },
  }
}
