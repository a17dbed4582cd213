import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { StoredRecord } from '../ports/storage.ts'
import {
  addUnit,
  emptyBatch,
  failBatch,
  settleBatch,
  type Batch,
  type UnitFailure,
  type Waiter,
  type WaitingBatch,
} from './batch.ts'
import { createGathering, DEFAULT_GATHERING, type GatheringBounds } from './gathering.ts'

export interface BatchWriterOptions {
  /** Resolves when the batch is durable; rejects when nothing of it was written. */
  readonly send: (batch: Batch) => Promise<readonly UnitFailure[]>
  readonly clock: Clock
  readonly log: Log
  readonly bounds?: Partial<BatchBounds>
}

export interface BatchBounds extends GatheringBounds {
  /** Shortest time from a batch of several units to the next. */
  readonly windowMs: number
  /** Longest time that appended records wait for company. */
  readonly appendWindowMs: number
  /** A batch with this many records waits no longer, as long as more may be on their way. */
  readonly eagerRecords: number
  /** A batch with this many records is closed; a single unit may have more. */
  readonly batchRecords: number
  /**
   * Batches on their way: one that is written, and one that waits, so that the other thread never
   * does. With more of them the batches are smaller, and each pays for a flush of the disk.
   */
  readonly batchesInFlight: number
  /** Records and bytes that may wait or be on their way, before more are refused. */
  readonly waitingRecords: number
  readonly waitingBytes: number
}

export const DEFAULT_BOUNDS: BatchBounds = {
  ...DEFAULT_GATHERING,
  windowMs: 1,
  appendWindowMs: 250,
  eagerRecords: 512,
  batchRecords: 2_000,
  batchesInFlight: 2,
  waitingRecords: 100_000,
  waitingBytes: 64 * 1024 * 1024,
}

export interface WriterStats {
  readonly batches: number
  /** Records that became durable. */
  readonly records: number
  readonly waitingRecords: number
  readonly waitingBytes: number
  /** Commits that were refused because too much was waiting. */
  readonly refusedCommits: number
  /** Appended records that were lost: bad, refused, or not written. */
  readonly droppedAppends: number
}

export interface BatchWriter {
  commit(records: readonly StoredRecord[]): Promise<void>
  append(record: StoredRecord): void
  /** Writes all that waits; resolves when nothing is on its way any more. */
  drain(): Promise<void>
  stats(): WriterStats
  /** Why the last batch could not be written; `null` = it could. */
  fault(): string | null
}

/**
 * Gathers writes into batches (group commit): the price of a disk flush is paid per batch, not per
 * message. A commit that comes alone goes out at once. As soon as a batch had several units there is
 * company to wait for, and the next starts no sooner than `windowMs` after it. Appended records start
 * a batch only after `appendWindowMs`, and otherwise travel with the next. Writes keep their order,
 * but for appended records of tables that are gathered (`gathering.ts`): of those each batch takes a
 * portion along.
 */
export const createBatchWriter = (options: BatchWriterOptions): BatchWriter => {
  const { send, clock, log } = options
  const bounds: BatchBounds = { ...DEFAULT_BOUNDS, ...options.bounds }
  let filling = emptyBatch()
  const gathering = createGathering({ clock, log, bounds, onDue: () => start() })
  const closed: WaitingBatch[] = []
  /** Whether the batch that is being filled may go as soon as another has arrived. */
  let isDue = false
  let timer: { readonly dueMs: number; readonly cancel: () => void } | null = null
  let lastStartMs = -Infinity
  let lastUnits = 0
  let inFlight = 0
  let isOverloaded = false
  let failure: string | null = null
  let drained: PromiseWithResolvers<void> | null = null
  const waiting = { waitingRecords: 0, waitingBytes: 0 }
  const counts = { batches: 0, records: 0, refusedCommits: 0, droppedAppends: 0 }

  const drop = (lost: number, err: unknown): void => {
    counts.droppedAppends += lost
    log.error({ err, dropped: lost }, 'records were not stored')
  }

  const deliver = async (batch: WaitingBatch): Promise<void> => {
    const { cells, unitSizes } = batch
    try {
      const { written, lost, fault } = settleBatch(batch, await send({ cells, unitSizes }))
      counts.records += written
      if (lost > 0) drop(lost, fault)
      if (failure !== null) log.info({ ...counts }, 'storage writes again')
      failure = null
    } catch (error) {
      const { lost, fault } = failBatch(batch, error)
      counts.droppedAppends += lost
      // Once per outage; the number that was lost meanwhile is in the line that ends it.
      if (failure === null) log.error({ err: fault, dropped: lost }, 'storage cannot write')
      failure = fault?.message ?? 'the batch could not be written'
    }
    inFlight--
    waiting.waitingRecords -= batch.records
    waiting.waitingBytes -= batch.bytes
    if (isOverloaded && isBelow(0.5)) {
      isOverloaded = false
      log.info({ ...waiting, ...counts }, 'storage accepts writes again')
    }
    start()
  }

  const isBelow = (share: number): boolean =>
    waiting.waitingRecords <= share * bounds.waitingRecords &&
    waiting.waitingBytes <= share * bounds.waitingBytes

  const takeFilling = (): WaitingBatch => {
    const batch = filling
    filling = emptyBatch()
    isDue = false
    timer?.cancel()
    timer = null
    return batch
  }

  /** The next batch that may go, with a portion of the gathered records; null = none. */
  const takeNext = (): WaitingBatch | null => {
    const isReady = filling.records > 0 && (isDue || drained !== null)
    let batch = closed.shift() ?? (isReady ? takeFilling() : null)
    if (batch !== null) {
      lastStartMs = clock.now()
      lastUnits = batch.unitSizes.length
    }
    // Portions without company go one by one: a commit shall soon find the other thread free.
    else if (inFlight === 0 && gathering.isDue()) batch = emptyBatch()
    if (batch === null) return null
    const { records, bytes } = batch
    gathering.moveTo(batch)
    waiting.waitingRecords += batch.records - records
    waiting.waitingBytes += batch.bytes - bytes
    return batch
  }

  /** Sends what may go now. */
  const start = (): void => {
    if (drained !== null) gathering.hurry()
    while (inFlight < bounds.batchesInFlight) {
      const batch = takeNext()
      if (batch === null) break
      inFlight++
      counts.batches++
      void deliver(batch)
    }
    if (inFlight > 0 || drained === null) return
    drained.resolve()
    drained = null
  }

  const wake = (delayMs: number): void => {
    if (isDue) return
    const dueMs = clock.now() + delayMs
    if (timer !== null && timer.dueMs <= dueMs) return
    timer?.cancel()
    timer = null
    if (delayMs > 0) {
      const run = (): void => {
        timer = null
        isDue = true
        start()
      }
      timer = { dueMs, cancel: clock.after(delayMs, run) }
    } else {
      isDue = true
      // After this turn's other callers, so that what comes together goes together.
      queueMicrotask(start)
    }
  }

  /** What is left of the window; the wall clock may have been set back meanwhile. */
  const commitDelayMs = (): number =>
    lastUnits < 2
      ? 0
      : Math.min(bounds.windowMs, Math.max(0, lastStartMs + bounds.windowMs - clock.now()))

  const add = (records: readonly StoredRecord[], waiter: Waiter | null, delayMs: number): void => {
    waiting.waitingBytes += addUnit(filling, records, waiter)
    waiting.waitingRecords += records.length
    if (filling.records < bounds.batchRecords) {
      const isEager = filling.records >= bounds.eagerRecords && inFlight < bounds.batchesInFlight
      wake(isEager ? 0 : delayMs)
      return
    }
    closed.push(takeFilling())
    queueMicrotask(start)
  }

  const overload = (records: number): AppError | null => {
    if (isBelow(1) && waiting.waitingRecords + records <= bounds.waitingRecords) return null
    if (!isOverloaded) log.warn({ ...waiting }, 'storage is overloaded and refuses writes')
    isOverloaded = true
    return new AppError(
      'storage-overloaded',
      `${records} more records are too many: ${waiting.waitingRecords} records ` +
        `(${waiting.waitingBytes} bytes) already wait to be written, the bounds are ` +
        `${bounds.waitingRecords} records and ${bounds.waitingBytes} bytes`,
      { details: { ...waiting } },
    )
  }

  const commit = (records: readonly StoredRecord[]): Promise<void> => {
    if (records.length === 0) return Promise.resolve()
    const refusal = overload(records.length)
    if (refusal !== null) {
      counts.refusedCommits++
      return Promise.reject(refusal)
    }
    return new Promise((resolve, reject) => {
      // A bad record throws here, which rejects this promise and touches no other.
      add(records, { resolve, reject }, commitDelayMs())
    })
  }

  const append = (record: StoredRecord): void => {
    try {
      if (gathering.add(record)) return
      if (overload(1) === null) add([record], null, bounds.appendWindowMs)
      // Not logged one by one: there may be thousands.
      else counts.droppedAppends++
    } catch (error) {
      drop(1, error)
    }
  }

  const drain = (): Promise<void> => {
    drained ??= Promise.withResolvers<void>()
    const { promise } = drained
    start()
    return promise
  }

  return {
    commit,
    append,
    drain,
    fault: () => failure,
    stats: () => {
      const { gatheredRecords, gatheredBytes, droppedRecords } = gathering.stats()
      return {
        ...counts,
        waitingRecords: waiting.waitingRecords + gatheredRecords,
        waitingBytes: waiting.waitingBytes + gatheredBytes,
        droppedAppends: counts.droppedAppends + droppedRecords,
      }
    },
  }
}
