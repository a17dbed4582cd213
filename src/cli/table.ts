import { stripVTControlCharacters } from 'node:util'

export interface Column {
  readonly title: string
  /** For numbers. */
  readonly right?: boolean
}

const GAP = '  '

/** Characters that are seen; colours take no room. */
const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length

/**
 * Aligned columns under their titles, without trailing blanks. Cells may hold colours; a line feed
 * in a cell becomes a blank.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string => {
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

/** Names and what they are, one per line; what has no value is left out. */
export const facts = (pairs: readonly (readonly [string, string | null])[]): string => {
  const held = pairs.filter((pair): pair is [string, string] => pair[1] !== null)
  const width = Math.max(0, ...held.map(([name]) => name.length))
  return held.map(([name, value]) => `${name.padEnd(width)}${GAP}${value}`).join('\n')
}
