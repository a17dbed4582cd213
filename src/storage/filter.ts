import { AppError } from '../errors.ts'
import type { Query } from '../ports/storage.ts'
import type { TableName } from '../ports/tables.ts'
import { layoutNamed, type Cell, type Column, type Layout } from './layout.ts'
import { toCell } from './rows.ts'

/** Rows that one query may return; a query that finds more is refused, not cut short. */
export const MAX_QUERY_ROWS = 1_000_000

/** A query, checked and turned into positions and cells: what every adapter works from. */
export interface Filter {
  readonly layout: Layout
  readonly equals: readonly (readonly [position: number, cell: Cell])[]
  readonly range: Range | null
  /** Position of the column to order by; null = by rowId, which also decides between equals. */
  readonly order: number | null
  readonly descending: boolean
  /** Null = all. */
  readonly limit: number | null
  readonly offset: number
}

export interface Range {
  readonly position: number
  /** Inclusive. */
  readonly from: number | null
  /** Exclusive. */
  readonly to: number | null
}

const refuse = (table: string, message: string): AppError =>
  new AppError('storage-failed', `query of ${table}: ${message}`, { details: { table } })

export const tooManyRows = (table: string): AppError =>
  new AppError(
    'query-too-wide',
    `query of ${table}: it finds more than ${MAX_QUERY_ROWS} rows; narrow it or give a limit`,
  )

const find = (layout: Layout, name: string, use: string, types: readonly string[]): number => {
  const position = layout.columns.findIndex((column) => column.name === name)
  if (position < 0) throw refuse(layout.table, `there is no column ${name} to ${use}`)
  const { type } = layout.columns[position]
  if (!types.includes(type)) throw refuse(layout.table, `cannot ${use} ${name}: it is ${type}`)
  return position
}

const equalsOf = (layout: Layout, where: object): [number, Cell][] =>
  Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const position = find(layout, name, 'compare', ['text', 'integer', 'real'])
      const column: Column = { ...layout.columns[position], isRequired: false }
      return [position, toCell(layout.table, column, value)]
    })

const bound = (layout: Layout, name: string, value: number | undefined): number | null => {
  if (value === undefined) return null
  if (Number.isFinite(value)) return value
  throw refuse(layout.table, `${name} must be a finite number, not ${String(value)}`)
}

const wholeNumber = (layout: Layout, name: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw refuse(layout.table, `${name} must be a whole number from 0 up, not ${String(value)}`)
}

/** Throws `storage-failed` for what the table cannot answer. */
export const filterOf = <T extends TableName>(table: T, query: Query<T> = {}): Filter => {
  const layout = layoutNamed(table)
  if (layout === undefined) throw refuse(table, 'there is no such table')
  const { where = {}, between, orderBy, descending = false, limit, offset = 0 } = query
  return {
    layout,
    equals: equalsOf(layout, where),
    range: between
      ? {
          position: find(layout, between.column, 'compare', ['integer', 'real']),
          from: bound(layout, 'between.from', between.from),
          to: bound(layout, 'between.to', between.to),
        }
      : null,
    order:
      orderBy === undefined ? null : find(layout, orderBy, 'order by', ['text', 'integer', 'real']),
    descending,
    limit: limit === undefined ? null : wholeNumber(layout, 'limit', limit),
    offset: wholeNumber(layout, 'offset', offset),
  }
}
