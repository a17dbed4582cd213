import { DatabaseSync } from 'node:sqlite'

/** A restart may overlap for a moment with the process that it replaces. */
const PATIENCE_MS = 1_000

/**
 * Keeps a second process off a database, for as long as the returned connection lives. The lock is a
 * transaction that stays open on an empty database beside the real one: the operating system ends it
 * with the process, however that dies, so there is nothing stale to clean up. (Locking the database
 * itself would lock out our own reader.) Throws if another process, or another storage of this one,
 * has it.
 */
export const lockDatabase = (path: string): DatabaseSync => {
  const lock = new DatabaseSync(`${path}.lock`)
  try {
    lock.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}; BEGIN EXCLUSIVE`)
  } catch (error) {
    lock.close()
    throw error
  }
  return lock
}
