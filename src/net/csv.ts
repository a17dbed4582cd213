import { CsvError, parse } from 'csv-parse/sync'
import { badLine, type CsvRow, type CsvTable } from '../domain/csv-table.ts'
import type { DecimalSign } from '../domain/number-text.ts'
import { AppError } from '../errors.ts'
import type { ColumnMap } from './csv-columns.ts'
import type { DateOrder } from './csv-time.ts'

/** What a person says about a file that does not say it itself. */
export interface CsvFormat {
  readonly columns?: ColumnMap
  readonly decimal?: DecimalSign
  readonly dates?: DateOrder
}

const SEPARATORS = [';', '\t', ','] as const

/** The separator that the first row has most of, outside of quotes. */
const separatorOf = (text: string): string => {
  const head = /^\uFEFF?(?:(?:[ \t]*|#.*)\r?\n)*([^\r\n]*)/.exec(text)?.[1] ?? ''
  const bare = head.replace(/"[^"]*"/g, '')
  const count = (separator: string): number => bare.split(separator).length
  return SEPARATORS.reduce((best, next) => (count(next) > count(best) ? next : best), ',')
}

interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

const parseAll = (text: string, delimiter: string): Parsed[] =>
  parse(text, {
    bom: true,
    delimiter,
    trim: true,
    info: true,
    comment: '#',
    comment_no_infix: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
  }) as unknown as Parsed[]

/** Leaves out the row that a program was still writing: the last, not whole, without a line end. */
const withoutCutRow = (text: string, delimiter: string): Parsed[] => {
  try {
    const records = parseAll(text, delimiter)
    const isOpen = !/\n\s*$/.test(text)
    const width = records[0]?.record.length ?? 0
    const last = records.at(-1)
    const isCut = records.length > 1 && isOpen && (last?.record.length ?? 0) < width
    return isCut ? records.slice(0, -1) : records
  } catch (error) {
    if (!(error instanceof CsvError) || error.code !== 'CSV_QUOTE_NOT_CLOSED') throw error
    const lastLine = text.lastIndexOf('\n') + 1
    // A quote that opens earlier swallows rows: that is no cut.
    if (lastLine === 0 || !text.slice(lastLine).includes('"')) throw error
    return parseAll(text.slice(0, lastLine), delimiter)
  }
}

/**
 * Reads CSV as spreadsheets, meters and markets write it (RFC 4180): separated by semicolon, tab or
 * comma, whichever the first row has most; quoted or not; with or without a byte-order mark; `#`
 * begins a remark. A last row that was cut off in the middle is left out.
 *
 * @param decimal of its numbers; by default point or comma where the separator is no comma, and
 *   whatever has only one reading where it is
 * @throws AppError `payload-invalid` with the line
 */
export const readCsv = (text: string, decimal?: DecimalSign): CsvTable => {
  const delimiter = separatorOf(text)
  let records: Parsed[]
  try {
    records = withoutCutRow(text, delimiter)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const line = Number(/at line (\d+)/.exec(message)?.[1])
    if (line > 0 && /quote/i.test(message)) badLine(line, 'a quote is not closed')
    throw new AppError('payload-invalid', `the table cannot be read: ${message}`, { cause })
  }
  const [head, ...rest] = records
  const sign = decimal ?? (delimiter === ',' ? undefined : 'last')
  return {
    names: (head?.record ?? []).map((name) => name.toLowerCase()),
    rows: rest.map(({ record, info }): CsvRow => ({ line: info.lines, cells: record })),
    ...(sign === undefined ? {} : { decimal: sign }),
  }
}
