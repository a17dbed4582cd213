import type { Filter } from './filter.ts'
import type { Cell } from './layout.ts'

/** A row outside a database: its `rowId`, then its cells in the order of the columns. */
export type FoundRow = readonly Cell[]

/** Whether a row is one that a filter asks for. */
export const fits = ({ equals, range }: Filter, row: FoundRow): boolean => {
  if (!equals.every(([position, cell]) => row[position + 1] === cell)) return false
  if (range === null) return true
  const value = row[range.position + 1] as number | null
  if (value === null) return false
  return (range.from === null || value >= range.from) && (range.to === null || value < range.to)
}

/** Null below everything; text by code point, as UTF-8 sorts. */
const compareCells = (a: Cell, b: Cell): number => {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (typeof a === 'number') return a - (b as number)
  return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
}

/** Brings rows into a filter's order; `rowId` decides between equals. */
export const sortRows = (rows: FoundRow[], { order, descending }: Filter): FoundRow[] => {
  const at = order === null ? 0 : order + 1
  const sign = descending ? -1 : 1
  return rows.sort(
    (a, b) => sign * (compareCells(a[at], b[at]) || (a[0] as number) - (b[0] as number)),
  )
}
