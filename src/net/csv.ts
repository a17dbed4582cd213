import { parse } from 'csv-parse/sync'
import { readNumberText } from '../domain/number-text.ts'
import { AppError } from '../errors.ts'

/** A table as people export it. */
export interface CsvTable {
  /** Names of the first row, in small letters. */
  readonly names: readonly string[]
  readonly rows: readonly CsvRow[]
}

export interface CsvRow {
  /** Line of the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

const SEPARATORS = [';', '\t', ',']

/**
 * Reads CSV as spreadsheets, meters and markets write it (RFC 4180): separated by semicolon, tab or
 * comma, whichever the first row has; quoted or not; with or without a byte-order mark; `#` begins a
 * remark. A last row that was cut off in the middle is left out.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readCsv = (text: string): CsvTable => {
  const first = text.slice(0, text.search(/\r?\n|$/))
  const delimiter = SEPARATORS.find((candidate) => first.includes(candidate)) ?? ','
  let records: { record: string[]; info: { lines: number } }[]
  try {
    records = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      info: true,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
    }) as unknown as typeof records
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('payload-invalid', `the table cannot be read: ${message}`, { cause })
  }
  const [head, ...rest] = records
  const names = (head?.record ?? []).map((name) => name.toLowerCase())
  const rows = rest.map(({ record, info }) => ({ line: info.lines, cells: record }))
  const last = rows.at(-1)
  const isCut = last !== undefined && last.cells.length < names.length && !/\n\s*$/.test(text)
  return { names, rows: isCut ? rows.slice(0, -1) : rows }
}

/**
 * The number in a cell; `null` = it says that there is none (empty, `n/e`, `-`, `null`, `NaN`).
 *
 * @throws AppError `payload-invalid` with the line
 */
export const cellNumber = (cell: string | undefined, line: number): number | null => {
  const read = readNumberText(cell ?? '', 'last')
  if (read.kind === 'none') return null
  if (read.kind === 'number' && read.unit === '') return read.value
  throw new AppError('payload-invalid', `line ${line}: "${cell}" is no number`)
}
