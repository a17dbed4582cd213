import type { Migration } from './migration.ts'

/** What was learned of vehicles and station models. */
export const traits: Migration = {
  version: 7,
  name: 'traits',
  sqlite: `
CREATE TABLE "trait" (
  "rowId" INTEGER PRIMARY KEY,
  "kind" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "document" TEXT,
  "updatedAtMs" INTEGER,
  UNIQUE ("kind", "subject")
) STRICT;
`,
}
