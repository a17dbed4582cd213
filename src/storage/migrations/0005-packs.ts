import type { Migration } from './migration.ts'
import { packLoose, packStatements, type LooseTable } from './packing.ts'

const TABLES: readonly LooseTable[] = [
  {
    table: 'message',
    columns: ['stationId', 'atMs', 'direction', 'kind', 'action', 'messageId', 'text'],
  },
  { table: 'grant', columns: ['key', 'atMs', 'limitA', 'reasons'] },
]

/**
 * Frames and grants in packs (`pack.ts`): one by one, each with two indexes, they took ten times as
 * much of the disk, and most of what was written to it.
 */
export const packs: Migration = {
  version: 5,
  name: 'packs',
  sqlite: TABLES.map(packStatements).join(''),
  convert: (db) => {
    for (const table of TABLES) packLoose(db, table)
  },
}
