import { AppError } from '../../errors.ts'

/** A CSV file, taken apart; the first row holds names. */
export interface Csv {
  readonly names: readonly string[]
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[]
}

const MOST_ROWS = 2_000_000

/** @throws AppError `payload-invalid` with the line */
export const badLine = (line: number, what: string): never => {
  throw new AppError('payload-invalid', `line ${line}: ${what}`)
}

/**
 * Reads comma-separated text; cells may be quoted, quotes in them are doubled. Empty lines and
 * lines that begin with # are left out.
 *
 * @throws AppError `payload-invalid`
 */
export const readCsv = (text: string): Csv => {
  const rows: { line: number; cells: string[] }[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let k = 0; k < lines.length; k++) {
    if (lines[k].trim() === '' || lines[k].startsWith('#')) continue
    if (rows.length > MOST_ROWS)
      badLine(k + 1, `there are more than ${MOST_ROWS} rows; split the file`)
    rows.push({ line: k + 1, cells: cellsOf(lines[k], k + 1) })
  }
  const [head, ...body] = rows
  if (!head || body.length === 0) badLine(1, 'the file needs a row of names and rows of values')
  return { names: head.cells, rows: body }
}

const cellsOf = (text: string, line: number): string[] => {
  if (!text.includes('"')) return text.split(',').map((cell) => cell.trim())
  const cells: string[] = []
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(?:,|$)/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text) ?? badLine(line, 'a quote is not closed')
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2].trim())
  }
  if (text.endsWith(',')) cells.push('')
  return cells
}

export const numberIn = (cell: string | undefined, line: number, what: string): number => {
  const value = Number(cell)
  if (cell === undefined || cell === '' || !Number.isFinite(value)) {
    return badLine(line, `"${cell ?? ''}" is no number (${what})`)
  }
  return value
}
