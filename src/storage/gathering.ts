import type { StoredRecord } from '../ports/storage.ts'
import type { WaitingBatch } from './batch.ts'
import { layoutNamed, type Cell } from './layout.ts'
import { encodeRecord } from './rows.ts'

/** Rows of one table with the same value in the column that they are gathered by. */
interface Group {
  /** As in a `Batch`. */
  readonly cells: Cell[]
  records: number
  bytes: number
}

/**
 * Appended rows of tables that grow fast (every OCPP frame, every grant), brought into the order of
 * their index. A row that comes alone to its place in an index costs a page of the write-ahead log
 * (4 KB), whatever its size; rows that come together share it: 15 us a row become 3.
 */
export interface Gathering {
  readonly records: number
  /**
   * Takes a record and returns about how many bytes it has; null for a table that is not gathered.
   * Throws `storage-failed` for a bad record.
   */
  add(record: StoredRecord): number | null
  /** Moves groups into a batch until that has so many records more; a group stays whole. */
  moveTo(batch: WaitingBatch, records: number): void
}

export const createGathering = (): Gathering => {
  const groups = new Map<string, Group>()
  let records = 0

  const groupOf = (name: string): Group => {
    let group = groups.get(name)
    if (group === undefined) {
      group = { cells: [], records: 0, bytes: 0 }
      groups.set(name, group)
    }
    return group
  }

  const add = (record: StoredRecord): number | null => {
    const gatherBy = layoutNamed(record.table)?.gatherBy ?? null
    if (gatherBy === null) return null
    const value = (record.row as Readonly<Record<string, unknown>>)[gatherBy]
    const group = groupOf(`${record.table}/${String(value)}`)
    const bytes = encodeRecord(record, group.cells)
    group.records++
    group.bytes += bytes
    records++
    return bytes
  }

  const moveTo = (batch: WaitingBatch, count: number): void => {
    const enough = batch.records + count
    for (const [name, group] of groups) {
      if (batch.records >= enough) return
      groups.delete(name)
      for (const cell of group.cells) batch.cells.push(cell)
      for (let i = 0; i < group.records; i++) {
        batch.unitSizes.push(1)
        batch.waiters.push(null)
      }
      batch.records += group.records
      batch.bytes += group.bytes
      records -= group.records
    }
  }

  return {
    get records() {
      return records
    },
    add,
    moveTo,
  }
}
