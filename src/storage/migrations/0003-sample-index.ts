import type { Migration } from './migration.ts'

/**
 * The samples of a transaction are found by their station and time: this index was never chosen by
 * a query, and cost every insert.
 */
export const sampleIndex: Migration = {
  version: 3,
  name: 'sample-index',
  sqlite: `DROP INDEX "sample_transactionId";`,
}
