import type { Query, Stored, StorageReader } from '../../ports/storage.ts'
import type { TableName } from '../../ports/tables.ts'
import { filterOf, MAX_QUERY_ROWS, tooManyRows } from '../filter.ts'
import { decodeRow } from '../rows.ts'
import { countSql, selectSql, SQLITE } from '../statements.ts'
import type { Reader } from './reader.ts'

/** The queries of the port as questions to a reader. */
export const createQueries = (reader: Pick<Reader, 'read'>): StorageReader => ({
  query: async <T extends TableName>(table: T, asked?: Query<T>): Promise<Stored<T>[]> => {
    const filter = filterOf(table, asked)
    const { layout } = filter
    const width = layout.columns.length + 1
    const rows: Stored<T>[] = []
    const question = layout.packed ? { rowsOf: filter } : selectSql(filter, SQLITE)
    await reader.read(question, (cells) => {
      for (let at = 0; at < cells.length; at += width) rows.push(decodeRow<T>(layout, cells, at))
      if (rows.length > MAX_QUERY_ROWS) throw tooManyRows(table)
    })
    return rows
  },
  count: async (table, asked) => {
    const filter = filterOf(table, asked)
    const question = filter.layout.packed ? { countOf: filter } : countSql(filter, SQLITE)
    let found = 0
    await reader.read(question, (cells) => {
      if (cells.length > 0) found = cells[0] as number
    })
    return found
  },
})
