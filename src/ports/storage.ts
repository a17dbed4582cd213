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

export interface Storage extends StorageReader {
  /**
   * Writes all records or none; resolves when they would survive a power cut. Calls that arrive
   * close together share one commit. Rejects with AppError `storage-failed` or, when too much is
   * waiting, `storage-overloaded`.
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
