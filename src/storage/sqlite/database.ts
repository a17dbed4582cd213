import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../folder.ts'
import { MIGRATIONS } from '../migrations/index.ts'
import { lockDatabase } from './lock.ts'
import { checkOwner, migrate } from './migrate.ts'

/**
 * Pages (4 KB) in the write-ahead log before a commit moves them into the database, and takes longer
 * for it. checkpoints.ts does that beside the writer; this many only gather when it falls behind,
 * and then most of them have been moved and the log can begin anew.
 */
const CHECKPOINT_PAGES = 16_000

export interface OpenDatabase {
  readonly db: DatabaseSync
  /** Versions that were applied on opening. */
  readonly migrated: readonly number[]
  /** Closes, which empties the write-ahead log, and lets others in. */
  readonly close: () => void
}

/** The file holds password hashes: if it must be made, then for its owner alone. */
const createFile = (path: string): void => {
  makeFolder(dirname(path))
  closeSync(openSync(path, 'a', 0o600))
}

/** Opens for writing, alone on the file. Throws with the file unchanged if it cannot be ours. */
export const openDatabase = (path: string, nowMs: number): OpenDatabase => {
  createFile(path)
  const lock = lockDatabase(path)
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(path)
    // Before the journal's mode is set, which changes the file.
    checkOwner(db, MIGRATIONS)
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * 4096};
      PRAGMA cache_size = -16384;
    `)
    const migrated = migrate(db, MIGRATIONS, nowMs)
    const opened = db
    return {
      db: opened,
      migrated,
      close: () => {
        opened.close()
        lock.close()
      },
    }
  } catch (error) {
    db?.close()
    lock.close()
    throw error
  }
}
