import type { Migration } from './migration.ts'
import { packLoose, packStatements, type LooseTable } from './packing.ts'

const PLAN: LooseTable = { table: 'plan', columns: ['id', 'createdAtMs', 'document'] }

/** A plan of a thousand vehicles is 370 kB of text, and there are up to a hundred an hour. */
export const planPacks: Migration = {
  version: 6,
  name: 'plan-packs',
  sqlite: packStatements(PLAN),
  convert: (db) => packLoose(db, PLAN),
}
