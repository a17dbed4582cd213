import type { DatabaseSync } from 'node:sqlite'
import { MAX_QUERY_ROWS, type Filter } from '../filter.ts'
import type { Cell } from '../layout.ts'
import { fits, sortRows, type FoundRow } from '../match.ts'
import { unpackRows } from '../pack.ts'
import type { Statement } from '../statements.ts'
import { HOUR_MS, hourOf, hoursTable, keyMark } from './packs.ts'

/** The key that a filter asks for, or `null` when it asks for several, or for none. */
const keyOf = ({ layout, equals }: Filter): string | null => {
  const found = equals.find(([position]) => position === layout.packed?.key)
  return (found?.[1] ?? null) as string | null
}

type Order = 'time' | 'number' | 'other'

const orderOf = ({ layout, order }: Filter): Order => {
  if (order === null) return 'number'
  return order === layout.packed?.time ? 'time' : 'other'
}

const ORDER_BY = {
  time: { rising: '"hour", p."fromMs"', falling: '"hour" DESC, p."toMs" DESC' },
  number: { rising: '"rowId"', falling: '"rowId" DESC' },
  other: { rising: '"rowId"', falling: '"rowId"' },
}

/** The times of the packs that may hold what a filter asks for, in the order that it needs. */
export const packsSql = (filter: Filter): Statement => {
  const { layout, range, descending } = filter
  const { table, packed } = layout
  const key = keyOf(filter)
  const conditions: string[] = []
  const parameters: Cell[] = []
  const want = (condition: string, ...cells: Cell[]): void => {
    conditions.push(condition)
    parameters.push(...cells)
  }
  // Both have it: the one that is looked up first bounds the other.
  const first = key === null ? 'p' : 'h'
  if (key !== null) want('h."key" = ? AND instr(p."keys", ?)', key, keyMark(key))
  if (range !== null && range.position === packed?.time) {
    const { from, to } = range
    // Hours of any clock are whole numbers that SQLite can hold.
    if (from !== null && from > -Number.MAX_SAFE_INTEGER)
      want(`${first}."hour" >= ? AND p."toMs" >= ?`, hourOf(from), from)
    if (to !== null && to < Number.MAX_SAFE_INTEGER)
      want(`${first}."hour" < ? AND p."fromMs" < ?`, Math.ceil(to / HOUR_MS), to)
  }
  const source =
    key === null
      ? `"${table}" p`
      : `${hoursTable(table)} h CROSS JOIN "${table}" p ON p."hour" = h."hour"`
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
  const kind = orderOf(filter)
  const by = ORDER_BY[kind][descending ? 'falling' : 'rising']
  const sql =
    `SELECT p."rowId", p."fromMs", p."toMs" FROM ${source}${where} ` +
    `ORDER BY ${kind === 'time' ? first : 'p'}.${by}`
  return { sql, parameters }
}

interface Header {
  readonly rowId: number
  readonly fromMs: number
  readonly toMs: number
}

/** Rows that a filter finds, pack by pack, each with the pack it is from. */
function* foundByPack(db: DatabaseSync, filter: Filter): Generator<[Header, FoundRow[]]> {
  const { layout } = filter
  const key = keyOf(filter)
  const { sql, parameters } = packsSql(filter)
  const packOf = db.prepare(`SELECT "pack" FROM "${layout.table}" WHERE "rowId" = ?`)
  for (const header of db.prepare(sql).iterate(...parameters) as Iterable<unknown>) {
    const { pack } = packOf.get((header as Header).rowId) as { pack: Uint8Array }
    const rows = unpackRows(layout, pack, key).filter((row) => fits(filter, row))
    yield [header as Header, rows]
  }
}

/** After each pack comes `null`: so long it may take until a row is found. */
type Found<T> = Generator<T | null>

/**
 * By time. Packs overlap a little, for rows of several batches gather at the same time and clocks
 * are set back: a row waits until no further pack can hold an earlier one.
 */
function* foundByTime(db: DatabaseSync, filter: Filter): Found<FoundRow> {
  const timeAt = (filter.layout.packed?.time ?? 0) + 1
  let waiting: FoundRow[] = []
  for (const [{ fromMs, toMs }, rows] of foundByPack(db, filter)) {
    const isSafe = (row: FoundRow): boolean =>
      filter.descending ? (row[timeAt] as number) > toMs : (row[timeAt] as number) < fromMs
    const end = waiting.findIndex((row) => !isSafe(row))
    const safe = end < 0 ? waiting.length : end
    yield* waiting.slice(0, safe)
    waiting = sortRows([...waiting.slice(safe), ...rows], filter)
    yield null
  }
  yield* waiting
}

function* foundByNumber(db: DatabaseSync, filter: Filter): Found<FoundRow> {
  for (const [, rows] of foundByPack(db, filter)) {
    yield* sortRows(rows, filter)
    yield null
  }
}

function* foundByColumn(db: DatabaseSync, filter: Filter): Found<FoundRow> {
  const found: FoundRow[] = []
  for (const [, rows] of foundByPack(db, filter)) {
    found.push(...rows)
    yield null
  }
  yield* sortRows(found, filter)
}

const FOUND = { time: foundByTime, number: foundByNumber, other: foundByColumn }

/** The rows of a packed table that a filter finds: one more than allowed, if there are. */
export function* packedRows(db: DatabaseSync, filter: Filter): Found<FoundRow> {
  const end = filter.offset + Math.min(filter.limit ?? Infinity, MAX_QUERY_ROWS + 1)
  if (end <= filter.offset) return
  let number = 0
  for (const row of FOUND[orderOf(filter)](db, filter)) {
    if (row === null || number++ >= filter.offset) yield row
    if (number >= end) return
  }
}

/** One row with how many rows a filter finds, whatever its limit and offset. */
export function* packedCount(db: DatabaseSync, filter: Filter): Found<FoundRow> {
  const { layout, equals, range } = filter
  if (equals.length === 0 && range === null) {
    const sum = db.prepare(`SELECT coalesce(sum("rows"), 0) AS n FROM "${layout.table}"`).get()
    yield [sum?.n as number]
    return
  }
  let count = 0
  for (const [, rows] of foundByPack(db, { ...filter, order: null })) {
    count += rows.length
    yield null
  }
  yield [count]
}
