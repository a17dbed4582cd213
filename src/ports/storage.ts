import { AppError, type ErrorCode } from '../errors.ts'
import type { Row, TableName } from './tables.ts'

/** One row to write; rows with the key of an existing row replace it whole. */
export type StoredRecord = {
  [T in TableName]: { readonly table: T; readonly row: Row<T> }
}[TableName]

export interface Query<T extends TableName> {
  /** All must be equal; null finds null, undefined is left out. Not for json columns. */
  readonly where?: Partial<Row<T>>
  /** `from <= column < to`. */
  readonly between?: { readonly column: keyof Row<T> & string; from?: number; to?: number }
  readonly orderBy?: keyof Row<T> & string
  readonly descending?: boolean
  readonly limit?: number
  readonly offset?: number
}

/** Append-only tables give each row a rising number. */
export type Stored<T extends TableName> = Row<T> & { readonly rowId: number }

/** What can be asked of what is stored. */
export interface StorageReader {
  /** Sees everything committed before the call. */
  query<T extends TableName>(table: T, query?: Query<T>): Promise<Stored<T>[]>
  count<T extends TableName>(table: T, query?: Query<T>): Promise<number>
}

/** Whether a failed write can never succeed: the records are at fault, and not the storage. */
export const isUnstorable = (error: unknown): boolean =>
  !(error instanceof AppError) || !MAY_RECOVER.includes(error.code)

const MAY_RECOVER: readonly ErrorCode[] = ['storage-failed', 'storage-overloaded']

export interface Storage extends StorageReader {
  /**
   * Writes all records or none; resolves when they would survive a power cut. Calls that arrive
   * close together share one commit. Rejects with AppError `storage-failed` (may be tried again),
   * `storage-overloaded` (too much is waiting), or `record-invalid`: these records can never be
   * written, and whoever keeps them in a queue must take them out of it.
   */
  commit(records: readonly StoredRecord[]): Promise<void>
  /** Written within 500 ms, or at `stop`. For what may be lost in a power cut. */
  append(record: StoredRecord): void
  /**
   * Deletes the rows that were received or made before the time (by our own clock: a station's may
   * be decades off). Returns how many.
   */
  prune(
    table: 'sample' | 'reading' | 'grant' | 'message' | 'plan' | 'forecast',
    beforeMs: number,
  ): Promise<number>
  stop(): Promise<void>
}
