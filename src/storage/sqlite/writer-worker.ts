import { workerData } from 'node:worker_threads'
import type { Batch, UnitFailure } from '../batch.ts'
import type { PrunableTable } from '../layout.ts'
import { openDatabase } from './database.ts'
import { serve } from './serve.ts'
import { createDatabaseWriter } from './write.ts'

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

export type WriterValue =
  | { readonly kind: 'batch'; readonly failures: readonly UnitFailure[] }
  | { readonly kind: 'prune'; readonly deleted: number }

const { path, nowMs } = workerData as WriterData

serve<WriterRequest, WriterValue>(path, () => {
  const database = openDatabase(path, nowMs)
  const writer = createDatabaseWriter(database.db, path)
  return {
    handle: (request) => {
      switch (request.kind) {
        case 'batch':
          return { kind: 'batch', failures: writer.writeBatch(request.batch) }
        case 'prune':
          return {
            kind: 'prune',
            deleted: writer.prune(request.table, request.beforeMs, request.limit),
          }
      }
    },
    close: database.close,
  }
})
