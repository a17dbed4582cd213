import { workerData } from 'node:worker_threads'
import type { Batch } from '../batch.ts'
import type { PrunableTable } from '../layout.ts'
import { openDatabase } from './database.ts'
import { serve } from './serve.ts'
import { createDatabaseWriter, type PruneResult, type WriteResult } from './write.ts'

export interface WriterData {
  readonly path: string
  readonly nowMs: number
}

export type WriterRequest =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | {
      readonly kind: 'prune'
      readonly table: PrunableTable
      readonly beforeMs: number
      readonly limit: number
    }

export type WriterValue = WriteResult | PruneResult

const { path, nowMs } = workerData as WriterData

serve<WriterRequest, WriterValue>(path, () => {
  const database = openDatabase(path, nowMs)
  const writer = createDatabaseWriter(database.db, path)

  /** After the answer: who waits for a commit does not wait for an index. */
  const catchUpLater = (): void => {
    if (!writer.isBehind()) return
    setImmediate(() => {
      try {
        if (writer.isBehind()) writer.catchUp()
      } catch {
        // The next batch meets the same fault, reports it, and tries this again.
      }
    })
  }

  return {
    handle: (request) => {
      switch (request.kind) {
        case 'batch': {
          const result = writer.writeBatch(request.batch)
          catchUpLater()
          return result
        }
        case 'prune':
          return writer.prune(request.table, request.beforeMs, request.limit)
      }
    },
    close: database.close,
  }
})
