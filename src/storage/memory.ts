import { AppError } from '../errors.ts'
import type { Log } from '../ports/log.ts'
import type { Query, Storage, Stored, StoredRecord } from '../ports/storage.ts'
import type { TableName } from '../ports/tables.ts'
import { filterOf, MAX_QUERY_ROWS, tooManyRows, type Filter } from './filter.ts'
import { LAYOUTS, PRUNED_BY, type Cell, type Layout } from './layout.ts'
import { fits, sortRows, type FoundRow } from './match.ts'
import { decodeRow, encodeRecord } from './rows.ts'

interface Table {
  readonly layout: Layout
  /** By rowId, rising. */
  readonly rows: Map<number, FoundRow>
  readonly rowIdByKey: Map<string, number>
  lastRowId: number
}

export interface MemoryStorageOptions {
  readonly log: Log
  /** Rows over all tables; more are refused with `storage-overloaded`. */
  readonly maxRows?: number
}

/** NUL cannot be part of a text cell, so keys of several parts cannot run into one another. */
const keyOf = (layout: Layout, cells: readonly Cell[]): string =>
  layout.keyPositions.map((position) => cells[position + 1]).join('\0')

/** Replaces the row with the same key, which keeps its number, or adds one. Returns rows added. */
const put = (table: Table, cells: Cell[]): number => {
  const { layout, rows, rowIdByKey } = table
  const key = layout.keyPositions.length > 0 ? keyOf(layout, cells) : null
  const known = key === null ? undefined : rowIdByKey.get(key)
  const rowId = known ?? ++table.lastRowId
  cells[0] = rowId
  rows.set(rowId, cells)
  if (key !== null) rowIdByKey.set(key, rowId)
  return known === undefined ? 1 : 0
}

const select = (filter: Filter, table: Table): FoundRow[] => {
  const { limit, offset } = filter
  const found = [...table.rows.values()].filter((row) => fits(filter, row))
  return sortRows(found, filter).slice(offset, limit === null ? undefined : offset + limit)
}

/**
 * Storage that lasts as long as the process: for tests and for virtual time, where no thread may
 * keep the clock waiting. Same checks, same answers as a database (one contract suite holds both);
 * rows are kept encoded, so nobody can change what is stored. A query reads its whole table: O(n).
 */
export const createMemoryStorage = ({
  log,
  maxRows = 5_000_000,
}: MemoryStorageOptions): Storage => {
  const tables: readonly Table[] = LAYOUTS.map((layout) => ({
    layout,
    rows: new Map(),
    rowIdByKey: new Map(),
    lastRowId: 0,
  }))
  let rowCount = 0
  let stopped = false

  /** All or none: everything is checked before the first row changes. */
  const write = (records: readonly StoredRecord[]): void => {
    if (stopped) throw new AppError('storage-failed', 'the storage has been stopped')
    if (rowCount + records.length > maxRows)
      throw new AppError('storage-overloaded', `the storage in memory is full: ${maxRows} rows`)
    const encoded = records.map((record) => {
      const cells: Cell[] = []
      encodeRecord(record, cells)
      return cells
    })
    // The place of the table's number becomes the place of the row's.
    for (const cells of encoded) rowCount += put(tables[cells[0] as number], cells)
  }

  const read = <T extends TableName>(table: T, query: Query<T> | undefined): Stored<T>[] => {
    const filter = filterOf(table, query)
    const found = select(filter, tables[filter.layout.number])
    if (found.length > MAX_QUERY_ROWS) throw tooManyRows(table)
    return found.map((row) => decodeRow<T>(filter.layout, row, 0))
  }

  const count = <T extends TableName>(table: T, query: Query<T> | undefined): number => {
    const filter = filterOf(table, query)
    let found = 0
    for (const row of tables[filter.layout.number].rows.values()) if (fits(filter, row)) found++
    return found
  }

  const prune = (table: keyof typeof PRUNED_BY, beforeMs: number): number => {
    const filter = filterOf<TableName>(table, {
      between: { column: PRUNED_BY[table] as never, to: beforeMs },
    })
    const { rows, rowIdByKey } = tables[filter.layout.number]
    let deleted = 0
    for (const [rowId, row] of rows) {
      if (!fits(filter, row)) continue
      rows.delete(rowId)
      rowIdByKey.delete(keyOf(filter.layout, row))
      deleted++
    }
    rowCount -= deleted
    return deleted
  }

  return {
    commit: async (records) => write(records),
    append: (record) => {
      try {
        write([record])
      } catch (err) {
        log.error({ err, table: record.table, dropped: 1 }, 'records were not stored')
      }
    },
    query: async (table, query) => read(table, query),
    count: async (table, query) => count(table, query),
    prune: async (table, beforeMs) => prune(table, beforeMs),
    stop: async () => {
      stopped = true
    },
  }
}
