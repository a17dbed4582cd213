import type { DatabaseSync } from 'node:sqlite'

/**
 * One step from one version of the database to the next. A step that was released is never changed:
 * a mistake in it is put right by a further step.
 */
export interface Migration {
  /** 1, 2, 3, ... without gaps. */
  readonly version: number
  readonly name: string
  /** SQL statements, each with its semicolon; they run in one transaction. */
  readonly sqlite: string
  /** What SQL cannot say, after the statements and in their transaction. */
  readonly convert?: (db: DatabaseSync) => void
}
