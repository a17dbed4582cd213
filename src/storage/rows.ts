import { AppError } from '../errors.ts'
import type { StoredRecord, Stored } from '../ports/storage.ts'
import type { TableName } from '../ports/tables.ts'
import { layoutNamed, type Cell, type Column, type Layout } from './layout.ts'

/** Characters of one text or JSON value. */
export const MAX_TEXT = 16 * 1024 * 1024

/** Values of these columns are never repeated in a message. */
const SECRET = /hash$/i

const shown = (column: string, value: unknown): string => {
  if (SECRET.test(column)) return '(not shown)'
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** The fault of a value that its column cannot hold. */
export const cannotStore = (
  table: string,
  column: string,
  value: unknown,
  expected: string,
  cause?: unknown,
): AppError =>
  new AppError(
    'record-invalid',
    `${table}.${column} cannot hold ${shown(column, value)}: ${expected}`,
    { details: { table, column }, cause },
  )

/** Lone surrogates have no UTF-8, and PostgreSQL has no NUL: both become U+FFFD, everywhere. */
const storableText = (text: string): string =>
  text.isWellFormed() && !text.includes('\0')
    ? text
    : text.toWellFormed().replaceAll('\0', '\uFFFD')

const jsonText = (table: string, column: string, value: unknown): string => {
  let text: string | undefined
  try {
    text = JSON.stringify(value) as string | undefined
  } catch (error) {
    throw cannotStore(table, column, value, 'it must be a JSON value', error)
  }
  if (text === undefined) throw cannotStore(table, column, value, 'it must be a JSON value')
  return text
}

const boundedText = (table: string, column: string, text: string): string => {
  if (text.length <= MAX_TEXT) return text
  throw cannotStore(table, column, text, `it has ${text.length} characters, at most ${MAX_TEXT}`)
}

/**
 * A value as its column holds it. Integers have at most 53 bits, reals are finite, -0 is 0. Inside
 * JSON the rules of `JSON.stringify` hold (NaN is null).
 */
export const toCell = (table: string, column: Column, value: unknown): Cell => {
  const { name, type, isRequired } = column
  if (value === null && !isRequired) return null
  switch (type) {
    case 'text':
      if (typeof value === 'string') return boundedText(table, name, storableText(value))
      break
    case 'integer':
      if (Number.isSafeInteger(value)) return (value as number) + 0
      break
    case 'real':
      if (Number.isFinite(value)) return (value as number) + 0
      break
    case 'json':
      return boundedText(table, name, jsonText(table, name, value))
  }
  const what = { text: 'a string', integer: 'a whole number', real: 'a finite number' }[type]
  throw cannotStore(table, name, value, `it must be ${what}${isRequired ? '' : ' or null'}`)
}

const unknownColumn = (layout: Layout, row: object): AppError => {
  const known = layout.columns.map((column) => column.name)
  const name = Object.keys(row).find((key) => !known.includes(key)) ?? ''
  return new AppError(
    'record-invalid',
    `${layout.table} has no column ${name}; it has ${known.join(', ')}`,
    { details: { table: layout.table, column: name } },
  )
}

/**
 * Appends `[table number, cell, cell, ...]` for a record and returns about how many bytes that is.
 * Throws `record-invalid` naming table, column and value, and leaves `cells` as it was.
 */
export const encodeRecord = (record: StoredRecord, cells: Cell[]): number => {
  const layout = layoutNamed(record.table)
  if (layout === undefined)
    throw new AppError('record-invalid', `there is no table ${record.table}`)
  const row = record.row as Readonly<Record<string, unknown>>
  const start = cells.push(layout.number) - 1
  let size = 8
  try {
    for (const column of layout.columns) {
      const cell = toCell(layout.table, column, row[column.name])
      cells.push(cell)
      size += typeof cell === 'string' ? cell.length : 8
    }
    // All columns are there; more keys than columns means a wrong one.
    if (Object.keys(row).length > layout.columns.length) throw unknownColumn(layout, row)
  } catch (error) {
    cells.length = start
    throw error
  }
  return size
}

/** The row that starts at `cells[start]` with its `rowId`, followed by its columns in order. */
export const decodeRow = <T extends TableName>(
  layout: Layout,
  cells: readonly Cell[],
  start: number,
): Stored<T> => {
  const row: Record<string, unknown> = { rowId: cells[start] }
  let at = start + 1
  for (const { name, type } of layout.columns) {
    const cell = cells[at++]
    row[name] = type === 'json' && cell !== null ? JSON.parse(cell as string) : cell
  }
  return row as unknown as Stored<T>
}
