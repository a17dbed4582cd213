import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import type { WaitingBatch } from './batch.ts'
import { layoutNamed, type Cell } from './layout.ts'
import { encodeRecord } from './rows.ts'

export interface GatheringBounds {
  /** Time that rows wait for others. */
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
 * Appended rows of packed tables (every OCPP frame, every grant): the more of them come together, the
 * smaller is each of them on the disk.
 *
 * Rows gather for a window and then leave in portions, while the next ones gather. Their bounds are
 * their own: however many there are, no commit is refused because of them.
 */
export interface Gathering {
  /** False: its table is not packed. Throws `storage-failed` for a bad record. */
  add(record: StoredRecord): boolean
  /** Whether a portion waits to be taken. */
  isDue(): boolean
  /** Moves a portion into a batch. */
  moveTo(batch: WaitingBatch): void
  /** What has gathered so far is due now. */
  hurry(): void
  stats(): GatheringStats
}

/** Rows that leave together. */
interface Sheaf {
  /** As in a `Batch`. */
  readonly cells: Cell[]
  records: number
  bytes: number
}

const SHEAF_RECORDS = 100
/** Parts in which all that waits is taken at most: the more there is, the larger they are. */
const PORTIONS = 4
/** Share of the bounds below which an overload is over. */
const RELIEVED = 0.5

export const createGathering = ({ clock, log, bounds, onDue }: GatheringOptions): Gathering => {
  let gathering: Sheaf[] = []
  let due: Sheaf[] = []
  let isWaiting = false
  let isOverloaded = false
  const stats = { gatheredRecords: 0, gatheredBytes: 0, droppedRecords: 0 }

  const isBelow = (share: number): boolean =>
    stats.gatheredRecords < share * bounds.gatheredRecords &&
    stats.gatheredBytes < share * bounds.gatheredBytes

  const hurry = (): void => {
    if (due.length === 0) [gathering, due] = [due, gathering]
  }

  const wait = (): void => {
    if (isWaiting) return
    isWaiting = true
    clock.after(bounds.gatherWindowMs, () => {
      isWaiting = false
      hurry()
      if (gathering.length > 0) wait()
      if (due.length > 0) onDue()
    })
  }

  const openSheaf = (): Sheaf => {
    const last = gathering.at(-1)
    if (last !== undefined && last.records < SHEAF_RECORDS) return last
    const sheaf: Sheaf = { cells: [], records: 0, bytes: 0 }
    gathering.push(sheaf)
    return sheaf
  }

  const add = (record: StoredRecord): boolean => {
    if (!layoutNamed(record.table)?.packed) return false
    if (!isBelow(1)) {
      // Not logged one by one: there may be thousands.
      if (!isOverloaded)
        log.warn({ ...stats, table: record.table }, 'records are dropped: too many')
      isOverloaded = true
      stats.droppedRecords++
      return true
    }
    const sheaf = openSheaf()
    const bytes = encodeRecord(record, sheaf.cells)
    sheaf.records++
    sheaf.bytes += bytes
    stats.gatheredRecords++
    stats.gatheredBytes += bytes
    wait()
    return true
  }

  const move = ({ cells, records, bytes }: Sheaf, batch: WaitingBatch): void => {
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
    const enough = batch.records + Math.max(bounds.portionRecords, stats.gatheredRecords / PORTIONS)
    let taken = 0
    while (taken < due.length && batch.records < enough) move(due[taken++], batch)
    due.splice(0, taken)
    if (!isOverloaded || !isBelow(RELIEVED)) return
    isOverloaded = false
    log.info({ ...stats }, 'no more records are dropped')
  }

  return { add, isDue: () => due.length > 0, moveTo, hurry, stats: () => ({ ...stats }) }
}
