import { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../errors.ts'
import type { StorageReader } from '../../ports/storage.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { describeFault } from './faults.ts'
import { checkCurrent } from './migrate.ts'
import { createQueries } from './queries.ts'
import { createReader } from './reader.ts'

export interface StoredFile extends StorageReader {
  stop(): Promise<void>
}

/** One asks at a time. */
const WAITING_QUERIES = 100
const CLOSE_PATIENCE_MS = 5_000

/**
 * Opens a database to look into it, whether a Busbar runs on it or not; nothing in it is changed.
 * Throws `storage-failed` when there is no such file, or when it is not of this program's version.
 */
export const openStoredFile = (path: string): StoredFile => {
  check(path)
  const reader = createReader(path, WAITING_QUERIES)
  return { ...createQueries(reader), stop: () => reader.close(CLOSE_PATIENCE_MS) }
}

const check = (path: string): void => {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path, { readOnly: true })
    checkCurrent(db, MIGRATIONS)
  } catch (error) {
    throw new AppError('storage-failed', describeFault(path, error), { cause: error })
  } finally {
    db?.close()
  }
}
