import { existsSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Storage, StorageReader } from '../../ports/storage.ts'
import type { TableName } from '../../ports/tables.ts'
import { createBatchWriter, type BatchBounds, type WriterStats } from '../batch-writer.ts'
import { makeFolder } from '../folder.ts'
import type { PrunableTable } from '../layout.ts'
import { startCheckpoints } from './checkpoints.ts'
import { startWorker, workerUrl } from './link.ts'
import { createQueries } from './queries.ts'
import { createReader } from './reader.ts'
import type { PruneResult, WriteResult } from './write.ts'
import type { WriterData, WriterRequest, WriterValue } from './writer-worker.ts'

export interface SqliteOptions {
  /** The database file; made, with its folder, if there is none. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  readonly bounds?: Partial<SqliteBounds>
}

export interface SqliteBounds extends BatchBounds {
  readonly waitingQueries: number
  /** Rows that pruning deletes at a time: commits wait no longer than that takes. */
  readonly pruneRows: number
}

export interface SqliteStats extends WriterStats {
  readonly waitingQueries: number
}

export interface SqliteStorage extends Storage {
  /** There was no file at this path: nothing from before is known. */
  readonly isNew: boolean
  stats(): SqliteStats
  /** Why the last batch could not be written; `null` = it could. */
  fault(): string | null
}

/** Time for the rest of a running query, and for emptying the write-ahead log, at `stop`. */
const CLOSE_PATIENCE_MS = 5_000
/** Between two steps of pruning. */
const PRUNE_PAUSE_MS = 5

/** The lock goes by the file's name, so one file must have one name. */
const realPath = (path: string): string => {
  if (path === '' || path.startsWith(':') || path.startsWith('file:'))
    throw new AppError(
      'config-invalid',
      `storage.path "${path}" must be the path of a file, such as ./data/busbar.db`,
    )
  const absolute = resolve(path)
  return existsSync(absolute) ? realpathSync(absolute) : absolute
}

/**
 * Opens the database, brings it to this program's version and keeps other processes off it. Writing,
 * reading and checkpoints have a thread each: neither the event loop nor a commit ever waits for a
 * query, and hardly ever for a checkpoint.
 *
 * Rejects with `config-invalid` for a path that names no file, and with `storage-failed` when the
 * file cannot be used: not writable, damaged, in use, another program's, or a newer Busbar's.
 */
export const openSqliteStorage = async (options: SqliteOptions): Promise<SqliteStorage> => {
  const { clock, log, bounds = {} } = options
  const { waitingQueries = 1_000, pruneRows = 500 } = bounds
  const path = realPath(options.path)
  const isNew = !existsSync(path)
  // Here and not in the thread: its fault is told as it is.
  makeFolder(dirname(path))
  const link = await startWorker<WriterRequest, WriterValue>(
    workerUrl('writer-worker', import.meta.url),
    { path, nowMs: clock.now() } satisfies WriterData,
  )
  const checkpoints = await startCheckpoints(path, log)
  // Drivers and pages ask for single rows; nobody of them waits for a year of samples.
  const reader = createReader(path, waitingQueries)
  const historyReader = createReader(path, waitingQueries)
  const writer = createBatchWriter({
    clock,
    log,
    bounds,
    send: async (batch) => {
      const { failures, weight } = await link.request<WriteResult>({ kind: 'batch', batch })
      checkpoints.wrote(weight)
      return failures
    },
  })
  let stopped: Promise<void> | null = null

  const stopFault = (): AppError =>
    new AppError('storage-failed', 'the storage has been stopped; nothing more can be written')

  const prune = async (table: PrunableTable, beforeMs: number): Promise<number> => {
    let deleted = 0
    for (;;) {
      const request = { kind: 'prune', table, beforeMs, limit: pruneRows } as const
      const step = await link.request<PruneResult>(request)
      deleted += step.deleted
      if (step.isDone || stopped !== null) return deleted
      await new Promise<void>((resume) => clock.after(PRUNE_PAUSE_MS, resume))
    }
  }

  const stop = async (): Promise<void> => {
    await writer.drain()
    await reader.close(CLOSE_PATIENCE_MS)
    await historyReader.close(CLOSE_PATIENCE_MS)
    await checkpoints.close(CLOSE_PATIENCE_MS)
    await link.close(CLOSE_PATIENCE_MS)
  }

  return {
    isNew,
    commit: (records) => (stopped === null ? writer.commit(records) : Promise.reject(stopFault())),
    append: (record) => {
      if (stopped === null) writer.append(record)
      else
        log.error({ err: stopFault(), table: record.table, dropped: 1 }, 'records were not stored')
    },
    ...byTable(createQueries(reader), createQueries(historyReader)),
    prune,
    stop: () => (stopped ??= stop()),
    fault: () => writer.fault(),
    stats: () => ({
      ...writer.stats(),
      waitingQueries: reader.waiting() + historyReader.waiting(),
    }),
  }
}

/** Tables that grow with time: what is asked of them may read a year. */
const HISTORY: ReadonlySet<TableName> = new Set([
  'sample',
  'reading',
  'grant',
  'message',
  'plan',
  'forecast',
  'audit',
])

const byTable = (interactive: StorageReader, history: StorageReader): StorageReader => {
  const of = (table: TableName): StorageReader => (HISTORY.has(table) ? history : interactive)
  return {
    query: (table, query) => of(table).query(table, query),
    count: (table, query) => of(table).count(table, query),
  }
}
