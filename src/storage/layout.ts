import { TABLES, type ColumnType, type TableName, type TableSpec } from '../ports/tables.ts'
import type { LateIndex } from './late-index.ts'

/** What a database holds in one place: JSON is text there. */
export type Cell = string | number | null

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly inKey: boolean
  /** Whether it must not be null. */
  readonly isRequired: boolean
}

/** A table of `TABLES`, prepared for work by position. */
export interface Layout {
  readonly table: TableName
  /** Position among all tables: how threads of one program name it to each other. */
  readonly number: number
  readonly columns: readonly Column[]
  /** Positions of the key's columns; none = append only. */
  readonly keyPositions: readonly number[]
  /** Positions of the columns that packed rows are looked up by; null = rows are not packed. */
  readonly packed: { readonly key: number; readonly time: number } | null
  /** An index that is kept in a table of its own; null = there is none. */
  readonly lateIndex: LateIndex | null
}

const specs = Object.entries<TableSpec>(TABLES) as [TableName, TableSpec][]

const layoutOf = ([table, spec]: [TableName, TableSpec], number: number): Layout => {
  const columns = Object.entries(spec.columns).map(([name, type]) => ({
    name,
    type,
    inKey: spec.key.includes(name),
    isRequired: spec.key.includes(name) || spec.packed?.[1] === name,
  }))
  const positionOf = (name: string): number => columns.findIndex((column) => column.name === name)
  return {
    table,
    number,
    columns,
    keyPositions: spec.key.map(positionOf),
    packed: spec.packed
      ? { key: positionOf(spec.packed[0]), time: positionOf(spec.packed[1]) }
      : null,
    lateIndex: spec.lateIndex ? { equal: spec.lateIndex[0], range: spec.lateIndex[1] } : null,
  }
}

/** All tables by number. */
export const LAYOUTS: readonly Layout[] = specs.map(layoutOf)

const byName = new Map(LAYOUTS.map((layout) => [layout.table, layout]))

/** Undefined for a name that is no table: a program error, which the caller reports. */
export const layoutNamed = (table: TableName): Layout | undefined => byName.get(table)

/**
 * The column that retention goes by: when we received or made the row. A station's own times are no
 * measure: clocks in the field are decades off, in both directions.
 */
export const PRUNED_BY = {
  sample: 'receivedAtMs',
  reading: 'receivedAtMs',
  grant: 'atMs',
  message: 'atMs',
  plan: 'createdAtMs',
  forecast: 'madeAtMs',
} as const satisfies Partial<Record<TableName, string>>

export type PrunableTable = keyof typeof PRUNED_BY
