import type { Migration } from './migration.ts'

/**
 * The index of samples by station and time becomes a table that may lag behind (`late-index.ts`):
 * kept up row by row, it made half of what was written to the disk.
 */
export const lateSampleIndex: Migration = {
  version: 4,
  name: 'late-sample-index',
  sqlite: `
DROP INDEX "sample_stationId_measuredAtMs";
CREATE TABLE "sample_late" (
  "stationId" TEXT NOT NULL,
  "measuredAtMs" INTEGER NOT NULL,
  "rowId" INTEGER NOT NULL,
  PRIMARY KEY ("stationId", "measuredAtMs", "rowId")
) STRICT, WITHOUT ROWID;
CREATE TABLE "sample_late_end" ("upTo" INTEGER NOT NULL) STRICT;
INSERT INTO "sample_late"
  SELECT "stationId", coalesce("measuredAtMs", 0), "rowId" FROM "sample"
  WHERE "stationId" IS NOT NULL;
INSERT INTO "sample_late_end" SELECT coalesce(max("rowId"), 0) FROM "sample";
CREATE TRIGGER "sample_late_delete" AFTER DELETE ON "sample" BEGIN
  DELETE FROM "sample_late" WHERE "stationId" = OLD."stationId"
    AND "measuredAtMs" = coalesce(OLD."measuredAtMs", 0) AND "rowId" = OLD."rowId";
END;
`,
}
