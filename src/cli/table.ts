import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** For numbers. */
  readonly right?: boolean
}

const GAP = '  '
const GRAPHEMES = new Intl.Segmenter()

/** Characters that are seen; colours take no room. */
const widthOf = (text: string): number =>
  Array.from(GRAPHEMES.segment(stripVTControlCharacters(text))).length

/**
 * Aligned columns under their titles, without trailing blanks. Cells may hold colours; a line feed
 * in a cell becomes a blank.
 */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const lines = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((cell) => cell.replace(/[\n\t]+/g, ' ')),
  )
  const widths = columns.map((_, k) => Math.max(...lines.map((line) => widthOf(line[k]))))
  return lines
    .map((line) =>
      line
        .map((cell, k) => {
          const room = ' '.repeat(widths[k] - widthOf(cell))
          return columns[k].right ? room + cell : cell + room
        })
        .join(GAP)
        .trimEnd(),
    )
    .join('\n')
}
