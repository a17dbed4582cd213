import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import type { TableName } from '../ports/tables.ts'
import type { WaitingBatch } from './batch.ts'
import { layoutNamed, type Cell } from './layout.ts'
import { encodeRecord } from './rows.ts'

export interface GatheringBounds {
  /** Time that rows wait for others of their group. */
  readonly gatherWindowMs: number
  /** Rows that a batch takes along at least: what a commit in it waits for them. */
  readonly portionRecords: number
  /** Rows and bytes that may wait, before more are dropped. */
  readonly gatheredRecords: number
  readonly gatheredBytes: number
}

export const DEFAULT_GATHERING: GatheringBounds = {
  gatherWindowMs: 250,
  portionRecords: 500,
  gatheredRecords: 50_000,
  gatheredBytes: 32 * 1024 * 1024,
}

export interface GatheringOptions {
  readonly clock: Clock
  readonly log: Log
  readonly bounds: GatheringBounds
  /** There is something to take. */
  readonly onDue: () => void
}

export interface GatheringStats {
  readonly gatheredRecords: number
  readonly gatheredBytes: number
  /** Because too many were waiting. */
  readonly droppedRecords: number
}

/**
 * Appended rows of tables that grow fast (every OCPP frame, every grant), brought into the order of
 * their index. A row that comes alone to its place in an index costs a page of the write-ahead log
 * (4 KB), whatever its size; rows that come together share it: 15 us a row become 4.
 *
 * Rows gather for a window and then leave in portions, while the next ones gather. Their bounds are
 * their own: however many there are, no commit is refused because of them.
 */
export interface Gathering {
  /** False: its table is not gathered. Throws `storage-failed` for a bad record. */
  add(record: StoredRecord): boolean
  /** Whether a portion waits to be taken. */
  isDue(): boolean
  /** Moves a portion into a batch; a group stays whole. */
  moveTo(batch: WaitingBatch): void
  /** What has gathered so far is due now. */
  hurry(): void
  stats(): GatheringStats
}

/** Rows of one table with the same value in the column that they are gathered by. */
interface Group {
  /** As in a `Batch`. */
  readonly cells: Cell[]
  records: number
  bytes: number
}

/** By table and value; a table without groups has no entry. */
type Groups = Map<TableName, Map<unknown, Group>>

/** Parts in which all that waits is taken at most: the more there is, the larger they are. */
const PORTIONS = 4
/** Share of the bounds below which an overload is over. */
const RELIEVED = 0.5

export const createGathering = ({ clock, log, bounds, onDue }: GatheringOptions): Gathering => {
  let gathering: Groups = new Map()
  let due: Groups = new Map()
  let isWaiting = false
  let isOverloaded = false
  const stats = { gatheredRecords: 0, gatheredBytes: 0, droppedRecords: 0 }

  const isBelow = (share: number): boolean =>
    stats.gatheredRecords < share * bounds.gatheredRecords &&
    stats.gatheredBytes < share * bounds.gatheredBytes

  const hurry = (): void => {
    if (due.size === 0) [gathering, due] = [due, gathering]
  }

  const wait = (): void => {
    if (isWaiting) return
    isWaiting = true
    clock.after(bounds.gatherWindowMs, () => {
      isWaiting = false
      hurry()
      if (gathering.size > 0) wait()
      if (due.size > 0) onDue()
    })
  }

  const groupOf = (table: TableName, value: unknown): Group => {
    let groups = gathering.get(table)
    if (groups === undefined) gathering.set(table, (groups = new Map()))
    let group = groups.get(value)
    if (group === undefined) groups.set(value, (group = { cells: [], records: 0, bytes: 0 }))
    return group
  }

  const add = (record: StoredRecord): boolean => {
    const gatherBy = layoutNamed(record.table)?.gatherBy ?? null
    if (gatherBy === null) return false
    if (!isBelow(1)) {
      // Not logged one by one: there may be thousands.
      if (!isOverloaded)
        log.warn({ ...stats, table: record.table }, 'records are dropped: too many')
      isOverloaded = true
      stats.droppedRecords++
      return true
    }
    const value = (record.row as Readonly<Record<string, unknown>>)[gatherBy]
    const group = groupOf(record.table, value)
    const bytes = encodeRecord(record, group.cells)
    group.records++
    group.bytes += bytes
    stats.gatheredRecords++
    stats.gatheredBytes += bytes
    wait()
    return true
  }

  const move = ({ cells, records, bytes }: Group, batch: WaitingBatch): void => {
    for (const cell of cells) batch.cells.push(cell)
    for (let i = 0; i < records; i++) {
      batch.unitSizes.push(1)
      batch.waiters.push(null)
    }
    batch.records += records
    batch.bytes += bytes
    stats.gatheredRecords -= records
    stats.gatheredBytes -= bytes
  }

  const moveTo = (batch: WaitingBatch): void => {
    const portion = Math.max(bounds.portionRecords, stats.gatheredRecords / PORTIONS)
    const enough = batch.records + portion
    for (const [table, groups] of due) {
      for (const [value, group] of groups) {
        if (batch.records >= enough) break
        groups.delete(value)
        move(group, batch)
      }
      if (groups.size === 0) due.delete(table)
    }
    if (!isOverloaded || !isBelow(RELIEVED)) return
    isOverloaded = false
    log.info({ ...stats }, 'no more records are dropped')
  }

  return { add, isDue: () => due.size > 0, moveTo, hurry, stats: () => ({ ...stats }) }
}
