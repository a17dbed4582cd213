import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { serve } from './serve.ts'

export interface CheckpointData {
  readonly path: string
}

export type CheckpointRequest = 'checkpoint'

const { path } = workerData as CheckpointData

/** Moves the write-ahead log into the database while the writer goes on writing. */
serve<CheckpointRequest, null>(path, () => {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA synchronous = FULL')
  return {
    handle: () => {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      return null
    },
    close: () => db.close(),
  }
})
