import type { Filter } from './filter.ts'
import type { Cell } from './layout.ts'

/**
 * An index that may lag behind. Rows that come in great numbers, each from another station, touch
 * another page (4 KB) of an index by station each, and all these pages are written: to the
 * write-ahead log, and to the database. Here the index is a table of its own, to which thousands of
 * rows are added at a time, in its order, so that a page takes many of them at once.
 *
 * `<table>_late` holds the two columns and the `rowId` of all rows up to `upTo` of
 * `<table>_late_end`; what is newer is looked through. A trigger follows deletions. Rows without a
 * value in the first column are not in it; without one in the second they stand at 0.
 */
export interface LateIndex {
  /** The column that must be equal, and the one that orders and bounds. */
  readonly equal: string
  readonly range: string
}

/**
 * The condition that finds rows by their late index, or `null` when a filter has no use for it. It
 * only narrows: the filter's own conditions still decide. `bind` takes a parameter and returns how
 * the statement names it.
 */
export const lateCondition = (filter: Filter, bind: (cell: Cell) => string): string | null => {
  const { layout, equals, range } = filter
  const { table, columns, lateIndex } = layout
  if (lateIndex === null) return null
  const equal = equals.find(([position]) => columns[position].name === lateIndex.equal)
  if (equal === undefined || equal[1] === null) return null
  const found = [`"${lateIndex.equal}" = ${bind(equal[1])}`]
  if (range !== null && columns[range.position].name === lateIndex.range) {
    if (range.from !== null) found.push(`"${lateIndex.range}" >= ${bind(range.from)}`)
    if (range.to !== null) found.push(`"${lateIndex.range}" < ${bind(range.to)}`)
  }
  return (
    `("rowId" > (SELECT "upTo" FROM "${table}_late_end") OR "rowId" IN ` +
    `(SELECT "rowId" FROM "${table}_late" WHERE ${found.join(' AND ')}))`
  )
}

/** Adds what is new to a late index, in its order, and moves its end; without parameters. */
export const lateCatchUpSql = (table: string, { equal, range }: LateIndex): readonly string[] => [
  `INSERT OR IGNORE INTO "${table}_late" ` +
    `SELECT "${equal}", coalesce("${range}", 0), "rowId" FROM "${table}" ` +
    `WHERE "rowId" > (SELECT "upTo" FROM "${table}_late_end") AND "${equal}" IS NOT NULL ` +
    'ORDER BY 1, 2, 3',
  `UPDATE "${table}_late_end" SET "upTo" = max("upTo", ` +
    `(SELECT coalesce(max("rowId"), 0) FROM "${table}"))`,
]
