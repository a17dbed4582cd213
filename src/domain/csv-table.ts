import { AppError } from '../errors.ts'
import { readNumberText, type DecimalSign } from './number-text.ts'

/** A table as people and programs export it. */
export interface CsvTable {
  /** Names of the first row, in small letters. */
  readonly names: readonly string[]
  readonly rows: readonly CsvRow[]
  /** Of its numbers; absent = a point, or a comma that cannot group thousands. */
  readonly decimal?: DecimalSign
}

export interface CsvRow {
  /** Line of the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** @throws AppError `payload-invalid` with the line */
export const badLine = (line: number, what: string): never => {
  throw new AppError('payload-invalid', `line ${line}: ${what}`)
}

/**
 * The number in a cell; `null` = it says that there is none (empty, `n/e`, `-`, `null`, `NaN`).
 *
 * @param what the cell is for, for the message
 * @throws AppError `payload-invalid` with the line
 */
export const cellNumber = (
  { decimal }: CsvTable,
  cell: string | undefined,
  line: number,
  what?: string,
): number | null => {
  const read = readNumberText(cell ?? '', decimal)
  const about = what === undefined ? '' : ` (${what})`
  if (read.kind === 'none') return null
  if (read.kind === 'number' && read.unit === '') return read.value
  if (read.kind === 'ambiguous') {
    badLine(line, `"${cell}" can be read in two ways${about}; say which sign is decimal: --decimal`)
  }
  return badLine(line, `"${cell}" is no number${about}`)
}

/** The same where a number must be. */
export const requiredNumber = (
  table: CsvTable,
  cell: string | undefined,
  line: number,
  what: string,
): number =>
  cellNumber(table, cell, line, what) ?? badLine(line, `"${cell ?? ''}" is no number (${what})`)
