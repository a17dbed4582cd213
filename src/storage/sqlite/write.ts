import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Batch, UnitFailure } from '../batch.ts'
import { lateCatchUpSql } from '../late-index.ts'
import { LAYOUTS, layoutNamed, type Cell, type Layout, type PrunableTable } from '../layout.ts'
import { pruneSql, SQLITE, upsertSql } from '../statements.ts'
import { describeFault, isGeneralFault } from './faults.ts'
import { createPackTable, type PackTable } from './packs.ts'

/** Rows by which late indexes lag behind at most: to add them takes 5 to 10 ms. */
const LATE_ROWS = 4_000

const LATE_SQL = LAYOUTS.flatMap(({ table, lateIndex }) =>
  lateIndex === null ? [] : lateCatchUpSql(table, lateIndex),
)

export interface WriteResult {
  /** Units that could not be written, while the others were. */
  readonly failures: readonly UnitFailure[]
  /** About what it added to the write-ahead log: rows of tables, and pages of packs. */
  readonly weight: number
}

export interface PruneResult {
  readonly deleted: number
  /** Whether nothing from before the time is left. */
  readonly isDone: boolean
}

/** Writes batches: one transaction each. Runs in the writer's thread; every call blocks it. */
export const createDatabaseWriter = (db: DatabaseSync, path: string, lateRows = LATE_ROWS) => {
  const upserts = new Map<number, StatementSync>()
  const packTables = new Map<number, PackTable>()
  // How many there are from before is not known: the first batch brings the indexes up to date.
  let rowsBehind = lateRows
  let weight = 0

  const upsertOf = (table: number): StatementSync => {
    let statement = upserts.get(table)
    if (statement === undefined) {
      statement = db.prepare(upsertSql(LAYOUTS[table], SQLITE))
      upserts.set(table, statement)
    }
    return statement
  }

  const packsOf = (layout: Layout): PackTable => {
    let table = packTables.get(layout.number)
    if (table === undefined) {
      table = createPackTable(db, layout)
      packTables.set(layout.number, table)
    }
    return table
  }

  const inTransaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      rollBack()
      throw error
    }
  }

  const rollBack = (): void => {
    for (const table of packTables.values()) table.forget()
    try {
      db.exec('ROLLBACK')
    } catch {
      // SQLite ends a transaction by itself on some faults, and then there is none to end.
    }
  }

  /** Writes so many records from a position on. */
  const writeRecords = ({ cells }: Batch, start: number, count: number): void => {
    const packed = new Map<Layout, Cell[][]>()
    let at = start
    for (let i = 0; i < count; i++) {
      const layout = LAYOUTS[cells[at] as number]
      const row = cells.slice(at + 1, at + 1 + layout.columns.length)
      at += 1 + row.length
      if (layout.packed === null) {
        if (layout.lateIndex !== null) rowsBehind++
        upsertOf(layout.number).run(...row)
        weight++
        continue
      }
      const rows = packed.get(layout)
      if (rows === undefined) packed.set(layout, [row])
      else rows.push(row)
    }
    for (const [layout, rows] of packed) weight += packsOf(layout).write(rows)
  }

  const lengthOf = ({ cells }: Batch, start: number, count: number): number => {
    let at = start
    for (let i = 0; i < count; i++) at += 1 + LAYOUTS[cells[at] as number].columns.length
    return at - start
  }

  const writeOneByOne = (batch: Batch): UnitFailure[] => {
    const failures: UnitFailure[] = []
    let at = 0
    for (const [unit, size] of batch.unitSizes.entries()) {
      const start = at
      at += lengthOf(batch, start, size)
      try {
        inTransaction(() => writeRecords(batch, start, size))
      } catch (error) {
        const isGeneral = isGeneralFault(error)
        failures.push({ unit, message: describeFault(path, error), isGeneral })
      }
    }
    return failures
  }

  return {
    /**
     * Writes all units, or all but those that it returns. Throws when the fault lies with the disk
     * or the file: then nothing was written.
     */
    writeBatch: (batch: Batch): WriteResult => {
      const records = batch.unitSizes.reduce((sum, size) => sum + size, 0)
      weight = 0
      let failures: UnitFailure[] = []
      try {
        inTransaction(() => writeRecords(batch, 0, records))
      } catch (error) {
        if (isGeneralFault(error)) throw error
        failures = writeOneByOne(batch)
      }
      return { failures, weight }
    },
    /** Whether `catchUp` should be called soon. */
    isBehind: (): boolean => rowsBehind >= lateRows,
    /** Brings late indexes up to date. Throws when the disk or the file is at fault. */
    catchUp: (): void => {
      inTransaction(() => {
        for (const sql of LATE_SQL) db.exec(sql)
      })
      rowsBehind = 0
    },
    /** Deletes the oldest rows from before a time: `limit` of them at most, or a few packs. */
    prune: (table: PrunableTable, beforeMs: number, limit: number): PruneResult => {
      const layout = layoutNamed(table)
      if (layout?.packed) return inTransaction(() => packsOf(layout).prune(beforeMs))
      const { changes } = db.prepare(pruneSql(table, SQLITE)).run(beforeMs, limit)
      return { deleted: Number(changes), isDone: Number(changes) < limit }
    },
  }
}
