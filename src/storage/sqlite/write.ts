import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Batch, UnitFailure } from '../batch.ts'
import { lateCatchUpSql } from '../late-index.ts'
import { LAYOUTS, type PrunableTable } from '../layout.ts'
import { pruneSql, SQLITE, upsertSql } from '../statements.ts'
import { describeFault, isGeneralFault } from './faults.ts'

/** Rows by which late indexes lag behind at most: to add them takes 5 to 10 ms. */
const LATE_ROWS = 4_000

const LATE_SQL = LAYOUTS.flatMap(({ table, lateIndex }) =>
  lateIndex === null ? [] : lateCatchUpSql(table, lateIndex),
)

/** Writes batches: one transaction each. Runs in the writer's thread; every call blocks it. */
export const createDatabaseWriter = (db: DatabaseSync, path: string, lateRows = LATE_ROWS) => {
  const upserts = new Map<number, StatementSync>()
  // How many there are from before is not known: the first batch brings the indexes up to date.
  let rowsBehind = lateRows

  const upsertOf = (table: number): StatementSync => {
    let statement = upserts.get(table)
    if (statement === undefined) {
      statement = db.prepare(upsertSql(LAYOUTS[table], SQLITE))
      upserts.set(table, statement)
    }
    return statement
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
    try {
      db.exec('ROLLBACK')
    } catch {
      // SQLite ends a transaction by itself on some faults, and then there is none to end.
    }
  }

  /** Writes so many records from a position on; returns the position after them. */
  const writeRecords = ({ cells }: Batch, start: number, count: number): number => {
    let at = start
    for (let i = 0; i < count; i++) {
      const table = cells[at] as number
      const layout = LAYOUTS[table]
      const end = at + 1 + layout.columns.length
      if (layout.lateIndex !== null) rowsBehind++
      upsertOf(table).run(...cells.slice(at + 1, end))
      at = end
    }
    return at
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
        failures.push({ unit, message: describeFault(path, error) })
      }
    }
    return failures
  }

  return {
    /**
     * Writes all units, or returns those that could not be written and writes the others. Throws
     * when the fault lies with the disk or the file: then nothing was written.
     */
    writeBatch: (batch: Batch): UnitFailure[] => {
      const records = batch.unitSizes.reduce((sum, size) => sum + size, 0)
      try {
        inTransaction(() => writeRecords(batch, 0, records))
        return []
      } catch (error) {
        if (isGeneralFault(error)) throw error
        return writeOneByOne(batch)
      }
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
    /** Deletes the oldest rows from before a time, `limit` at most; returns how many. */
    prune: (table: PrunableTable, beforeMs: number, limit: number): number =>
      Number(db.prepare(pruneSql(table, SQLITE)).run(beforeMs, limit).changes),
  }
}
