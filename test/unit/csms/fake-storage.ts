import { AppError } from '../../../src/errors.ts'
import type { Query, Storage, Stored, StoredRecord } from '../../../src/ports/storage.ts'
import { TABLES, type TableName } from '../../../src/ports/tables.ts'

/**
 * A storage that keeps the promises of its port and can be made to break: commits take a turn of the
 * event loop, rows are copied when they are written (not when they are handed over), and writes can
 * be held or made to fail.
 */
export interface FakeStorage extends Storage {
  /** What would survive a power cut now. */
  rows<T extends TableName>(table: T): Stored<T>[]
  /** Commits wait until `release`. */
  readonly hold: () => void
  readonly release: () => void
  /** The next commits fail and write nothing. */
  readonly failNext: (count: number) => void
  /** Records handed to commit, per call. */
  readonly commits: readonly (readonly StoredRecord[])[]
}

type AnyRow = Record<string, unknown>

export const createFakeStorage = (): FakeStorage => {
  const tables = new Map<TableName, AnyRow[]>()
  const commits: (readonly StoredRecord[])[] = []
  let rowId = 0
  let failures = 0
  let gate: Promise<void> = Promise.resolve()
  let open: () => void = () => {}
  let appended: StoredRecord[] = []

  const of = (table: TableName): AnyRow[] => {
    const rows = tables.get(table) ?? []
    tables.set(table, rows)
    return rows
  }

  const write = ({ table, row }: StoredRecord): void => {
    const copy = structuredClone(row) as AnyRow
    for (const column of Object.keys(TABLES[table].columns)) {
      if (!(column in copy)) throw new Error(`${table} lacks the column ${column}`)
    }
    for (const column of Object.keys(copy)) {
      if (!(column in TABLES[table].columns)) throw new Error(`${table} has no column ${column}`)
    }
    const key: readonly string[] = TABLES[table].key
    const same = (other: AnyRow): boolean =>
      key.length > 0 && key.every((column) => other[column] === copy[column])
    const rows = of(table)
    const index = rows.findIndex(same)
    if (index < 0) rows.push({ ...copy, rowId: ++rowId })
    else rows[index] = { ...copy, rowId: rows[index].rowId }
  }

  const query = async <T extends TableName>(table: T, query: Query<T> = {}) => {
    await new Promise((resolve) => setImmediate(resolve))
    const { where = {}, between, orderBy, descending, limit, offset = 0 } = query
    const found = of(table).filter((row) => {
      const equal = Object.entries(where).every(
        ([column, value]) => value === undefined || row[column] === value,
      )
      if (!equal || !between) return equal
      const value = row[between.column] as number
      return value >= (between.from ?? -Infinity) && value < (between.to ?? Infinity)
    })
    if (orderBy) {
      const sign = descending ? -1 : 1
      found.sort((a, b) => ((a[orderBy] as number) < (b[orderBy] as number) ? -sign : sign))
    }
    return structuredClone(found.slice(offset, limit && offset + limit)) as Stored<T>[]
  }

  return {
    commits,
    rows: <T extends TableName>(table: T) => structuredClone(of(table)) as Stored<T>[],
    hold: () => {
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    release: () => open(),
    failNext: (count) => {
      failures = count
    },
    commit: async (records) => {
      commits.push(records)
      const fails = failures > 0
      if (fails) failures--
      const turn = gate
      await new Promise((resolve) => setImmediate(resolve))
      await turn
      if (fails) throw new AppError('storage-failed', 'the disk is full')
      for (const record of records) write(record)
    },
    append: (record) => {
      appended.push(record)
      setImmediate(() => {
        for (const each of appended) write(each)
        appended = []
      })
    },
    query,
    count: async (table, given) => (await query(table, given)).length,
    prune: () => Promise.resolve(0),
    stop: () => Promise.resolve(),
  }
}
