import type { Cell, Layout, PrunableTable } from './layout.ts'
import { PRUNED_BY } from './layout.ts'
import { MAX_QUERY_ROWS, type Filter } from './filter.ts'
import { lateCondition } from './late-index.ts'

/** All that differs between the SQL databases in these statements. */
export interface Dialect {
  /** Whether late indexes are tables of their own; else they are indexes like all others. */
  readonly lateIndexes: boolean
  /** The parameter with this number, from 1. */
  parameter(number: number): string
  /** What makes text sort by code point. */
  readonly textOrder: string
}

export const SQLITE: Dialect = { lateIndexes: true, parameter: () => '?', textOrder: '' }

export interface Statement {
  readonly sql: string
  readonly parameters: readonly Cell[]
}

/** Every name is quoted: `transaction`, `grant`, `key`, `values` and others are words of SQL. */
const quote = (name: string): string => `"${name}"`

const list = (names: readonly string[]): string => names.map(quote).join(', ')

/** Inserts one row, its cells as parameters in the order of the columns; replaces by key. */
export const upsertSql = (layout: Layout, dialect: Dialect): string => {
  const names = layout.columns.map((column) => column.name)
  const parameters = names.map((_, i) => dialect.parameter(i + 1)).join(', ')
  const insert = `INSERT INTO ${quote(layout.table)} (${list(names)}) VALUES (${parameters})`
  if (layout.keyPositions.length === 0) return insert
  const key = layout.keyPositions.map((position) => names[position])
  const replaced = layout.columns
    .filter((column) => !column.inKey)
    .map(({ name }) => `${quote(name)} = excluded.${quote(name)}`)
  return `${insert} ON CONFLICT (${list(key)}) DO UPDATE SET ${replaced.join(', ')}`
}

const whereOf = (filter: Filter, dialect: Dialect): { clause: string; parameters: Cell[] } => {
  const conditions: string[] = []
  const parameters: Cell[] = []
  const bind = (cell: Cell): string => dialect.parameter(parameters.push(cell))
  const compare = (position: number, operator: string, cell: Cell): void => {
    conditions.push(`${quote(filter.layout.columns[position].name)} ${operator} ${bind(cell)}`)
  }
  const late = dialect.lateIndexes ? lateCondition(filter, bind) : null
  if (late !== null) conditions.push(late)
  for (const [position, cell] of filter.equals) {
    if (cell === null) conditions.push(`${quote(filter.layout.columns[position].name)} IS NULL`)
    else compare(position, '=', cell)
  }
  const { range } = filter
  if (range !== null && range.from !== null) compare(range.position, '>=', range.from)
  if (range !== null && range.to !== null) compare(range.position, '<', range.to)
  // A range without ends still asks for a value.
  if (range !== null && range.from === null && range.to === null)
    conditions.push(`${quote(filter.layout.columns[range.position].name)} IS NOT NULL`)
  return { clause: conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '', parameters }
}

/** Null sorts below everything, in every database; `rowId` decides between equals. */
const orderOf = ({ layout, order, descending }: Filter, dialect: Dialect): string => {
  const byRowId = `"rowId" ${descending ? 'DESC' : 'ASC'}`
  if (order === null) return byRowId
  const { name, type } = layout.columns[order]
  const collation = type === 'text' ? dialect.textOrder : ''
  return `${quote(name)}${collation} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}, ${byRowId}`
}

/** `rowId` and all columns of the rows that a filter finds: one more than allowed, if there are. */
export const selectSql = (filter: Filter, dialect: Dialect): Statement => {
  const { layout, limit, offset } = filter
  const { clause, parameters } = whereOf(filter, dialect)
  const columns = list(['rowId', ...layout.columns.map((column) => column.name)])
  parameters.push(Math.min(limit ?? Infinity, MAX_QUERY_ROWS + 1))
  const limited = ` LIMIT ${dialect.parameter(parameters.length)}`
  parameters.push(offset)
  const skipping = ` OFFSET ${dialect.parameter(parameters.length)}`
  const order = orderOf(filter, dialect)
  return {
    sql: `SELECT ${columns} FROM ${quote(layout.table)}${clause} ORDER BY ${order}${limited}${skipping}`,
    parameters,
  }
}

/** How many rows a filter finds, whatever its limit and offset. */
export const countSql = (filter: Filter, dialect: Dialect): Statement => {
  const { clause, parameters } = whereOf(filter, dialect)
  return { sql: `SELECT count(*) AS n FROM ${quote(filter.layout.table)}${clause}`, parameters }
}

/** Deletes the oldest rows from before a time; parameters: that time, how many at most. */
export const pruneSql = (table: PrunableTable, dialect: Dialect): string => {
  const time = quote(PRUNED_BY[table])
  const oldest =
    `SELECT "rowId" FROM ${quote(table)} WHERE ${time} < ${dialect.parameter(1)} ` +
    `ORDER BY ${time} LIMIT ${dialect.parameter(2)}`
  return `DELETE FROM ${quote(table)} WHERE "rowId" IN (${oldest})`
}
