import type { Migration } from './migration.ts'

/** Forecasts beside what came of them. */
export const forecast: Migration = {
  version: 2,
  name: 'forecast',
  sqlite: `
CREATE TABLE "forecast" (
  "rowId" INTEGER PRIMARY KEY,
  "kind" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "madeAtMs" INTEGER NOT NULL,
  "leadS" INTEGER NOT NULL,
  "quantiles" TEXT,
  "baseline" REAL,
  "actual" REAL,
  UNIQUE ("kind", "subject", "madeAtMs", "leadS")
) STRICT;
CREATE INDEX "forecast_madeAtMs" ON "forecast" ("madeAtMs");
`,
}
